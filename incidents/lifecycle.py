"""The lifecycle of an incident: states, facts, guards, transition table. Pure Python."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.access.vocabulary import Permission
from governance.lifecycle import Machine, Reason, Transition


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


def _checks_pass(facts: IncidentFacts) -> Reason | None:
    if not facts.checks:
        return Reason("blocked", "Write down at least one return-to-service check and pass it first.")
    if facts.open_checks:
        return Reason("blocked", f"Return-to-service checks are open: {'; '.join(facts.open_checks)}.")
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


_S = IncidentState

INCIDENT: Machine[IncidentFacts] = Machine(
    noun="incident",
    states=frozenset(_S),
    transitions={
        "triage": Transition(frozenset({_S.REPORTED}), _S.TRIAGED, Permission.INCIDENT_RUN),
        "dismiss": Transition(frozenset({_S.REPORTED, _S.TRIAGED}), _S.DISMISSED, Permission.INCIDENT_RUN),
        "mark_duplicate": Transition(frozenset({_S.REPORTED, _S.TRIAGED}), _S.DUPLICATE, Permission.INCIDENT_RUN),
        "contain": Transition(frozenset({_S.TRIAGED}), _S.CONTAINED, Permission.INCIDENT_RUN),
        "resolve": Transition(
            frozenset({_S.TRIAGED, _S.CONTAINED}), _S.RESOLVED, Permission.INCIDENT_RUN, can=(_checks_pass,)
        ),
        "close": Transition(
            frozenset({_S.RESOLVED}),
            _S.CLOSED,
            Permission.INCIDENT_RUN,
            may=(_closed_by_another,),
            can=(_complete,),
        ),
        "reopen": Transition(frozenset({_S.RESOLVED, _S.CLOSED, _S.DISMISSED}), _S.TRIAGED, Permission.INCIDENT_RUN),
    },
)
