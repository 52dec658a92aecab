"""Who may: people and machines by their assignments; the portal's own commands by being the portal. And why."""

from __future__ import annotations

from django.db.models import Model

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Command

ALL = frozenset[str](Permission)


def require(actor: User | Command, permission: Permission, obj: Model | None = None) -> None:
    """Raise Forbidden, or NotVisible for what the person may not even see."""
    if isinstance(actor, User):
        rights.require(actor, permission, obj)


def allowed(actor: User | Command, obj: Model) -> frozenset[str]:
    """The permissions to ask a machine with."""
    return frozenset(rights.permissions_of(actor, obj)) if isinstance(actor, User) else ALL


def said(reason: str) -> str:
    """The reason as it may stand in the record. Raises InvalidInput."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=500)
    checks.done()
    return reason
