"""Application: access."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers this application with Django, and what a changed second factor does to sessions."""

    name = "governance.access"
    label = "access"
    verbose_name = "People and access"

    def ready(self) -> None:
        """A changed second factor ends the person's other sessions."""
        from allauth.mfa import signals  # noqa: PLC0415  needs loaded models

        import_module("governance.access.services.people")  # registers what its constraints say
        for changed in (signals.authenticator_added, signals.authenticator_removed, signals.authenticator_reset):
            changed.connect(_second_factor_changed, dispatch_uid="access.second_factor")


def _second_factor_changed(request: Any, user: Any, **_: Any) -> None:
    from governance.access.reauthentication import end_other_sessions  # noqa: PLC0415  needs loaded models

    if request.user.is_authenticated and request.user.pk == user.pk:
        end_other_sessions(request, user)
