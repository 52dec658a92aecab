"""The lifecycle of an incident: states, facts, guards, transition table. Pure Python."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden, Machine, Offer, Reason, Refusal, Transition


class IncidentState(StrEnum):
    """Where an incident is, from the first report to the lesson."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    CONTAINED = "contained"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class IncidentFacts:
    """What the incident machine needs to know; gathered under the row lock."""

    actor_id: int = 0
    reporter_id: int | None = None
    commander_id: int | None = None
    two_person_close: bool = False
    open_checks: tuple[str, ...] = ()
    checks: int = 0
    missing_for_close: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    evidence_held: bool = False
    reports_owed: tuple[str, ...] = ()


def _checks_pass(facts: IncidentFacts) -> Reason | None:
    if not facts.checks:
        return Reason("blocked", "Write down at least one return-to-service check and pass it first.")
    if facts.open_checks:
        return Reason("blocked", f"Return-to-service checks are open: {'; '.join(facts.open_checks)}.")
    return None


def _nothing_temporary(facts: IncidentFacts) -> Reason | None:
    if facts.standing:
        return Reason(
            "blocked", f"Temporary measures still stand: {'; '.join(facts.standing)}. End each of them first."
        )
    return None


def _evidence_free(facts: IncidentFacts) -> Reason | None:
    if facts.evidence_held:
        return Reason("blocked", "Evidence is held; somebody other than who placed that hold lifts it first.")
    return None


def _reports_made(facts: IncidentFacts) -> Reason | None:
    if facts.reports_owed:
        return Reason("blocked", f"Reports are owed: {'; '.join(facts.reports_owed)}.")
    return None


def _complete(facts: IncidentFacts) -> Reason | None:
    if facts.missing_for_close:
        return Reason("blocked", f"Still missing: {'; '.join(facts.missing_for_close)}.")
    return None


def _closed_by_another(facts: IncidentFacts) -> Reason | None:
    if facts.two_person_close and facts.actor_id in {facts.reporter_id, facts.commander_id}:
        return Reason(
            "sod.incident_close", "An incident this severe is closed by somebody other than its reporter and commander."
        )
    return None


def _put_away_by_another(facts: IncidentFacts) -> Reason | None:
    if facts.two_person_close and facts.actor_id in {facts.reporter_id, facts.commander_id}:
        return Reason(
            "sod.incident_close",
            "An incident this severe is put away by somebody other than its reporter and commander.",
        )
    return None


_S = IncidentState

INCIDENT: Machine[IncidentFacts] = Machine(
    noun="incident",
    states=frozenset(_S),
    transitions={
        "triage": Transition(frozenset({_S.REPORTED}), _S.TRIAGED, Permission.INCIDENT_RUN),
        "dismiss": Transition(
            frozenset({_S.REPORTED, _S.TRIAGED}),
            _S.DISMISSED,
            Permission.INCIDENT_RUN,
            may=(_put_away_by_another,),
            can=(_nothing_temporary, _evidence_free, _reports_made),
        ),
        "mark_duplicate": Transition(
            frozenset({_S.REPORTED, _S.TRIAGED}),
            _S.DUPLICATE,
            Permission.INCIDENT_RUN,
            may=(_put_away_by_another,),
            can=(_nothing_temporary, _evidence_free, _reports_made),
        ),
        "contain": Transition(frozenset({_S.TRIAGED}), _S.CONTAINED, Permission.INCIDENT_RUN),
        "resolve": Transition(
            frozenset({_S.TRIAGED, _S.CONTAINED}),
            _S.RESOLVED,
            Permission.INCIDENT_RUN,
            can=(_checks_pass, _nothing_temporary),
        ),
        "close": Transition(
            frozenset({_S.RESOLVED}),
            _S.CLOSED,
            Permission.INCIDENT_RUN,
            may=(_closed_by_another,),
            can=(_complete, _evidence_free, _reports_made),
        ),
        "reopen": Transition(frozenset({_S.RESOLVED, _S.CLOSED, _S.DISMISSED}), _S.TRIAGED, Permission.INCIDENT_RUN),
    },
)

_OPEN = frozenset({_S.REPORTED, _S.TRIAGED, _S.CONTAINED})
_UNDER_WORK = _OPEN | {_S.RESOLVED}
_LED = frozenset({_S.TRIAGED, _S.CONTAINED})

# What is written beside an incident without moving it: verb → who may, and until when.
WORK: Mapping[str, tuple[Permission, frozenset[IncidentState]]] = {
    "describe": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "add_check": (Permission.INCIDENT_RUN, _OPEN),
    "pass_check": (Permission.INCIDENT_CHECK, _UNDER_WORK),
    "add_action": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "start_playbook": (Permission.INCIDENT_RUN, _OPEN),
    "add_participant": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "take_measure": (Permission.INCIDENT_RUN, _OPEN),
    "end_measure": (Permission.INCIDENT_CHECK, _OPEN),
    "suspend_release": (Permission.INCIDENT_RUN, _OPEN),
    "place_hold": (Permission.INCIDENT_RUN, _OPEN),
    "start_clock": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "report_clock": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "drop_clock": (Permission.INCIDENT_CHECK, _UNDER_WORK),
    "hold_evidence": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "lift_evidence": (Permission.INCIDENT_CHECK, _UNDER_WORK),
    "write_review": (Permission.INCIDENT_RUN, _LED | {_S.RESOLVED}),
    "agree_review": (Permission.SYSTEM_VIEW, _LED | {_S.RESOLVED}),
    "complete_review": (Permission.INCIDENT_RUN, frozenset({_S.RESOLVED})),
    "propose_playbook": (Permission.INCIDENT_RUN, _LED | {_S.RESOLVED, _S.CLOSED}),
    **dict.fromkeys(
        (
            "add_why",
            "take_back_why",
            "add_factor",
            "take_back_factor",
            "link_similar",
            "take_back_similar",
            "say_foreseen",
            "take_back_foresight",
        ),
        (Permission.INCIDENT_RUN, _UNDER_WORK),
    ),
    "write_risk": (Permission.RISK_CHANGE, _UNDER_WORK | {_S.CLOSED}),
    "write_summary": (Permission.INCIDENT_RUN, _UNDER_WORK | {_S.CLOSED}),
    "approve_summary": (Permission.INCIDENT_CHECK, _UNDER_WORK | {_S.CLOSED}),
    "refuse_summary": (Permission.INCIDENT_CHECK, _UNDER_WORK | {_S.CLOSED}),
    "send_update": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "say_status": (Permission.INCIDENT_RUN, _UNDER_WORK),
    "add_link": (Permission.INCIDENT_REPORT, frozenset(_S)),
    "note": (Permission.INCIDENT_REPORT, frozenset(_S)),
}


def decide_work(verb: str, state: str, *, allowed: Container[str]) -> None:
    """Raise Forbidden when the person may not, Conflict `state` when the incident takes no more of this."""
    permission, states = WORK[verb]
    if permission not in allowed:
        raise Forbidden(Reason("forbidden", f"You need the right to {permission.words} on this incident."))
    if state not in states:
        raise Conflict(Reason("state", f"This incident is {state}; {_next(state, states)} first."))


def _next(state: str, states: frozenset[IncidentState]) -> str:
    """What brings an incident nearer to where this can be written."""
    if state == _S.REPORTED:
        return "take it on"
    return "resolve it" if state in _OPEN and states & {_S.RESOLVED} else "reopen it"


def offered_work(state: str, *, allowed: Container[str]) -> tuple[Offer, ...]:
    """Everything a person could write beside the incident now."""
    offers = []
    for verb in WORK:
        try:
            decide_work(verb, state, allowed=allowed)
        except Refusal as refusal:
            offers.append(Offer(verb, refusal.reasons, isinstance(refusal, Forbidden)))
        else:
            offers.append(Offer(verb))
    return tuple(offers)


def decide_check(*, severe: bool, actor_id: int, added_by_id: int, commander_id: int | None) -> None:
    """Raise Forbidden where the one who passes a check is the one whose work it checks."""
    if severe and actor_id in {added_by_id, commander_id}:
        raise Forbidden(
            Reason(
                "sod.incident_check",
                "In an incident this severe a check is passed by somebody other than who wrote it down and who leads.",
            )
        )


def decide_end(*, severe: bool, actor_id: int, taken_by_id: int) -> None:
    """Raise Forbidden where whoever took a temporary measure ends it, and with it the time it was to hold for."""
    if severe and actor_id == taken_by_id:
        raise Forbidden(
            Reason(
                "sod.incident_measure",
                "In an incident this severe a temporary measure is ended by somebody other than who took it.",
            )
        )
