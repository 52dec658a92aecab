"""Metrics read from a Prometheus: each line of a plan that has a query is asked for its value now."""

from __future__ import annotations

import time

from django.db.models import QuerySet

from governance.ledger.acting import Command, Door
from governance.notify import outgoing
from governance.notify.alarms import alone
from incidents import prometheus
from incidents.models import MonitoringPlan
from incidents.services.measurements import record_measurements
from inventory.models import System

JOB = "read_metrics"
SECONDS = 5.0
ROUND_SECONDS = 240.0


def read_metrics(seconds: float = ROUND_SECONDS) -> int:
    """Ask for every value and keep it: how many were new. One that cannot be read raises an alarm and stops no other.

    A round ends after so many seconds; the order is drawn anew for each, so that everyone's turn comes.
    """
    until, kept = time.monotonic() + seconds, []
    for plan in _read():
        if time.monotonic() >= until:
            break
        with alone(JOB, f"plan {plan.pk}", f"{plan} could not be read from Prometheus", system=plan.system_id):
            kept.append(_keep(plan))
    return sum(kept)


def _read() -> QuerySet[MonitoringPlan]:
    """Lines that name a query, of systems in use."""
    named = MonitoringPlan.objects.filter(ended_at=None).exclude(promql="")
    return named.exclude(system__phase=System.Phase.RETIRED).select_related("system").order_by("?")


def _keep(plan: MonitoringPlan) -> int:
    """How many points were new: one or none. Raises NoNumber, Refused, Unreachable."""
    answer = outgoing.send("GET", prometheus.address(plan.prometheus, plan.promql), seconds=SECONDS)
    sample = prometheus.read(answer.status, answer.body)
    if sample is None:
        return 0
    point = {
        "system": plan.system.slug, "metric": plan.metric, "slice": plan.slice, "at": sample.at, "value": sample.value,
    }  # fmt: skip
    return record_measurements(actor=Command(JOB), measurements=[point], door=Door.JOB).new
