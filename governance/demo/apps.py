"""Application: demo."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the demonstration's command; it has no tables of its own."""

    name = "governance.demo"
    label = "demo"
