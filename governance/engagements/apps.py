"""Application: engagements."""

from django.apps import AppConfig

from governance.engagements import refusals


class EngagementsConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "governance.engagements"
    label = "engagements"

    def ready(self) -> None:
        """Its places on pages, and what it says when the database refuses."""
        from governance.engagements import pages  # noqa: PLC0415  needs loaded models

        refusals.register()
        pages.register()
