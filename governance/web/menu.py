"""What every portal has in its navigation, whatever applications are installed."""

from __future__ import annotations

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.web import slots
from governance.web.slots import Entry


def register() -> None:
    """Fill the slots; called once, at start."""
    slots.NAVIGATION.register(Entry("my-work", "My work", "web:my_work", "home", _everybody, 10))
    slots.NAVIGATION.register(Entry("ledger", "Ledger", "ledger:event_list", "timeline", _everybody, 80))
    slots.ACCOUNT.register(Entry("office", "Administration", "admin:index", "settings", _oversees, 10))


def _everybody(person: User) -> bool:
    return True


def _oversees(person: User) -> bool:
    """Who sees the organisation as a whole is let into the governance team's window."""
    return rights.can(person, Permission.SYSTEM_VIEW)
