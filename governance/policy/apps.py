"""Application: policy."""

from django.apps import AppConfig

from governance.policy import audited, certified, changing, controlled, exposure, refusals, watched


class PolicyConfig(AppConfig):
    """Registers this application with Django, and its sentences with the ledger."""

    name = "governance.policy"
    label = "policy"

    def ready(self) -> None:
        """Complete the vocabulary of checks; say what violated constraints mean."""
        from governance.policy import menu  # noqa: PLC0415  needs loaded models

        menu.register()
        audited.register()
        certified.register()
        changing.register()
        controlled.register()
        exposure.register()
        watched.register()
        refusals.register()
