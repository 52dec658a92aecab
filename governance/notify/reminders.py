"""Reminders: what a person's own list of due things holds is told once for each due date, some days ahead."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, transaction

from governance.access.models import User
from governance.database.clock import portal_now
from governance.notify.outbox import announce
from governance.notify.topics import REMINDERS, Topic
from governance.web import slots
from governance.web.slots import Group, WorkItem

log = structlog.get_logger(__name__)


def remind() -> None:
    """Announce what falls due soon to everybody it waits for; the same date a second time is not announced."""
    horizon = portal_now() + timedelta(days=settings.REMINDER_DAYS)
    people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True, closed_at=None).exclude(email="")
    for person in people.order_by("pk").iterator():
        try:
            with transaction.atomic():
                for item in slots.work(person, Group.DUE):
                    if item.due is not None and item.due <= horizon:
                        _announce(person, item)
        except OperationalError:
            raise  # the database, not the person: tomorrow's round takes it up again
        except Exception:
            log.exception("reminders_failed", person=person.pk)


def _announce(person: User, item: WorkItem) -> None:
    topic = Topic(item.topic) if item.topic in REMINDERS else Topic.DUE
    assert item.due is not None  # noqa: S101  the caller looks
    announce(
        topic, person, title=f"{item.action}: {item.title}", text=item.about, href=item.href, due=item.due,
        people=[person], once=f"{person.pk} {topic} {item.href} {item.due.isoformat()}",
    )  # fmt: skip
