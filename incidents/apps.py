"""Application: incidents."""

from django.apps import AppConfig

from incidents import facts


class IncidentsConfig(AppConfig):
    """Registers this application with Django, and its facts with the policy."""

    name = "incidents"

    def ready(self) -> None:
        """Fill the registries of the applications to the left."""
        facts.register()
