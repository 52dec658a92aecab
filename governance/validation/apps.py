"""Application: validation."""

from django.apps import AppConfig

from governance.validation import facts, refusals


class ValidationConfig(AppConfig):
    """Registers this application with Django, its facts, and what it says when the database refuses."""

    name = "governance.validation"
    label = "validation"

    def ready(self) -> None:
        """Fill the registries of the applications to the left."""
        facts.register()
        refusals.register()
