"""Application: changes."""

from django.apps import AppConfig

from governance.changes import facts, refusals


class ChangesConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "governance.changes"

    def ready(self) -> None:
        """Its facts, its places on pages, and what it says when the database refuses."""
        from governance.changes import pages  # noqa: PLC0415  needs loaded models
        from governance.changes.api import parts  # noqa: PLC0415  the same

        facts.register()
        refusals.register()
        pages.register()
        parts.register()
