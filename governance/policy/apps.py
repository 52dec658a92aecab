"""Application: policy."""

from django.apps import AppConfig

from governance.policy import exposure, refusals


class PolicyConfig(AppConfig):
    """Registers this application with Django, and its sentences with the ledger."""

    name = "governance.policy"
    label = "policy"

    def ready(self) -> None:
        """Complete the vocabulary of checks; say what violated constraints mean."""
        exposure.register()
        refusals.register()
