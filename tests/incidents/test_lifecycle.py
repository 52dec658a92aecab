"""The lifecycle of an incident, walked over every state and verb against a table written by hand."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden
from incidents.lifecycle import INCIDENT, IncidentFacts, IncidentState

TABLE = {
    "triage": {"reported": "triaged"},
    "dismiss": {"reported": "dismissed", "triaged": "dismissed"},
    "mark_duplicate": {"reported": "duplicate", "triaged": "duplicate"},
    "contain": {"triaged": "contained"},
    "resolve": {"triaged": "resolved", "contained": "resolved"},
    "close": {"resolved": "closed"},
    "reopen": {"resolved": "triaged", "closed": "triaged", "dismissed": "triaged"},
}
READY = IncidentFacts(actor_id=1, reporter_id=2, commander_id=3, checks=1)


@pytest.mark.parametrize("verb", sorted(INCIDENT.transitions))
@pytest.mark.parametrize("state", sorted(IncidentState))
def test_an_incident_moves_only_along_its_table(verb: str, state: str) -> None:
    expected = TABLE[verb].get(state)
    if expected is None:
        with pytest.raises(Conflict):
            INCIDENT.decide(verb, state, allowed=frozenset(Permission), facts=READY)
    else:
        assert INCIDENT.decide(verb, state, allowed=frozenset(Permission), facts=READY) == expected


def test_an_incident_is_resolved_only_when_every_check_passed() -> None:
    with pytest.raises(Conflict, match="False declines below limit"):
        INCIDENT.decide(
            "resolve",
            "contained",
            allowed=frozenset(Permission),
            facts=IncidentFacts(checks=2, open_checks=("False declines below limit",)),
        )


def test_an_incident_without_any_check_is_not_resolved() -> None:
    with pytest.raises(Conflict, match="return-to-service"):
        INCIDENT.decide("resolve", "contained", allowed=frozenset(Permission), facts=IncidentFacts())


def test_an_incident_is_closed_only_when_complete() -> None:
    with pytest.raises(Conflict, match="root cause"):
        INCIDENT.decide(
            "close",
            "resolved",
            allowed=frozenset(Permission),
            facts=IncidentFacts(missing_for_close=("the root cause",)),
        )


@pytest.mark.parametrize("actor", [2, 3])
def test_a_severe_incident_is_not_closed_by_its_reporter_or_commander(actor: int) -> None:
    facts = IncidentFacts(actor_id=actor, reporter_id=2, commander_id=3, two_person_close=True)
    with pytest.raises(Forbidden, match="other than its reporter"):
        INCIDENT.decide("close", "resolved", allowed=frozenset(Permission), facts=facts)


def test_without_the_right_nothing_moves() -> None:
    for verb in INCIDENT.transitions:
        with pytest.raises(Forbidden):
            INCIDENT.decide(verb, "reported", allowed=frozenset(), facts=READY)
