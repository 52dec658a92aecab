"""Incidents brought where a test needs them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.database.clock import portal_now
from incidents.models import Incident
from incidents.services import (
    add_action,
    add_check,
    close_incident,
    contain_incident,
    describe_incident,
    dismiss_incident,
    pass_check,
    report_incident,
    resolve_incident,
    triage_incident,
)
from inventory.models import Release
from tests.governance.validation.scene import Scene

GRADE: dict[str, Any] = {"type": "drift", "impact": "serious", "urgency": "growing"}
SMALL: dict[str, Any] = {"type": "drift", "impact": "limited", "urgency": "stable"}


def reported(scene: Scene, by: str = "owner", releases: tuple[Release, ...] = (), **grade: Any) -> Incident:
    """Just reported; S2 unless graded otherwise."""
    return report_incident(
        actor=scene[by], system=scene.system, title="False declines doubled", releases=releases, **(grade or GRADE)
    )


def resolved(scene: Scene, incident: Incident) -> Incident:
    """Taken on, its one check passed, back in service."""
    triage_incident(actor=scene["incidents"], incident=incident, commander=scene["incidents"])
    check = add_check(actor=scene["incidents"], incident=incident, text="Declines below 1 in 400 for a day")
    pass_check(actor=scene["validator"], check=check, evidence="Dashboard of 20 November.")
    return resolve_incident(actor=scene["incidents"], incident=incident)


def described(scene: Scene, incident: Incident) -> None:
    """Everything closing asks for."""
    describe_incident(
        actor=scene["incidents"],
        incident=incident,
        root_cause="Fuel stations changed their terminal codes.",
        impact_by_class={"people": "1,400 genuine payments declined"},
        review="Watch decline rates by merchant code.",
    )
    add_action(
        actor=scene["incidents"],
        incident=incident,
        text="Add a limit per merchant code",
        owner=scene["developer"],
        due=portal_now() + timedelta(days=14),
    )


def in_state(scene: Scene, state: str) -> Incident:
    """A small incident in this state, one person having led it all the way."""
    incident = reported(scene, **SMALL)
    leader = scene["incidents"]
    run: dict[str, Any] = {"actor": leader, "incident": incident}
    if state == "dismissed":
        return dismiss_incident(**run, reason="Nothing happened.")
    if state in {"triaged", "contained"}:
        incident = triage_incident(**run, commander=leader)
        return incident if state == "triaged" else contain_incident(**run, containment="Limit raised.")
    if state in {"resolved", "closed"}:
        described(scene, incident)
        incident = resolved(scene, incident)
        return incident if state == "resolved" else close_incident(**run)
    return incident
