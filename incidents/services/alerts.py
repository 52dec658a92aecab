"""Alerts: heard, followed by work or an incident, assigned, handled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason, Refusal
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from incidents.alerts.heard import Heard, newest
from incidents.models import OPEN_STATES, Alert, Incident, MonitoringPlan
from incidents.services.incidents import report_incident
from inventory.models import System
from inventory.services.permitted import require

Follows = MonitoringPlan.Follows


@dataclass(frozen=True, slots=True)
class Reception:
    """What a delivery came to: alerts in it, episodes begun, incidents opened, alerts that name no known system."""

    received: int
    episodes: int
    incidents: int
    unassigned: int


def hear(*, actor: User, source: str, alerts: Iterable[Heard], door: Door = Door.API) -> Reception:
    """Take in what a tool tells. The same delivery again, later or at once, has no further effect.

    Systems are looked for among those the actor may send alerts of. Deliveries of one sender wait for each other.
    """
    told = newest(alerts)
    with acting(actor, door=door, verb="alert.hear"):
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        systems = _systems(actor, told)
        _lock(systems.values())
        now = portal_now()
        begun = [
            alert for one in told if (alert := _heard(actor, source, one, _system_of(one, systems), now)) is not None
        ]
        opened = sum(follow(alert) for alert in begun)
        unassigned = sum(alert.system_id is None for alert in begun)
    return Reception(len(told), len(begun), opened, unassigned)


def assign_alert(*, actor: User, alert: Alert, system: System, door: Door = Door.WEB) -> Alert:
    """Say which system an alert is about; later episodes of the same alert go there by themselves.

    Raises Forbidden, NotVisible, Conflict `duplicate` when it was assigned before.
    """
    with acting(actor, door=door, verb="alert.assign"):
        require(actor, Permission.ALERT_ASSIGN)
        require(actor, Permission.SYSTEM_VIEW, system)
        _lock([system])
        locked = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
        if locked.system_id is not None:
            raise Conflict(Reason("duplicate", "This alert was assigned before."))
        locked.system = system
        locked.plan = plan_for(system, locked.name, locked.labels.values())
        locked.follows = locked.plan.follows if locked.plan else locked.follows
        locked.save(update_fields=["system", "plan", "follows"])
        if locked.ends_at is None:
            follow(locked)
    return locked


def handle_alert(*, actor: User, alert: Alert, handling: str, door: Door = Door.WEB) -> Alert:
    """Write down what was done about an alert. Raises InvalidInput, Forbidden, Conflict `duplicate`."""
    with acting(actor, door=door, verb="alert.handle"):
        locked = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
        if locked.system_id is None:
            require(actor, Permission.ALERT_ASSIGN)
        else:
            require(actor, Permission.ALERT_HANDLE, locked)
        checks = Checks()
        locked.handling = checks.text("handling", handling, limit=1000, required=True)
        checks.done()
        if locked.handled_at is not None:
            raise Conflict(Reason("duplicate", "Somebody handled this alert before."))
        locked.handled_at, locked.handled_by = portal_now(), actor
        locked.save(update_fields=["handling", "handled_at", "handled_by"])
    return locked


def follow(alert: Alert) -> bool:
    """Do what the plan says follows: tell people, open an incident. True when one was opened now.

    Must run inside `acting`, with the system locked. An open incident of the same plan takes the alert along.
    """
    if alert.follows == Follows.INCIDENT and alert.level == Alert.Level.CRITICAL and alert.incident_id is None:
        opened = _into_incident(alert)
        alert.save(update_fields=["incident", "trouble"])
        if alert.incident_id is not None:
            return opened
    if alert.system_id is not None and alert.waits:
        announce(
            Topic.ALERT_RAISED, alert, title=str(alert), href=reverse("incidents:alert_detail", args=[alert.pk]),
            people=[alert.plan.answers] if alert.plan else (), text=alert.summary,
            holders=() if alert.plan else [Permission.INCIDENT_RUN], once=f"alert {alert.pk} {alert.level}",
        )  # fmt: skip
    return False


def plan_for(system: System, name: str, words: Iterable[str]) -> MonitoringPlan | None:
    """The line of the system's plan that handles this alert: one for a slice it names, or for all data."""
    plans = MonitoringPlan.objects.select_related("answers").filter(system=system, alert_name=name, ended_at=None)
    slices = {plan.slice: plan for plan in plans.order_by("-id")} if name else {}
    named = next((slices[word] for word in words if word and word in slices), None)
    return named or slices.get("")


def _into_incident(alert: Alert) -> bool:
    plan, system = alert.plan, alert.system
    if plan is None or system is None:
        return False
    earlier = Incident.objects.filter(alerts__plan=plan, state__in=OPEN_STATES).order_by("-id").first()
    if earlier is not None:
        alert.incident = earlier
        return False
    reporter = _reporter(plan, system)
    if reporter is None:
        alert.trouble = "Nobody may report incidents on this system."
        return False
    try:
        alert.incident = report_incident(
            actor=reporter, system=system, title=alert.name, description=alert.summary, type=plan.incident_type,
            impact=plan.impact, urgency=plan.urgency, door=Door.JOB,
        )  # fmt: skip
    except (Refusal, InvalidInput) as answer:
        alert.trouble = str(answer)[:500]
    return alert.incident_id is not None


def _reporter(plan: MonitoringPlan, system: System) -> User | None:
    """In whose name the incident stands: who answers for the plan, else the first who may report."""
    if rights.can(plan.answers, Permission.INCIDENT_REPORT, system):
        return plan.answers
    return rights.holders(Permission.INCIDENT_REPORT, system).order_by("pk").first()


def _systems(actor: User, told: Sequence[Heard]) -> dict[str, System]:
    """Systems by the words the alerts use: slugs, and names other tools know them by if only one has it."""
    words = {word for one in told for word in one.names}
    if not words:
        return {}
    seen = rights.visible(actor, System.objects.defer("search"), Permission.ALERT_POST)
    by_other = seen.filter(external_ids__value__in=words).values_list("external_ids__value", "pk").distinct()
    others: dict[str, set[int]] = {}
    for word, key in by_other:
        others.setdefault(word, set()).add(key)
    keys = {word: next(iter(found)) for word, found in others.items() if len(found) == 1 and word in words}
    found = {system.pk: system for system in seen.filter(Q(slug__in=words) | Q(pk__in=keys.values()))}
    named = {word: found[key] for word, key in keys.items() if key in found}
    return named | {system.slug: system for system in found.values() if system.slug in words}


def _lock(systems: Iterable[System]) -> None:
    keys = {system.pk for system in systems}
    if keys:
        list(System.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def _system_of(one: Heard, systems: dict[str, System]) -> System | None:
    return next((systems[word] for word in one.names if word in systems), None)


def _reaches(actor: User, system: int) -> bool:
    """Whether the sender, by the token in hand, may send alerts of a system."""
    return rights.visible(actor, System.objects.filter(pk=system), Permission.ALERT_POST).exists()


def _close(actor: User, same: QuerySet[Alert], one: Heard, now: datetime) -> None:
    """End the newest episode that began before; an end nobody knows a beginning of has no effect."""
    began = same.filter(starts_at__lte=one.starts_at).select_for_update(no_key=True).order_by("-starts_at").first()
    if began is None or began.ends_at is not None:
        return
    if began.system_id is None or _reaches(actor, began.system_id):
        began.heard, began.last_heard, began.ends_at = began.heard + 1, now, one.ends_at
        began.save(update_fields=["heard", "last_heard", "ends_at"])


def _heard(actor: User, source: str, one: Heard, system: System | None, now: datetime) -> Alert | None:
    """The episode if it begins now; otherwise what was known of it goes on, or ends."""
    same = Alert.objects.filter(source=source, sender=actor, fingerprint=one.fingerprint)
    if one.closes:
        _close(actor, same, one, now)
        return None
    known = same.filter(starts_at=one.starts_at).select_for_update(no_key=True).first()
    if known is not None:
        if known.system_id is not None and not _reaches(actor, known.system_id):
            return None  # another token of the same machine told of it; this one has no say there
        known.heard, known.last_heard = known.heard + 1, now
        known.ends_at = known.ends_at or one.ends_at
        known.save(update_fields=["heard", "last_heard", "ends_at"])
        return None
    if system is None:
        before = same.exclude(system=None).select_related("system").order_by("-id").first()
        system = before.system if before and before.system_id and _reaches(actor, before.system_id) else None
    plan = plan_for(system, one.name, one.labels.values()) if system else None
    usual = Follows.ALERT if one.level == Alert.Level.INFO or one.ends_at else Follows.WORK
    return Alert.objects.create(
        source=source, sender=actor, fingerprint=one.fingerprint, starts_at=one.starts_at, ends_at=one.ends_at,
        first_heard=now, last_heard=now, system=system, plan=plan, name=one.name, summary=one.summary,
        level=one.level, severity=one.severity, labels=dict(one.labels), link=one.link,
        follows=plan.follows if plan and one.ends_at is None else usual,
    )  # fmt: skip
