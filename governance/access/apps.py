"""Application: access."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from governance.database import health
from governance.ledger import fingerprint

# Written after migrations only, and what every check of a right depends on.
ROLES = """
SELECT r.role || ': ' || p.codename, to_jsonb(true)
FROM public.access_rolepermission r JOIN public.auth_permission p ON p.id = r.permission_id"""


class AccessConfig(AppConfig):
    """Registers this application with Django, what a changed second factor does, and the key of proofs."""

    name = "governance.access"
    label = "access"
    verbose_name = "People and access"

    def ready(self) -> None:
        """A changed second factor ends the person's other sessions; `migrate` registers the key of proofs."""
        from allauth.mfa import signals  # noqa: PLC0415  needs loaded models

        import_module("governance.access.checks")
        import_module("governance.access.services.people")  # registers what its constraints say
        proofs = import_module("governance.access.proofs")
        post_migrate.connect(proofs.provision, sender=self, dispatch_uid="access.provision")
        health.add("signing", proofs.faults)
        fingerprint.include("permission of a role", ROLES)
        for changed in (signals.authenticator_added, signals.authenticator_removed, signals.authenticator_reset):
            changed.connect(_second_factor_changed, dispatch_uid="access.second_factor")


def _second_factor_changed(request: Any, user: Any, **_: Any) -> None:
    from governance.access.reauthentication import end_other_sessions  # noqa: PLC0415  needs loaded models

    if request.user.is_authenticated and request.user.pk == user.pk:
        end_other_sessions(request, user)
