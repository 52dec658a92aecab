"""Application: policy."""

from django.apps import AppConfig

from governance.policy import changing, exposure, refusals


class PolicyConfig(AppConfig):
    """Registers this application with Django, and its sentences with the ledger."""

    name = "governance.policy"
    label = "policy"

    def ready(self) -> None:
        """Complete the vocabulary of checks; say what violated constraints mean."""
        changing.register()
        exposure.register()
        refusals.register()
