"""Sending what waits: claimed row by row, each attempt kept before it is made, given up visibly.

A claim is committed before anything leaves, so two workers never send the same, and a worker that dies in between
leaves a row whose lease ends. A webhook is then tried again, for its receiver knows the delivery's id; an e-mail may
have arrived, so it is given up, never sent twice.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from governance.database.clock import PortalNow, portal_now
from governance.notify import handoffs, mail, webhooks
from governance.notify.alarms import RowNotHandled, alarm
from governance.notify.mail import NotSent, Unsure
from governance.notify.models import Delivery, Endpoint, Preference
from governance.notify.rules import moment, pause
from governance.notify.spreading import about, may_be_told, spread, wish
from governance.web.announcements import announce

LEASE = timedelta(minutes=5)
ROUND_SECONDS = 45.0
MOST_IN_ONE = 100
STATE = Delivery.State

log = structlog.get_logger(__name__)


def work(seconds: float = ROUND_SECONDS) -> int:
    """Spread what is new and send what waits, for so long at most; returns how many messages were handled."""
    until = time.monotonic() + seconds
    recover()
    spread()
    handled = 0
    silent: set[int | None] = set()
    while time.monotonic() < until and (claimed := claim(silent)):
        if not handle(claimed):
            silent.add(claimed[0].endpoint_id)
        handled += 1
    return handled


def claim(silent: Collection[int | None] = ()) -> list[Delivery]:
    """Take the oldest delivery whose time has come, with what goes into the same message; empty when none waits.

    Nothing for the `silent` endpoints is taken; None among them is the mail server.
    """
    with transaction.atomic():
        waiting = Delivery.objects.filter(state=STATE.WAITING, not_before__lte=PortalNow())
        waiting = waiting.exclude(endpoint__in=[key for key in silent if key is not None])
        if None in silent:
            waiting = waiting.exclude(endpoint=None)
        first = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if first is None:
            return []
        keys = {first.pk}
        if first.bundled:
            alike = waiting.filter(person=first.person_id, bundled=True)
            locked = alike.select_for_update(skip_locked=True, of=("self",))
            keys |= set(locked.values_list("pk", flat=True)[:MOST_IN_ONE])
        claimed = Delivery.objects.filter(pk__in=keys)
        claimed.update(state=STATE.SENDING, attempts=F("attempts") + 1, leased_until=PortalNow() + LEASE)
    return list(claimed.select_related("notice", "person", "endpoint").order_by("notice_id"))


def recover() -> None:
    """Take care of what a worker left behind when it died."""
    left = Delivery.objects.filter(state=STATE.SENDING, leased_until__lt=PortalNow())
    once = Q(person__isnull=False) | Q(endpoint__form=Endpoint.Form.TICKET)
    for delivery in left.filter(once).select_related("notice"):
        _give_up([delivery], "The worker ended while this was being sent; it may have arrived.")
    left.filter(person=None).update(state=STATE.WAITING, leased_until=None)


def handle(claimed: Sequence[Delivery]) -> bool:
    """Send one message and keep what came of it; False when nobody answered, so that the round leaves them alone.

    Whatever else goes wrong stays with this message.
    """
    try:
        _send(claimed)
    except NotSent as error:
        _again(claimed, str(error), final=error.final)
        return not error.silent
    except Unsure as error:
        _give_up(claimed, f"{error}; it may have arrived, so it is not sent again.")
        return not error.silent
    except Exception as error:
        log.exception("delivery_failed", deliveries=[str(one.pk) for one in claimed])
        words = f"{type(error).__name__}: {error}"
        _again(claimed, words, apart=True)
        # One alarm for all messages: its own notice may fail in the same way.
        alarm(RowNotHandled("send_notices", "send", "A message could not be sent", words[:500]))
    return True


def _send(claimed: Sequence[Delivery]) -> None:
    first = claimed[0]
    if first.endpoint is not None:
        if first.endpoint.ended_at is not None:
            return _settle(claimed, STATE.DROPPED, "The webhook was ended.")
        if first.endpoint.form == Endpoint.Form.PAGERDUTY and _overtaken(first):
            return _settle(claimed, STATE.DROPPED, "What happened afterwards was told before.")
        answer = webhooks.post(first, webhooks.body_of(first), portal_now())
        _settle(claimed, STATE.SENT)
        return _keep(first.endpoint, first, answer.body)
    wanted = [delivery for delivery in claimed if _is_wanted(delivery)]
    _settle([one for one in claimed if one not in wanted], STATE.DROPPED, "Not wanted, or not to be seen, any more.")
    if wanted:
        assert first.person is not None  # noqa: S101  a delivery is to a person or to an endpoint
        mail.hand_over(mail.compose(first.person, wanted))
        _settle(wanted, STATE.SENT)
    return None


def _overtaken(delivery: Delivery) -> bool:
    """Whether a later word about the same thing was taken there: an earlier one would undo it."""
    notice, sent = delivery.notice, Delivery.objects.filter(endpoint=delivery.endpoint_id, state=STATE.SENT)
    same = sent.filter(notice__about_model=notice.about_model, notice__about_id=notice.about_id)
    return same.filter(notice__gt=notice.pk).exists()


def _keep(endpoint: Endpoint, delivery: Delivery, answer: bytes) -> None:
    """Tell the app whose thing it is about where its ticket stands."""
    if endpoint.form != Endpoint.Form.TICKET:
        return
    found = handoffs.opened(endpoint, delivery.notice, answer)
    if found is None:
        Delivery.objects.filter(pk=delivery.pk).update(error="The answer named no ticket.")
        return
    with transaction.atomic():
        announce(found)


def _is_wanted(delivery: Delivery) -> bool:
    """Decided at the last moment: the person may see it, has an address, and has not turned the topic off."""
    person, notice = delivery.person, delivery.notice
    if person is None or not person.email:
        return False
    preference = Preference.objects.filter(pk=person.pk).first()
    if preference is not None and notice.topic in preference.muted:
        return False
    return may_be_told(person, notice, about(notice))


def _settle(deliveries: Sequence[Delivery], state: str, error: str = "") -> None:
    mine = Delivery.objects.filter(pk__in=[one.pk for one in deliveries], state=STATE.SENDING)
    mine.update(state=state, error=error[:500], leased_until=None, settled_at=PortalNow())


def _again(deliveries: Sequence[Delivery], error: str, *, final: bool = False, apart: bool = False) -> None:
    """Wait for the next attempt, or give up what had enough of them.

    What was one message stays one, unless each makes the next attempt `apart`: any of them may be what went wrong.
    """
    left = [] if final else [one for one in deliveries if pause(one.attempts) is not None]
    if spent := [one for one in deliveries if one not in left]:
        _give_up(spent, error)
    if not left:
        return
    wanted = portal_now() + (pause(left[0].attempts) or timedelta())
    at = _outside_quiet_hours(left[0], wanted)
    bundled = not apart and (left[0].bundled or at > wanted)
    mine = Delivery.objects.filter(pk__in=[one.pk for one in left], state=STATE.SENDING)
    mine.update(state=STATE.WAITING, error=error[:500], leased_until=None, not_before=at, bundled=bundled)


def _outside_quiet_hours(delivery: Delivery, wanted: datetime) -> datetime:
    """When it may be tried again. A digest does not wait for the next day's: its hour has come."""
    if delivery.person_id is None:
        return wanted
    preference = Preference.objects.filter(pk=delivery.person_id).first()
    return moment(replace(wish(preference), daily=False), wanted)


def _give_up(deliveries: Sequence[Delivery], error: str) -> None:
    """No more attempts: the governance team sees it, and so does whoever reads the log."""
    _settle(deliveries, STATE.GIVEN_UP, error)
    for one in deliveries:
        log.error("delivery_given_up", delivery=str(one.pk), topic=one.notice.topic, attempts=one.attempts, why=error)
