"""Who may: people and machines by their assignments; the portal's own commands by being the portal."""

from __future__ import annotations

from django.db.models import Model

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Command

ALL = frozenset[str](Permission)


def require(actor: User | Command, permission: Permission, obj: Model | None = None) -> None:
    """Raise Forbidden, or NotVisible for what the person may not even see."""
    if isinstance(actor, User):
        rights.require(actor, permission, obj)


def allowed(actor: User | Command, obj: Model) -> frozenset[str]:
    """The permissions to ask a machine with."""
    return frozenset(rights.permissions_of(actor, obj)) if isinstance(actor, User) else ALL
