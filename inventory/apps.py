"""Application: inventory."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Registers this application with Django."""

    name = "inventory"
