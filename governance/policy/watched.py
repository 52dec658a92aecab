"""The check of monitoring: what is watched in use, whether somebody notices silence, and whether values came. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.policy.checking import BUILDERS, Case, Met, NotApplicable, Parameters, Result, Unmet, add_check, written
from governance.policy.sections import MonitoringDuty


def monitoring(case: Case, _: Parameters) -> Result:
    """Where the policy says so for the tier, something is watched, and somebody notices when it falls silent.

    A duty may name what the metrics tell about, and ask that values have come.
    """
    tier = case.facts.system.tier if case.facts.system else ""
    duties = [one for one in case.pack.monitoring_duties if one.tier == tier and one.plan_required]
    if not duties:
        return NotApplicable("The policy asks for no monitoring of this tier.")
    if not case.facts.monitoring:
        page = f"{case.system_page}monitoring/"
        return Unmet("No metric is monitored.", "Plan a metric with its limits.", BUILDERS, page)
    untils: list[datetime] = []
    for duty in duties:
        result = _watched(case, duty)
        if isinstance(result, Unmet):
            return result
        untils += [result] if result else []
    told = ", ".join(sorted({one.metric for one in case.facts.monitoring})[:5])
    return Met(f"Monitored: {told}.", min(untils, default=None))


def _watched(case: Case, duty: MonitoringDuty) -> datetime | Unmet | None:
    """What one duty lacks; else when the values it asks for will have been silent for too long."""
    page, hours = f"{case.system_page}monitoring/", duty.longest_silence_hours
    heard = [one for one in case.facts.monitoring if (one.silence_hours or 10**9) <= hours]
    if not heard:
        return Unmet(
            f"No metric raises an alert when it is silent for {hours} hours.",
            "Give a metric a longest silence that short.", BUILDERS, page,
        )  # fmt: skip
    if missing := [kind for kind in duty.kinds if all(one.kind != kind for one in heard)]:
        words = " and ".join(_words(kind) for kind in missing)
        return Unmet(
            f"Nothing watches {words} with an alert after {hours} hours of silence.",
            f"Plan a metric of {words} with a longest silence that short.", BUILDERS, page,
        )  # fmt: skip
    if not duty.measured:
        return None
    groups = [(_words(kind), [one for one in heard if one.kind == kind]) for kind in duty.kinds]
    untils = []
    for words, metrics in groups or [("what is watched", heard)]:
        newest = max((one.newest for one in metrics if one.newest), default=None)
        if newest is None or case.at >= newest + timedelta(hours=hours):
            since = f"since {written(newest)}" if newest else "yet"
            return Unmet(
                f"No value of {words} has come {since}; {hours} hours is the longest silence.",
                f"Send values of {', '.join(sorted({one.metric for one in metrics}))} again.", BUILDERS, page,
            )  # fmt: skip
        untils.append(newest + timedelta(hours=hours))
    return min(untils)


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def register() -> None:
    """Add the check to the vocabulary; called once at start, before any pack is read."""
    add_check("monitoring")(monitoring)
