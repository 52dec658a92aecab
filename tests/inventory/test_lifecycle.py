"""The lifecycles of systems and releases, walked over every state and verb against a table written by hand."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.lifecycle import RELEASE, SYSTEM, ReleaseFacts, SystemFacts
from inventory.models import Release, System

# One line a verb: the states it leaves, the state it comes to. Everything not written here is refused.
RELEASE_TABLE = {
    "submit": {"draft": "in_review"},
    "withdraw": {"in_review": "draft"},
    "return": {"in_review": "draft"},
    "approve": {"in_review": "approved"},
    "reject": {"in_review": "rejected"},
    "reject_renewal": {"approved": "suspended", "suspended": "suspended"},
    "renew": {"approved": "approved"},
    "renew_suspended": {"suspended": "suspended"},
    "suspend": {"approved": "suspended"},
    "reinstate": {"suspended": "approved"},
    "revoke": {"approved": "revoked", "suspended": "revoked"},
    "retire": {"approved": "retired", "suspended": "retired", "rejected": "retired"},
    "discard": {"draft": "discarded"},
}
SYSTEM_TABLE = {
    "move_to_planned": dict.fromkeys(["development", "pilot", "production", "not_stated", "unknown"], "planned"),
    "move_to_development": dict.fromkeys(["planned", "pilot", "production", "not_stated", "unknown"], "development"),
    "move_to_pilot": dict.fromkeys(["planned", "development", "production", "not_stated", "unknown"], "pilot"),
    "move_to_production": dict.fromkeys(["planned", "development", "pilot", "not_stated", "unknown"], "production"),
    "retire": dict.fromkeys(["planned", "development", "pilot", "production", "not_stated", "unknown"], "retired"),
}
EVERY_RIGHT = frozenset(Permission)


def test_the_tables_name_every_verb_and_state() -> None:
    assert set(RELEASE_TABLE) == set(RELEASE.transitions)
    assert set(Release.State.values) == RELEASE.states
    assert set(SYSTEM_TABLE) == set(SYSTEM.transitions)
    assert set(System.Phase.values) == SYSTEM.states


@pytest.mark.parametrize("verb", sorted(RELEASE_TABLE))
@pytest.mark.parametrize("state", Release.State.values)
def test_a_release_moves_only_along_its_table(verb: str, state: str) -> None:
    expected = RELEASE_TABLE[verb].get(state)
    if expected is None:
        with pytest.raises(Conflict):
            RELEASE.decide(verb, state, allowed=EVERY_RIGHT, facts=ReleaseFacts())
    else:
        assert RELEASE.decide(verb, state, allowed=EVERY_RIGHT, facts=ReleaseFacts()) == expected


@pytest.mark.parametrize("verb", sorted(SYSTEM_TABLE))
@pytest.mark.parametrize("state", System.Phase.values)
def test_a_system_moves_only_along_its_table(verb: str, state: str) -> None:
    expected = SYSTEM_TABLE[verb].get(state)
    if expected is None:
        with pytest.raises(Conflict):
            SYSTEM.decide(verb, state, allowed=EVERY_RIGHT, facts=SystemFacts())
    else:
        assert SYSTEM.decide(verb, state, allowed=EVERY_RIGHT, facts=SystemFacts()) == expected


def test_a_release_with_gaps_is_not_submitted() -> None:
    gap = Reason("blocked", "No artifact is described.")
    with pytest.raises(Conflict, match="No artifact"):
        RELEASE.decide("submit", "draft", allowed=EVERY_RIGHT, facts=ReleaseFacts(submit_blockers=(gap,)))


def test_a_second_renewal_waits_for_the_first() -> None:
    with pytest.raises(Conflict, match="already in review"):
        RELEASE.decide("renew", "approved", allowed=EVERY_RIGHT, facts=ReleaseFacts(renewal_open=True))


def test_who_suspended_a_release_does_not_reinstate_it() -> None:
    with pytest.raises(Forbidden, match="another person"):
        RELEASE.decide("reinstate", "suspended", allowed=EVERY_RIGHT, facts=ReleaseFacts(actor_id=7, suspended_by_id=7))
    assert (
        RELEASE.decide("reinstate", "suspended", allowed=EVERY_RIGHT, facts=ReleaseFacts(actor_id=8, suspended_by_id=7))
        == "approved"
    )


def test_a_system_with_running_releases_is_not_retired() -> None:
    with pytest.raises(Conflict, match=r"3\.2\.0"):
        SYSTEM.decide("retire", "production", allowed=EVERY_RIGHT, facts=SystemFacts(approved=("3.2.0",)))


def test_a_system_that_still_runs_somewhere_is_not_retired() -> None:
    with pytest.raises(Conflict, match=r"3\.2\.0 in production"):
        SYSTEM.decide("retire", "production", allowed=EVERY_RIGHT, facts=SystemFacts(running=("3.2.0 in production",)))
