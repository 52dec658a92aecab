"""Application: notifications."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Registers this application with Django, its places on pages and its figures."""

    name = "governance.notify"
    label = "notify"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Fill the slots."""
        from governance.notify import pages  # noqa: PLC0415  needs loaded models

        pages.register()
