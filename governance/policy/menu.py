"""The policy's line in the navigation."""

from __future__ import annotations

from governance.access.models import User
from governance.web import slots


def register() -> None:
    """Fill the slot; called once, at start."""
    slots.NAVIGATION.register(slots.Entry("policy", "Policy", "policy:pack_list", "scale", _everybody, 70))


def _everybody(person: User) -> bool:
    return True
