"""Reminders: what a person's own list of due things holds is told once for each due date, some days ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from governance.access.models import User
from governance.database.clock import portal_now
from governance.notify.alarms import alone
from governance.notify.outbox import announce
from governance.notify.topics import REMINDERS, Topic
from governance.web import slots
from governance.web.slots import Group, WorkItem, WorkSource


def remind() -> None:
    """Announce what falls due soon to everybody it waits for; the same date a second time is not announced."""
    horizon = portal_now() + timedelta(days=settings.REMINDER_DAYS)
    people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True, closed_at=None).exclude(email="")
    for person in people.order_by("pk").iterator():
        for source in slots.WORK:
            if source.group is Group.DUE:
                for item in _due(person, source, horizon):
                    with alone("remind", item.href[:200], f"{item.action}: {item.title} could not be told"):
                        _announce(person, item)


def _due(person: User, source: WorkSource, horizon: datetime) -> list[WorkItem]:
    """What one source says falls due for a person; nothing where the source cannot say it."""
    with alone("remind", source.key, f"What falls due ({source.key}) could not be listed"), transaction.atomic():
        return [item for item in source.items(person) if item.due is not None and item.due <= horizon]
    return []


def _announce(person: User, item: WorkItem) -> None:
    topic = Topic(item.topic) if item.topic in REMINDERS else Topic.DUE
    assert item.due is not None  # noqa: S101  the caller looks
    with transaction.atomic():
        announce(
            topic, person, title=f"{item.action}: {item.title}", text=item.about, href=item.href, due=item.due,
            people=[person], once=f"{person.pk} {topic} {item.href} {item.due.isoformat()}",
        )  # fmt: skip
