"""Application: policy."""

from django.apps import AppConfig

from governance.policy import refusals


class PolicyConfig(AppConfig):
    """Registers this application with Django, and its sentences with the ledger."""

    name = "governance.policy"
    label = "policy"

    def ready(self) -> None:
        """Say what violated constraints mean."""
        refusals.register()
