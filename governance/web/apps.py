"""Application: web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.web"
    label = "web"
