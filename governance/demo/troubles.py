"""What went wrong in the demonstration, from the report to its review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from incidents.models import Incident
from incidents.playbooks import playbooks_now
from incidents.queries import rules_of_incidents
from incidents.services import (
    add_action,
    add_check,
    add_participant,
    agree_review,
    close_incident,
    complete_review,
    contain_incident,
    describe_incident,
    pass_check,
    propose_playbook,
    report_incident,
    resolve_incident,
    triage_incident,
    write_review,
)
from inventory.models import System

DOOR = Door.COMMAND
WHERE = "fraud-scorer"


def troubles(system: System, people: Mapping[str, User]) -> None:
    """One incident of the fraud scorer, closed with its review; a better playbook waits to be decided on."""
    if system.slug != WHERE or pack_in_force() is None:
        return
    leader, validator = people["incidents"], people["validator"]
    now = portal_now()
    incident = report_incident(
        actor=people["owner"], system=system, title="Payments at fuel stations refused", type="drift",
        impact="limited", urgency="growing", occurred_at=now - timedelta(hours=30), aware_at=now - timedelta(hours=26),
        description="False positives at fuel stations rose from 1.1 to 8.3 % over night.", door=DOOR,
    )  # fmt: skip
    triage_incident(actor=leader, incident=incident, commander=leader, door=DOOR)
    add_participant(
        actor=leader, incident=incident, person=validator, function="data_science", stage="improvement", door=DOOR
    )
    contain_incident(
        actor=leader, incident=incident, containment="Staff decide on refused fuel payments by hand.", door=DOOR
    )
    check = add_check(actor=leader, incident=incident, text="False positives below 2 % for a day", door=DOOR)
    pass_check(actor=validator, check=check, evidence="1.2 % on yesterday's payments.", door=DOOR)
    resolve_incident(actor=leader, incident=incident, door=DOOR)
    describe_incident(
        actor=leader, incident=incident, door=DOOR,
        impact_by_class={"people": "212 genuine payments refused", "operations": "Two people on the phone for a day"},
    )  # fmt: skip
    write_review(
        actor=leader, incident=incident, door=DOOR,
        root_cause="A terminal provider renumbered its merchant codes; the model took them for new merchants.",
        response="Staff decided by hand within two hours of the first call; the dashboard showed it only at noon.",
        detection="Watch refusals by merchant code, hourly.",
        analysis="Keep a week of raw features, so that a shift is seen without asking the warehouse.",
        mitigation="Let the on-call team raise the threshold for one merchant group.",
        review="Ask who feeds us before asking the model.",
    )  # fmt: skip
    agree_review(actor=validator, incident=incident, door=DOOR)
    add_action(
        actor=leader, incident=incident, text="Add a limit for refusals by merchant code", owner=people["developer"],
        due=now + timedelta(days=14), door=DOOR,
    )  # fmt: skip
    _better_playbook(leader, incident)
    complete_review(actor=leader, incident=incident, door=DOOR)
    close_incident(actor=leader, incident=incident, door=DOOR)


def _better_playbook(leader: User, incident: Incident) -> None:
    book = next((one for one in playbooks_now(rules_of_incidents()) if one.type == incident.type), None)
    if book is None:
        return
    kept = [{"text": step.text, "within_hours": step.within_hours} for step in book.steps]
    propose_playbook(
        actor=leader, incident=incident, playbook=book.id, door=DOOR, reason="The provider knew before the model did.",
        steps=[{"text": "Ask those who feed the model what they changed.", "within_hours": 2}, *kept],
    )  # fmt: skip
