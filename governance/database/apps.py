"""Application: database."""

from importlib import import_module

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.database"
    label = "database"

    def ready(self) -> None:
        """Register the deployment check."""
        import_module("governance.database.checks")
