"""Clocks watched: the nearer the end of a duty to report, the more people hear of it.

Half of the internal time gone: whoever runs the incident is reminded. The internal deadline passed: an alert waits for
them. The legal one passed: a critical alert, of which those who check incidents and the governance team hear too.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from governance.access.models import User
from governance.access.rights import holders
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.alarms import alone
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from incidents.models import Alert, MonitoringPlan, RegulatorClock
from incidents.services.alerts import follow
from inventory.models import System

JOB = "watch_clocks"
MANAGERS = (Permission.INCIDENT_CHECK, Permission.ALERT_ASSIGN)


def watch_clocks() -> int:
    """Look at every report that is owed, each in a transaction of its own: how many alerts began."""
    begun: list[int] = []
    owed = RegulatorClock.objects.filter(reported_at=None, dropped_at=None).order_by("pk")
    for key, title, system in owed.values_list("pk", "title", "incident__system_id"):
        with alone(JOB, f"clock {key}", f"Whether “{title}” is late could not be judged", system=system):
            begun += [key] * _judge(key)
    return len(begun)


def settle(clock: RegulatorClock, actor: User, words: str) -> None:
    """The duty is met, or none: its alerts are over, and nobody has to look after them. Must run inside `acting`."""
    now = portal_now()
    named = Q(fingerprint__in=[_fingerprint(clock, stage) for stage in ("internal", "legal")])
    for alert in Alert.objects.select_for_update(no_key=True).filter(named, source=Alert.Source.JOB):
        alert.ends_at = alert.ends_at or now
        if alert.handled_at is None:
            alert.handled_at, alert.handled_by, alert.handling = now, actor, words
        alert.save(update_fields=["ends_at", "handled_at", "handled_by", "handling"])


def _judge(key: int) -> bool:
    """Whether an alert about this clock began now."""
    with acting(Command(JOB), door=Door.JOB, verb="alert.raise"):
        system = RegulatorClock.objects.values_list("incident__system_id", flat=True).get(pk=key)
        System.objects.select_for_update(no_key=True).get(pk=system)
        clock = RegulatorClock.objects.select_related("incident__system", "incident__commander").get(pk=key)
        now = portal_now()
        if not clock.is_open or not clock.binding:
            return False
        if now >= clock.deadline:
            return _alert(clock, "legal", clock.deadline, now)
        if now >= clock.internal_deadline:
            return _alert(clock, "internal", clock.internal_deadline, now)
        if now >= clock.since + (clock.internal_deadline - clock.since) / 2:
            _remind(clock)
    return False


def _remind(clock: RegulatorClock) -> None:
    announce(
        Topic.DUE, clock.incident, title=f"Report it: {clock.title}", text=str(clock.incident), href=_page(clock),
        people=holders(Permission.INCIDENT_RUN, clock.incident), due=clock.internal_deadline,
        once=f"clock {clock.pk} half",
    )  # fmt: skip


def _alert(clock: RegulatorClock, stage: str, since: datetime, now: datetime) -> bool:
    if Alert.objects.filter(source=Alert.Source.JOB, fingerprint=_fingerprint(clock, stage)).exists():
        return False
    late = stage == "legal"
    words = "is late by law" if late else "is past its internal deadline"
    alert = Alert.objects.create(
        source=Alert.Source.JOB, fingerprint=_fingerprint(clock, stage), starts_at=since, first_heard=now,
        last_heard=now, system=clock.incident.system, name=f"{clock.title} {words}"[:200],
        level=Alert.Level.CRITICAL if late else Alert.Level.WARNING, link="",
        summary=f"A report about {clock.incident} is owed.", labels={"clock": clock.clock},
        follows=MonitoringPlan.Follows.WORK,
    )  # fmt: skip
    follow(alert)
    if late:
        announce(
            Topic.ALERT_RAISED, alert, title=str(alert), text=alert.summary, href=_page(clock), holders=MANAGERS,
            once=f"clock {clock.pk} late",
        )  # fmt: skip
    return True


def _fingerprint(clock: RegulatorClock, stage: str) -> str:
    return f"clock:{clock.pk}:{stage}"


def _page(clock: RegulatorClock) -> str:
    return reverse("incidents:incident_detail", args=[clock.incident_id])
