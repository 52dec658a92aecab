"""The committee pack in the navigation."""

from __future__ import annotations

from governance.access.models import User
from governance.web import slots
from governance.web.slots import Entry


def register() -> None:
    """Fill the slot; called once, at start."""
    slots.NAVIGATION.register(Entry("committee", "Committee pack", "committee:pack", "file-text", _everybody, 57))


def _everybody(person: User) -> bool:
    return True
