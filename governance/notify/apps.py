"""Application: notifications."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Registers this application with Django, its places on pages and its figures."""

    name = "governance.notify"
    label = "notify"
    verbose_name = "Notifications"
