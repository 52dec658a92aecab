"""Named reads of monitoring and alerts: plans with their newest value, what a chart shows, alerts that wait."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.validation.models import Submission
from incidents.measuring import Point
from incidents.models import Alert, Measurement, MonitoringPlan
from inventory.models import Deployment, System

MOST_POINTS = 500
STATES = ("open", "firing", "resolved", "waiting", "unassigned", "all")


def plans_of(system: System) -> QuerySet[MonitoringPlan]:
    """What is watched on a system now, each with its newest value and its open alerts."""
    newest = Measurement.objects.filter(
        system=OuterRef("system"), metric=OuterRef("metric"), slice=OuterRef("slice")
    ).order_by("-at")
    firing = Alert.objects.filter(plan=OuterRef("pk"), ends_at=None).order_by("-id")
    return (
        MonitoringPlan.objects.filter(system=system, ended_at=None)
        .select_related("answers")
        .annotate(
            newest_value=Subquery(newest.values("value")[:1]),
            newest_at=Subquery(newest.values("at")[:1]),
            firing=Subquery(firing.values("level")[:1]),
        )
        .order_by("metric", "slice", "id")
    )


def points_of(plan: MonitoringPlan) -> list[Point]:
    """The newest values of a plan, in the order of time."""
    of_plan = Measurement.objects.filter(system=plan.system_id, metric=plan.metric, slice=plan.slice)
    newest = list(of_plan.order_by("-at").values_list("at", "value")[:MOST_POINTS])
    return [Point(at, value) for at, value in reversed(newest)]


def approvals_between(system: System, first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """When which release of a system was approved."""
    approved = Submission.objects.filter(release__system=system, state="approved", closed_at__range=(first, last))
    rows = approved.order_by("closed_at").values_list("closed_at", "release__version")[:50]
    return [(at, version) for at, version in rows if at is not None]


def alerts() -> QuerySet[Alert]:
    """Alerts with what a list shows of them."""
    return Alert.objects.select_related("system", "plan", "sender", "incident", "handled_by")


def seen_alerts(person: User) -> QuerySet[Alert]:
    """Alerts of systems the person may see; those of no known system for who may assign them."""
    seen = rights.visible(person, alerts())
    if rights.can(person, Permission.ALERT_ASSIGN):
        return seen | alerts().filter(system=None)
    return seen.exclude(system=None)


def in_state(rows: QuerySet[Alert], state: str) -> QuerySet[Alert]:
    """The alerts of a state; `open` are those that fire or wait for somebody."""
    waiting = ~Q(follows=MonitoringPlan.Follows.ALERT) & Q(handled_at=None, incident=None)
    conditions = {
        "open": Q(ends_at=None) | waiting,
        "firing": Q(ends_at=None),
        "resolved": Q(ends_at__isnull=False),
        "waiting": waiting,
        "unassigned": Q(system=None),
    }
    return rows.filter(conditions[state]) if state in conditions else rows


def waiting_for(person: User) -> QuerySet[Alert]:
    """Alerts this person is to look after: those of plans they answer for, of systems whose incidents they run, and
    the unassigned where they assign."""
    run = rights.visible(person, Alert.objects.all(), Permission.INCIDENT_RUN).exclude(system=None).values("pk")
    mine = rights.visible(person, Alert.objects.filter(plan__answers=person)).values("pk")
    wanted = Q(pk__in=mine) | Q(pk__in=run)
    if rights.can(person, Permission.ALERT_ASSIGN):
        wanted |= Q(system=None)
    return in_state(alerts().filter(wanted), "waiting").order_by(F("starts_at"), "id")


def running_episodes(rows: Sequence[Deployment]) -> dict[int, Alert]:
    """The alert that stands because of a deployment, by the key of the deployment."""
    systems = {row.system_id for row in rows}
    known = Alert.objects.filter(source=Alert.Source.DEPLOYMENT, system__in=systems, ends_at=None)
    alerts = {alert.fingerprint: alert for alert in known.select_related("incident")} if systems else {}
    found = {row.pk: alerts.get(episode_of(row)) for row in rows if getattr(row, "state", "running") == "running"}
    return {key: alert for key, alert in found.items() if alert is not None}


def episode_of(row: Deployment) -> str:
    """The word for what runs there without an approval: one episode, however often it is reported."""
    what = f"release {row.release_id}" if row.release_id else hashlib.sha256(" ".join(row.sha256).encode()).hexdigest()
    return f"running:{row.system_id}:{row.environment}:{what}"
