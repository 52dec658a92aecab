"""Application: web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers this application with Django, and what every portal has in its navigation."""

    name = "governance.web"
    label = "web"

    def ready(self) -> None:
        """Fill the slots."""
        from governance.web import menu  # noqa: PLC0415  models are not ready before this

        menu.register()
