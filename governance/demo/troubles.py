"""What went wrong in the demonstration, from the report to its review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from incidents.models import Incident
from incidents.outside import draft_of_summary
from incidents.playbooks import playbooks_now
from incidents.queries import rules_of_incidents
from incidents.services import (
    add_action,
    add_check,
    add_factor,
    add_link,
    add_participant,
    add_why,
    agree_review,
    approve_summary,
    close_incident,
    complete_review,
    contain_incident,
    describe_incident,
    finish_action,
    link_similar,
    pass_check,
    propose_playbook,
    report_incident,
    resolve_incident,
    say_foreseen,
    say_status,
    send_update,
    triage_incident,
    write_review,
    write_risk,
    write_summary,
)
from inventory.models import System
from inventory.services.risks import analyse_risk

DOOR = Door.COMMAND
WHERE = "fraud-scorer"


def troubles(system: System, people: Mapping[str, User]) -> None:
    """Two incidents of the fraud scorer, both closed, one with review and analysis; a better playbook waits."""
    if system.slug != WHERE or pack_in_force() is None:
        return
    leader, validator = people["incidents"], people["validator"]
    now = portal_now()
    earlier = _earlier(system, people)
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
    _told(leader, incident)
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
    _analysed(people, Incident.objects.get(pk=incident.pk), earlier)
    agree_review(actor=validator, incident=incident, door=DOOR)
    add_action(
        actor=leader, incident=incident, text="Add a limit for refusals by merchant code", owner=people["developer"],
        due=now + timedelta(days=14), door=DOOR,
    )  # fmt: skip
    _better_playbook(leader, incident)
    complete_review(actor=leader, incident=incident, door=DOOR)
    close_incident(actor=leader, incident=incident, door=DOOR)
    summary = write_summary(
        actor=leader, incident=incident, text=draft_of_summary(Incident.objects.get(pk=incident.pk)), door=DOOR
    )
    approve_summary(actor=people["riskofficer"], summary=summary, reason="Plain, and names nobody.", door=DOOR)


def _told(leader: User, incident: Incident) -> None:
    """What those concerned were told meanwhile, and where else to look."""
    send_update(
        actor=leader, incident=incident, audience="team", roles=["owner", "developer"], door=DOOR,
        next_due=portal_now() + timedelta(hours=4),
        text="Refusals come from one terminal provider. Staff decide by hand; we compare merchant codes.",
    )  # fmt: skip
    send_update(
        actor=leader, incident=incident, audience="executives", door=DOOR,
        text="Since last night the fraud model refused too many payments at fuel stations. Staff decide them by hand.",
    )  # fmt: skip
    say_status(
        actor=leader, incident=incident, sentence="Refused fuel payments are decided by hand; cause found.", door=DOOR
    )
    add_link(
        actor=leader, incident=incident, kind="dashboard", title="Refusals by merchant code",
        url="https://dashboards.example.org/refusals", door=DOOR,
    )  # fmt: skip


def _better_playbook(leader: User, incident: Incident) -> None:
    book = next((one for one in playbooks_now(rules_of_incidents()) if one.type == incident.type), None)
    if book is None:
        return
    kept = [{"text": step.text, "within_hours": step.within_hours} for step in book.steps]
    propose_playbook(
        actor=leader, incident=incident, playbook=book.id, door=DOOR, reason="The provider knew before the model did.",
        steps=[{"text": "Ask those who feed the model what they changed.", "within_hours": 2}, *kept],
    )  # fmt: skip


_WHYS = (
    ("Why were genuine payments refused?", "The model scored purchases at fuel stations as fraud."),
    ("Why did it score them so?", "It took known stations for merchants it had never seen."),
    ("Why were they new to it?", "A terminal provider had renumbered its merchant codes over night."),
    ("Why did nobody know?", "The provider told the card operations, and they do not tell the model's owners."),
    ("Why do they not?", "No agreement says who hears of a change in what feeds the model."),
)
_FACTORS = (
    ("data", "upstream-change", "Merchant codes renumbered"),
    ("process", "monitoring-gap", "Refusals were watched by day, not by hour"),
    ("process", "owner-unclear", "Nobody hears of changes at the provider"),
    ("people", "handover-gap", "The night shift kept the first calls to itself"),
    ("model", "wrong-threshold", "New merchants score too high"),
    ("environment", "vendor-change", "The provider moved to another host"),
)


def _earlier(system: System, people: Mapping[str, User]) -> Incident:
    """A smaller one before it, of the same cause."""
    leader, now = people["incidents"], portal_now()
    incident = report_incident(
        actor=people["owner"], system=system, title="Payments at toll booths refused", type="drift", impact="limited",
        urgency="stable", occurred_at=now - timedelta(days=40, hours=9), aware_at=now - timedelta(days=40), door=DOOR,
        description="A motorway operator changed its merchant codes; genuine payments were refused for a morning.",
    )  # fmt: skip
    triage_incident(actor=leader, incident=incident, commander=leader, door=DOOR)
    check = add_check(actor=leader, incident=incident, text="No toll refused for two hours", door=DOOR)
    pass_check(actor=people["validator"], check=check, evidence="None since nine o'clock.", door=DOOR)
    resolve_incident(actor=leader, incident=incident, door=DOOR)
    describe_incident(
        actor=leader, incident=incident, root_cause="Renumbered merchant codes.", door=DOOR,
        review="A new code is not a new merchant.", impact_by_class={"people": "31 genuine payments refused"},
    )  # fmt: skip
    action = add_action(
        actor=leader, incident=incident, text="Ask the operator for a notice", owner=people["owner"],
        due=now + timedelta(days=3), door=DOOR,
    )  # fmt: skip
    finish_action(actor=people["owner"], action=action, door=DOOR)
    add_factor(
        actor=leader, incident=incident, category="data", factor="upstream-change", text="Codes of one operator",
        door=DOOR,
    )  # fmt: skip
    close_incident(actor=leader, incident=incident, door=DOOR)
    return incident


def _analysed(people: Mapping[str, User], incident: Incident, earlier: Incident) -> None:
    """Five whys, a fishbone, a similar incident, and a risk that nobody had foreseen."""
    leader = people["incidents"]
    for number, (question, answer) in enumerate(_WHYS, 1):
        add_why(actor=leader, incident=incident, question=question, answer=answer, root=number == len(_WHYS), door=DOOR)
    for category, factor, text in _FACTORS:
        add_factor(actor=leader, incident=incident, category=category, factor=factor, text=text, door=DOOR)
    link_similar(
        actor=leader, incident=incident, other=earlier, note="The same cause, at one operator only.", door=DOOR
    )
    say_foreseen(
        actor=leader, incident=incident, risk=None, note="The register knew drift, not a change of codes over night.",
        door=DOOR,
    )  # fmt: skip
    risk = write_risk(
        actor=people["owner"], incident=incident, title="A provider changes what it sends without a word",
        area="operations", cause=incident.root_cause, effect="Genuine payments are refused.", door=DOOR,
    )  # fmt: skip
    analyse_risk(actor=people["owner"], risk=risk, likelihood="rare", consequence="small", door=DOOR)
