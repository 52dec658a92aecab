"""Application: validation."""

from django.apps import AppConfig

from governance.validation import facts


class ValidationConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.validation"
    label = "validation"

    def ready(self) -> None:
        """Tell the policy where its facts come from."""
        facts.register()
