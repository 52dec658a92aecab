"""The committee pack in the navigation, and its figures on My work."""

from __future__ import annotations

from governance.access.models import User
from governance.committee.home import at_a_glance
from governance.web import slots
from governance.web.slots import Entry, Stat


def register() -> None:
    """Fill the slots; called once, at start."""
    slots.NAVIGATION.register(Entry("committee", "Committee pack", "committee:pack", "file-text", _everybody, 57))
    slots.STATS.register(Stat("estate", "committee/_home.html", at_a_glance, 50))


def _everybody(person: User) -> bool:
    return True
