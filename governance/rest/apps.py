"""Application: rest."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    """Registers this application with Django, and the check that every API address declares its rights."""

    name = "governance.rest"
    label = "rest"

    def ready(self) -> None:
        """Register the start-up checks and the schema's knowledge of our own classes."""
        from governance.rest import checks, schema  # noqa: F401, PLC0415  models must be loaded first
