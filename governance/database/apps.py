"""Application: database."""

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.database"
    label = "database"
