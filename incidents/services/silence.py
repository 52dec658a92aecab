"""Silence: a metric that was promised and does not come is an alert of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.alarms import alone
from incidents.models import Alert, Measurement, MonitoringPlan
from incidents.services.alerts import follow
from inventory.models import System

JOB = Command("find_silence")


def find_silence() -> tuple[int, int]:
    """Raise an alert for every plan that has been silent for too long: how many began, how many plans failed.

    Each plan is looked at in a transaction of its own: one that cannot be judged leaves all others judged, and raises
    an alert about the job itself.
    """
    begun = judged = 0
    watched = list(_watched())
    for plan in watched:
        with alone(JOB.name, f"plan {plan.pk}", f"Whether {plan} is silent could not be judged", system=plan.system_id):
            begun += _judge(plan.pk)
            judged += 1
    return begun, len(watched) - judged


def _watched() -> QuerySet[MonitoringPlan]:
    """Plans that promise values, of systems in use; each with when it was last heard of."""
    newest = Measurement.objects.filter(
        system=OuterRef("system"), metric=OuterRef("metric"), slice=OuterRef("slice")
    ).order_by("-at")
    return (
        MonitoringPlan.objects.filter(ended_at=None, longest_silence_hours__isnull=False)
        .exclude(system__phase=System.Phase.RETIRED)
        .annotate(last=Greatest("created_at", Coalesce(Subquery(newest.values("at")[:1]), "created_at")))
        .select_related("system", "answers")
        .order_by("pk")
    )


def _judge(key: int) -> bool:
    """Whether a silence of this plan began to be an alert now."""
    with acting(JOB, door=Door.JOB, verb="monitoring.judge"):
        system = MonitoringPlan.objects.values("system_id").get(pk=key)["system_id"]
        System.objects.select_for_update(no_key=True).get(pk=system)
        MonitoringPlan.objects.select_for_update(no_key=True).get(pk=key)
        plan = _watched().filter(pk=key).first()
        now = portal_now()
        if plan is None or plan.longest_silence_hours is None:
            return False
        last: datetime = plan.last  # type: ignore[attr-defined]  # by the annotation
        if now - last <= timedelta(hours=plan.longest_silence_hours):
            return False
        if plan.alerts.filter(source=Alert.Source.SILENCE, ends_at=None).exists():
            return False
        alert = Alert.objects.create(
            source=Alert.Source.SILENCE, fingerprint=f"silence:{plan.pk}", starts_at=last, first_heard=now,
            last_heard=now, system=plan.system, plan=plan, name=f"No value of {plan}"[:200], level=Alert.Level.WARNING,
            summary=f"No value for more than {plan.longest_silence_hours} hours.", labels={"metric": plan.metric},
            follows=MonitoringPlan.Follows.ALERT if plan.follows == "alert" else MonitoringPlan.Follows.WORK,
        )  # fmt: skip
        follow(alert)
    return True
