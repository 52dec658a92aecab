"""From a notice to its deliveries: who is told of it, and which webhooks want its topic."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.apps import apps
from django.db import OperationalError, transaction
from django.db.models import Model, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.database.clock import PortalNow, portal_now
from governance.notify.alarms import RowNotHandled, alarm
from governance.notify.models import Delivery, Endpoint, Notice, Preference
from governance.notify.rules import Wish, moment
from governance.notify.topics import REMINDERS
from governance.web import slots

log = structlog.get_logger(__name__)


def spread(most: int = 500) -> None:
    """Make the deliveries of the oldest notices; one that cannot be read is set aside and stops no other."""
    for key in Notice.objects.filter(spread_at=None).values_list("pk", flat=True)[:most]:
        try:
            with transaction.atomic():
                _spread_one(key)
        except OperationalError:
            raise  # the database, not the notice: the next round takes it up again
        except Exception as error:
            log.exception("notice_set_aside", notice=key)
            Notice.objects.filter(pk=key).update(spread_at=PortalNow(), error=_words(error))
            alarm(RowNotHandled("send_notices", "spread", "A notice could not be told to anybody", _words(error)))


def about(notice: Notice) -> Model:
    """What the notice is about. Raises LookupError or DoesNotExist when there is no such thing."""
    thing: Model = apps.get_model(notice.about_model)._default_manager.get(pk=notice.about_id)
    return thing


def may_be_told(person: User, notice: Notice, thing: Model) -> bool:
    """Whether the person may see it now, and it still stands as it was announced.

    A reminder counts while the person's own list of what is due holds it.
    """
    if not person.is_active or person.closed_at is not None:
        return False
    if notice.topic in REMINDERS:
        return any(item.href == notice.href and item.due == notice.due for item in slots.falling_due(person))
    if notice.state and getattr(thing, "state", notice.state) != notice.state:
        return False
    return bool(rights.permissions_of(person, thing) & set(notice.permissions))


def wish(preference: Preference | None) -> Wish:
    """How the person wants to be told."""
    if preference is None:
        return Wish()
    return Wish(
        daily=preference.rhythm == Preference.Rhythm.DAILY, digest_hour=preference.digest_hour,
        quiet_from=preference.quiet_from, quiet_until=preference.quiet_until, zone=preference.zone,
    )  # fmt: skip


def _spread_one(key: int) -> None:
    notice = Notice.objects.select_for_update(skip_locked=True).filter(pk=key, spread_at=None).first()
    if notice is None:
        return
    now = portal_now()
    Delivery.objects.bulk_create([*_to_people(notice, now), *_to_endpoints(notice, now)], ignore_conflicts=True)
    Notice.objects.filter(pk=key).update(spread_at=now)


def _to_people(notice: Notice, now: datetime) -> list[Delivery]:
    thing = about(notice)
    told = {person.pk: person for person in _open(User.objects.filter(pk__in=notice.people))}
    if notice.to_holders:
        for permission in notice.permissions:
            told |= {person.pk: person for person in _open(rights.holders(permission, thing))}
    told.pop(notice.actor_id or 0, None)
    preferences = Preference.objects.in_bulk(list(told))
    found = []
    for key, person in told.items():
        preference = preferences.get(key)
        if preference is None or notice.topic not in preference.muted:
            wanted = wish(preference)
            at = moment(wanted, now)
            found.append(Delivery(notice=notice, person=person, not_before=at, bundled=at > now))
    return found


def _to_endpoints(notice: Notice, now: datetime) -> list[Delivery]:
    if notice.topic in REMINDERS:
        return []
    wanting = Endpoint.objects.filter(Q(topics=[]) | Q(topics__contains=[notice.topic]), ended_at=None)
    return [Delivery(notice=notice, endpoint=endpoint, not_before=now) for endpoint in wanting]


def _open(people: QuerySet[User]) -> list[User]:
    return list(people.filter(is_active=True, closed_at=None, kind=User.Kind.HUMAN).exclude(email=""))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
