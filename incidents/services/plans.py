"""What is watched on a system: planned, changed, ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.notify import outgoing
from incidents import prometheus
from incidents.models import MonitoringPlan
from incidents.queries import rules_of_incidents
from inventory.models import System
from inventory.services.permitted import require, said

IDENTITY = ("metric", "slice", "direction")
CHANGEABLE = (
    "kind", "unit", "warning", "critical", "source", "prometheus", "promql", "alert_name",
    "longest_silence_hours", "breaches_needed", "cooldown_minutes", "follows", "incident_type", "impact",
    "urgency", "answers",
)  # fmt: skip
_USUAL: dict[str, Any] = {
    "slice": "", "unit": "", "warning": None, "critical": None, "source": "", "prometheus": "", "promql": "",
    "alert_name": "",
    "longest_silence_hours": None, "breaches_needed": 1, "cooldown_minutes": 60, "follows": "work",
    "incident_type": "", "impact": "", "urgency": "", "answers": None,
}  # fmt: skip
LONGEST_SILENCE, LONGEST_COOLDOWN, MOST_BREACHES = 24 * 366, 60 * 24 * 30, 100


def plan_monitoring(*, actor: User, system: System, door: Door = Door.WEB, **fields: Any) -> MonitoringPlan:
    """Watch a metric from now on. Who answers is the actor unless somebody else is named.

    Raises InvalidInput, Forbidden, NotVisible, Conflict `duplicate` or `state` for a retired system.
    """
    with acting(actor, door=door, verb="monitoring.plan"):
        locked = _permitted(actor, system)
        if locked.phase == System.Phase.RETIRED:
            raise Conflict(Reason("state", "A retired system is not monitored any more."))
        checks, now = Checks(), portal_now()
        values = _cleaned(checks, {**_USUAL, **fields}, (*IDENTITY, *CHANGEABLE), locked, actor)
        checks.done()
        return MonitoringPlan.objects.create(system=locked, created_by=actor, created_at=now, updated_at=now, **values)


def change_plan(*, actor: User, plan: MonitoringPlan, door: Door = Door.WEB, **fields: Any) -> MonitoringPlan:
    """Change limits and what follows; the metric itself stays. Raises InvalidInput, Forbidden, Conflict."""
    with acting(actor, door=door, verb="monitoring.change"):
        locked = _ready(actor, plan)
        checks = Checks()
        known = {name: getattr(locked, name) for name in CHANGEABLE}
        values = _cleaned(checks, {**known, **fields}, CHANGEABLE, locked.system, actor, locked.direction)
        checks.done()
        for name, value in values.items():
            setattr(locked, name, value)
        locked.updated_at = portal_now()
        locked.save(update_fields=[*values, "updated_at"])
    return locked


def hand_over_plan(
    *, actor: User, plan: MonitoringPlan, answers: User, reason: str, door: Door = Door.WEB
) -> MonitoringPlan:
    """Have somebody else answer for what a closed account watched. Raises InvalidInput, Forbidden, Conflict `state`."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="monitoring.hand_over", reason=reason):
        checks.done()
        locked = _locked(plan)
        require(actor, Permission.ASSIGNMENT_CHANGE, locked.system)
        if locked.answers.closed_at is None:
            raise Conflict(Reason("state", f"The account of {locked.answers}, who answers for it, is open."))
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This is not monitored any more; nobody answers for it."))
        _answerable(checks, answers, locked.system)
        checks.done()
        locked.answers, locked.updated_at = answers, portal_now()
        locked.save(update_fields=["answers", "updated_at"])
        return locked


def end_plan(*, actor: User, plan: MonitoringPlan, reason: str, door: Door = Door.WEB) -> MonitoringPlan:
    """Watch it no longer, and say why. What was measured stays."""
    with acting(actor, door=door, verb="monitoring.end", reason=said(reason)):
        locked = _ready(actor, plan)
        checks = Checks()
        locked.end_reason = checks.text("reason", reason, limit=500, required=True)
        checks.done()
        locked.ended_at = locked.updated_at = portal_now()
        locked.save(update_fields=["ended_at", "updated_at", "end_reason"])
    return locked


def _permitted(actor: User, system: System) -> System:
    locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
    require(actor, Permission.MONITORING_CHANGE, locked)
    return locked


def _ready(actor: User, plan: MonitoringPlan) -> MonitoringPlan:
    _permitted(actor, plan.system)
    locked = _locked(plan)
    if locked.ended_at is not None:
        raise Conflict(Reason("state", "This is not monitored any more; plan it anew."))
    return locked


def _locked(plan: MonitoringPlan) -> MonitoringPlan:
    """The plan, locked after its system."""
    system = System.objects.select_for_update(no_key=True).get(pk=plan.system_id)
    locked = MonitoringPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    locked.system = system
    return locked


def _answerable(checks: Checks, person: User, system: System) -> None:
    if not can(person, Permission.SYSTEM_VIEW, system) or person.kind == User.Kind.MACHINE:
        checks.refuse("answers", "Must be a person who can see this system.")


def _cleaned(
    checks: Checks, given: Mapping[str, Any], known: tuple[str, ...], system: System, actor: User, direction: str = ""
) -> dict[str, Any]:
    for unknown in sorted(set(given) - set(known)):
        checks.refuse(unknown[:60], "Cannot be given here.")
    values: dict[str, Any] = {}
    if "metric" in known:
        values["metric"] = checks.slug("metric", given.get("metric"), limit=60)
        values["slice"] = checks.text("slice", given["slice"], limit=200)
        values["direction"] = checks.choice("direction", given.get("direction"), MonitoringPlan.Direction.values)
    values |= {
        "kind": checks.choice("kind", given.get("kind"), MonitoringPlan.Kind.values),
        "unit": checks.text("unit", given["unit"], limit=40),
        "warning": _number(checks, "warning", given["warning"]),
        "critical": _number(checks, "critical", given["critical"]),
        "source": checks.text("source", given["source"], limit=200),
        **_query(checks, given),
        "alert_name": checks.text("alert_name", given["alert_name"], limit=200),
        "breaches_needed": _whole(checks, "breaches_needed", given["breaches_needed"], 1, MOST_BREACHES),
        "cooldown_minutes": _whole(checks, "cooldown_minutes", given["cooldown_minutes"], 0, LONGEST_COOLDOWN),
        "longest_silence_hours": None if given["longest_silence_hours"] is None
        else _whole(checks, "longest_silence_hours", given["longest_silence_hours"], 1, LONGEST_SILENCE),
        "follows": checks.choice("follows", given["follows"], MonitoringPlan.Follows.values),
        "answers": given["answers"] or actor,
    }  # fmt: skip
    _answerable(checks, values["answers"], system)
    _graded(checks, given, values)
    _in_order(checks, values, direction or values["direction"])
    return values


def _query(checks: Checks, given: Mapping[str, Any]) -> dict[str, str]:
    """A Prometheus and what it is asked: both or neither, at an address the portal goes to."""
    values = {
        "prometheus": checks.text("prometheus", given["prometheus"], limit=500),
        "promql": checks.text("promql", given["promql"], limit=1000),
    }
    if bool(values["prometheus"]) != bool(values["promql"]):
        checks.refuse("promql", "Give the server and the query, or neither.")
    elif values["prometheus"]:
        try:
            parts = outgoing.check(prometheus.address(values["prometheus"], values["promql"]))
            with suppress(outgoing.Unreachable):  # a name nobody knows yet may still come to be known
                outgoing.judged(parts)
        except outgoing.Refused as refused:
            checks.refuse("prometheus", str(refused))
        if sentence := prometheus.fault(values["prometheus"]):
            checks.refuse("prometheus", sentence)
    return values


def _graded(checks: Checks, given: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Type, impact and urgency of the incidents to come: asked for only where incidents follow."""
    names = ("incident_type", "impact", "urgency")
    if values["follows"] != MonitoringPlan.Follows.INCIDENT:
        values |= dict.fromkeys(names, "")
        return
    rules = rules_of_incidents()
    if rules is None:
        raise Conflict(Reason("no_policy", "No policy pack in force says how incidents are handled."))
    words = (rules.types, rules.impact, rules.urgency)
    for name, levels in zip(names, words, strict=True):
        values[name] = checks.choice(name, given[name], [level.id for level in levels])


def _in_order(checks: Checks, values: Mapping[str, Any], direction: str) -> None:
    warning, critical = values["warning"], values["critical"]
    if warning is not None and critical is not None:
        if (warning > critical) if direction == "lower" else (warning < critical):
            checks.refuse("warning", "Must be broken before the critical limit is.")
    elif warning is None and critical is None and values["longest_silence_hours"] is None and not values["alert_name"]:
        checks.refuse(
            "warning", "Give a limit, a longest silence or the name of an alert rule; else nothing is watched."
        )


def _number(checks: Checks, name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        checks.refuse(name, "Must be a number.")
        return None
    return float(value)


def _whole(checks: Checks, name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    checks.refuse(name, f"Must be a whole number from {least} to {most:,}.")
    return least
