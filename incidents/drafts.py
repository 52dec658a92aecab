"""A draft of a report to an authority, filled from the record; what nobody wrote down yet says so. Pure text."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from incidents.models import Incident, RegulatorClock

UNKNOWN = "Not known yet; will follow."


def draft_of(clock: RegulatorClock, incident: Incident) -> str:
    """The Markdown a person reads, completes and sends."""
    zone = ZoneInfo(clock.zone)
    releases = ", ".join(one.release.version for one in incident.affected.all()) or "all releases in use"
    whole = "complete" if incident.root_cause else "initial, incomplete"
    parts = [
        f"# {clock.title}",
        f"Report: {whole}. Our reference: INC-{incident.pk}.",
        "## What failed",
        f"System: {incident.system.name} ({releases}). Type: {incident.type}. Severity: {incident.severity.upper()}.",
        incident.description or UNKNOWN,
        "## When",
        f"Began: {_local(incident.occurred_at, zone)}. Aware: {_local(incident.aware_at, zone)}. "
        f"This duty runs since: {_local(clock.since, zone)}. Due before: {_local(clock.deadline, zone)}.",
        "## Whom it hit",
        *([f"- {name}: {text}" for name, text in incident.impact_by_class.items()] or [UNKNOWN]),
        "## What was done",
        incident.containment or UNKNOWN,
        *(f"- {one.text} (temporary, until {_local(one.until, zone)})" for one in incident.measures.all()),
        *(f"- {one}" for one in incident.stops.all()),
        "## Why it happened",
        incident.root_cause or UNKNOWN,
        "## What follows",
        *([f"- {one.text} ({one.owner}, by {_local(one.due, zone)})" for one in incident.actions.all()] or [UNKNOWN]),
        "## Who answers",
        f"{incident.commander or incident.reporter}",
    ]
    return "\n\n".join(parts)


def _local(instant: datetime | None, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M %Z}" if instant else "not known"
