"""What falls due for one person as a calendar other programs subscribe to, at an address only that person knows.

The address is signed and names a seed kept with the person's wishes: a new seed, and every address given out before
leads nowhere. What the calendar holds is asked anew each time, as that person sees it.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

import icalendar
from django.conf import settings
from django.core import signing

from governance.access.models import User
from governance.notify.models import Preference
from governance.web import slots
from governance.web.slots import Group, WorkItem

SALT = "governance.notify.calendar"
MOST = 1000


def token_of(preference: Preference) -> str:
    """What stands in the address of a person's calendar. Raises ValueError where the person has none."""
    if preference.calendar is None:
        raise ValueError("this person has no calendar")
    return signing.dumps([preference.pk, preference.calendar.hex], salt=SALT)


def reader_of(token: str) -> User | None:
    """Whose calendar it is; None for an address the portal did not make, or makes no longer."""
    try:
        key, seed = signing.loads(token, salt=SALT)
        found = Preference.objects.select_related("person").filter(pk=key, calendar=uuid.UUID(seed)).first()
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    person = found.person if found else None
    return person if person and person.is_active and person.closed_at is None else None


def calendar_of(person: User, now: datetime) -> bytes:
    """Everything that falls due for the person, by iCalendar (RFC 5545)."""
    found = icalendar.Calendar()
    found.add("prodid", "-//Countersign//Due//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", "Countersign: what falls due")
    items = {(item.href, item.action, item.title): item for group in (Group.WAITING, Group.DUE)
             for item in slots.work(person, group) if item.due is not None}  # fmt: skip
    for item in sorted(items.values(), key=lambda one: (one.due or now, one.href))[:MOST]:
        found.add_component(_event(item, now))
    written: bytes = found.to_ical()
    return written


def _event(item: WorkItem, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    name = hashlib.sha256(f"{item.href} {item.action} {item.title}".encode()).hexdigest()[:32]
    event.add("uid", f"{name}@{settings.PORTAL_URL.partition('://')[2]}")
    event.add("dtstamp", now)
    event.add("dtstart", item.due)
    event.add("summary", f"{item.action}: {item.title}")
    event.add("description", item.about)
    event.add("url", settings.PORTAL_URL + item.href)
    event.add("transp", "TRANSPARENT")
    return event
