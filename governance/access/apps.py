"""Application: access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.access"
    label = "access"
