"""Application: validation."""

from django.apps import AppConfig


class ValidationConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.validation"
    label = "validation"
