"""Application: incidents."""

from django.apps import AppConfig

from incidents import facts, refusals


class IncidentsConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "incidents"

    def ready(self) -> None:
        """Its facts, its places on pages, and what it says when the database refuses."""
        facts.register()
        refusals.register()
