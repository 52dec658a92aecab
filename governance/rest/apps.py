"""Application: rest."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.rest"
    label = "rest"
