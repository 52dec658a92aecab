"""Application: committee."""

from django.apps import AppConfig


class CommitteeConfig(AppConfig):
    """Registers this application with Django, and its page with the navigation."""

    name = "governance.committee"
    label = "committee"

    def ready(self) -> None:
        """Fill the slot."""
        from governance.committee import menu  # noqa: PLC0415  needs loaded models

        menu.register()
