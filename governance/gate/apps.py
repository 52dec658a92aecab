"""Application: gate."""

from django.apps import AppConfig


class GateConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.gate"
    label = "gate"
