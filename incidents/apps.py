"""Application: incidents."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers this application with Django."""

    name = "incidents"
