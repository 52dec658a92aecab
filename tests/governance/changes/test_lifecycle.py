"""The lifecycle of a change, walked over every state and verb against a table written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.access.vocabulary import Permission
from governance.changes.lifecycle import CHANGE, WORK, ChangeFacts, ChangeState, decide_work, offered_work
from governance.lifecycle import Conflict, Forbidden

TABLE = {
    "submit": {"draft": "in_approval"},
    "approve": {"in_approval": "approved"},
    "return": {"in_approval": "draft"},
    "reject": {"in_approval": "rejected"},
    "withdraw": {"draft": "withdrawn", "in_approval": "withdrawn"},
    "implement": {"approved": "implemented"},
    "verify": {"implemented": "closed"},
    "roll_back": {"implemented": "rolled_back"},
    "emergency": {"draft": "implemented"},
    "ratify": {"implemented": "implemented"},
    "ratify_rolled_back": {"rolled_back": "rolled_back"},
    "refuse": {"implemented": "implemented"},
    "refuse_rolled_back": {"rolled_back": "rolled_back"},
}
EVERY_RIGHT = frozenset(Permission)
READY = ChangeFacts(person_ids=frozenset({1}), author_ids=frozenset({2}), emergency=True, version="v")
DUE = replace(READY, ratification="due")
BESIDE = {
    "answer": {"draft", "in_approval"},
    "describe": {"draft"},
    "name_release": {"draft", "in_approval", "approved"},
    "record_results": {"approved", "implemented"},
    "raise_materiality": {"draft", "in_approval"},
    "lower_materiality": {"draft", "in_approval"},
}


def ready(verb: str) -> ChangeFacts:
    return DUE if verb.startswith(("ratify", "refuse")) else READY


@pytest.mark.parametrize("verb", sorted(CHANGE.transitions))
@pytest.mark.parametrize("state", sorted(ChangeState))
def test_a_change_moves_only_along_its_table(verb: str, state: str) -> None:
    expected = TABLE[verb].get(state)
    if expected is None:
        with pytest.raises(Conflict):
            CHANGE.decide(verb, state, allowed=EVERY_RIGHT, facts=ready(verb))
    else:
        assert CHANGE.decide(verb, state, allowed=EVERY_RIGHT, facts=ready(verb)) == expected


@pytest.mark.parametrize("verb", sorted(WORK))
@pytest.mark.parametrize("state", sorted(ChangeState))
def test_what_is_written_beside_a_change_has_its_time(verb: str, state: str) -> None:
    if state in BESIDE[verb]:
        decide_work(verb, state, allowed=EVERY_RIGHT, facts=READY)
    else:
        with pytest.raises(Conflict):
            decide_work(verb, state, allowed=EVERY_RIGHT, facts=READY)
    with pytest.raises(Forbidden):
        decide_work(verb, state, allowed=(), facts=READY)


def test_without_the_right_nothing_moves() -> None:
    for verb, row in TABLE.items():
        with pytest.raises(Forbidden):
            CHANGE.decide(verb, next(iter(row)), allowed=(), facts=ready(verb))


@pytest.mark.parametrize("verb", ["approve", "return", "reject", "ratify", "refuse", "ratify_rolled_back"])
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"author_ids": frozenset({1})}, "sod.requester"),
        ({"owner_ids": frozenset({1})}, "sod.owner"),
        ({"developer_ids": frozenset({1})}, "sod.developer"),
        ({"release_contributor_ids": frozenset({1})}, "sod.contributor"),
        ({"by_person": False}, "forbidden"),
    ],
)
def test_nobody_decides_on_what_they_have_a_hand_in(verb: str, facts: dict[str, Any], code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        CHANGE.decide(verb, next(iter(TABLE[verb])), allowed=EVERY_RIGHT, facts=replace(ready(verb), **facts))
    assert refused.value.code == code


def test_who_lowered_what_a_change_comes_to_does_not_approve_it() -> None:
    with pytest.raises(Forbidden, match="different approver"):
        CHANGE.decide("approve", "in_approval", allowed=EVERY_RIGHT, facts=replace(READY, lowered_by_id=1))
    assert CHANGE.decide("reject", "in_approval", allowed=EVERY_RIGHT, facts=replace(READY, lowered_by_id=1))


@pytest.mark.parametrize("verb", ["verify", "ratify", "refuse"])
def test_who_carries_a_change_out_does_not_judge_it(verb: str) -> None:
    with pytest.raises(Forbidden) as refused:
        CHANGE.decide(
            verb, "implemented", allowed=EVERY_RIGHT, facts=replace(ready(verb), implementer_ids=frozenset({1}))
        )
    assert refused.value.code == "sod.implementer"


@pytest.mark.parametrize("verb", ["approve", "return", "reject", "verify", "ratify", "refuse"])
def test_a_decision_is_on_what_was_read(verb: str) -> None:
    state = next(iter(TABLE[verb]))
    with pytest.raises(Conflict) as refused:
        CHANGE.decide(verb, state, allowed=EVERY_RIGHT, facts=replace(ready(verb), seen="older"))
    assert refused.value.code == "stale"
    assert CHANGE.decide(verb, state, allowed=EVERY_RIGHT, facts=replace(ready(verb), seen="v"))


@pytest.mark.parametrize(
    ("verb", "state", "facts", "said"),
    [
        ("submit", "draft", {"missing": ("why",)}, "Still missing: why."),
        ("emergency", "draft", {"missing": ("why",)}, "Still missing: why."),
        ("emergency", "draft", {"emergency": False}, "marked as an emergency"),
        ("implement", "approved", {"release_blockers": ("Release 2 is in review.",)}, "Release 2 is in review."),
        ("implement", "in_approval", {}, "not approved yet"),
        ("implement", "draft", {}, "not approved yet"),
        ("approve", "in_approval", {"objections": ("Nora objects.",), "comment": ""}, "Nora objects. Say in a comment"),
        ("verify", "approved", {}, "not carried out yet"),
        ("verify", "implemented", {"ratification": "due"}, "ratified before it is verified"),
        ("verify", "implemented", {"ratification": "refused"}, "can only be rolled back"),
        ("roll_back", "implemented", {"rollback_blockers": ("Name the release.",)}, "Name the release."),
        ("ratify", "implemented", {"ratification": "ratified"}, "No ratification is due"),
        ("refuse", "implemented", {"ratification": "none"}, "No ratification is due"),
    ],
)
def test_what_stands_in_the_way_is_said(verb: str, state: str, facts: dict[str, Any], said: str) -> None:
    with pytest.raises(Conflict, match=said):
        CHANGE.decide(verb, state, allowed=EVERY_RIGHT, facts=replace(READY, **facts))


def test_a_ratification_stays_due_after_a_roll_back() -> None:
    assert CHANGE.decide("roll_back", "implemented", allowed=EVERY_RIGHT, facts=DUE) == "rolled_back"
    assert CHANGE.decide("ratify_rolled_back", "rolled_back", allowed=EVERY_RIGHT, facts=DUE) == "rolled_back"


def test_offers_say_the_same_in_advance() -> None:
    author = replace(READY, author_ids=frozenset({1}), missing=("why",))
    offers = {offer.verb: offer for offer in CHANGE.offered("draft", allowed=EVERY_RIGHT, facts=author)}
    assert offers["withdraw"].open
    assert [reason.code for reason in offers["submit"].reasons] == ["blocked"]
    beside = {offer.verb: offer for offer in offered_work("draft", allowed=EVERY_RIGHT, facts=author)}
    assert beside["describe"].open
    assert beside["lower_materiality"].forbidden
