"""The lifecycles of validation, walked over every state and verb against tables written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden, Machine
from governance.validation.lifecycle import (
    CONDITION,
    FINDING,
    HOLD,
    REVIEW,
    SUBMISSION,
    ConditionFacts,
    FindingFacts,
    HoldFacts,
    ReviewFacts,
    SubmissionFacts,
    review_machine,
)
from governance.validation.models import Condition, Finding, Hold, Review, Submission
from governance.validation.rules import Independence

EVERY_RIGHT = frozenset(Permission)

# One line a verb: the states it leaves, the state it comes to. Everything not written here is refused.
TABLES: dict[str, tuple[Machine[Any], Any, type, dict[str, dict[str, str]]]] = {
    "submission": (
        SUBMISSION,
        SubmissionFacts(),
        Submission,
        {
            "approve": {"open": "approved"},
            "return": {"open": "returned"},
            "reject": {"open": "rejected"},
            "withdraw": {"open": "withdrawn"},
            "supersede": {"open": "superseded"},
        },
    ),
    "review": (
        REVIEW,
        ReviewFacts(),
        Review,
        {
            "open": {"waiting": "open"},
            "sign": {"open": "signed"},
            "reject": {"open": "rejected"},
            "return": {"open": "returned"},
            "void": {"waiting": "void", "open": "void"},
        },
    ),
    "finding": (
        FINDING,
        FindingFacts(actor_id=1, raised_by_id=None),
        Finding,
        {
            "respond": {"open": "answered"},
            "verify": {"answered": "closed"},
            "reopen": {"answered": "open", "closed": "open", "accepted": "open"},
            "accept": {"open": "accepted", "answered": "accepted"},
            "withdraw": {"open": "withdrawn"},
        },
    ),
    "condition": (
        CONDITION,
        ConditionFacts(actor_id=1),
        Condition,
        {"claim": {"open": "claimed"}, "confirm": {"claimed": "met"}, "refuse": {"claimed": "open"}},
    ),
    "hold": (HOLD, HoldFacts(actor_id=1, placed_by_id=2), Hold, {"lift": {"placed": "lifted"}}),
}
CELLS = [
    (noun, verb, state)
    for noun, (machine, _, _, table) in TABLES.items()
    for verb in table
    for state in sorted(machine.states)
]


@pytest.mark.parametrize("noun", TABLES)
def test_the_tables_name_every_verb_and_every_state_the_records_know(noun: str) -> None:
    machine, _, model, table = TABLES[noun]
    assert set(table) == set(machine.transitions)
    assert set(model.State.values) == machine.states  # type: ignore[attr-defined]


@pytest.mark.parametrize(("noun", "verb", "state"), CELLS)
def test_each_noun_moves_only_along_its_table(noun: str, verb: str, state: str) -> None:
    machine, facts, _, table = TABLES[noun]
    if (noun, verb) == ("finding", "withdraw"):
        facts = FindingFacts(actor_id=1, raised_by_id=1)
    expected = table[verb].get(state)
    if expected is None:
        with pytest.raises(Conflict):
            machine.decide(verb, state, allowed=EVERY_RIGHT, facts=facts)
    else:
        assert machine.decide(verb, state, allowed=EVERY_RIGHT, facts=facts) == expected


@pytest.mark.parametrize(("noun", "verb"), [(noun, verb) for noun, (_, _, _, t) in TABLES.items() for verb in t])
def test_without_the_right_a_person_presses_nothing(noun: str, verb: str) -> None:
    machine, facts, _, table = TABLES[noun]
    if not machine.transitions[verb].permission:
        return
    with pytest.raises(Forbidden):
        machine.decide(verb, next(iter(table[verb])), allowed=frozenset(), facts=facts)


def test_a_quorum_of_two_needs_two_signatures() -> None:
    assert REVIEW.decide("sign", "open", allowed=EVERY_RIGHT, facts=ReviewFacts(quorum=2)) == "open"
    assert REVIEW.decide("sign", "open", allowed=EVERY_RIGHT, facts=ReviewFacts(quorum=2, signatures=1)) == "signed"


def test_each_stage_asks_for_its_own_right() -> None:
    approval = review_machine(Permission.SIGN_APPROVAL)
    with pytest.raises(Forbidden):
        approval.decide("sign", "open", allowed={Permission.SIGN_VALIDATION}, facts=ReviewFacts())
    assert approval.decide("sign", "open", allowed={Permission.SIGN_APPROVAL}, facts=ReviewFacts()) == "signed"


@pytest.mark.parametrize("verb", ["sign", "reject", "return"])
@pytest.mark.parametrize(
    ("facts", "kind", "code"),
    [
        (ReviewFacts(by_person=False), Forbidden, "forbidden"),
        (
            ReviewFacts(independence=Independence(person_ids=frozenset({1}), submitter_ids=frozenset({1}))),
            Forbidden,
            "sod.submitter",
        ),
        (
            ReviewFacts(independence=Independence(person_ids=frozenset({1}), owner_ids=frozenset({1}))),
            Forbidden,
            "sod.owner",
        ),
        (
            ReviewFacts(independence=Independence(person_ids=frozenset({1}), developer_ids=frozenset({1}))),
            Forbidden,
            "sod.developer",
        ),
        (
            ReviewFacts(independence=Independence(person_ids=frozenset({1}), contributor_ids=frozenset({1, 2}))),
            Forbidden,
            "sod.contributor",
        ),
        (ReviewFacts(independence=Independence(signed_stages=("Audit",))), Forbidden, "sod.same_person"),
        (ReviewFacts(digest="sha256:b", digest_shown="sha256:a"), Conflict, "stale"),
        (ReviewFacts(signed_here=True), Conflict, "duplicate"),
        (ReviewFacts(submission_open=False), Conflict, "state"),
        (ReviewFacts(release_ready=False), Conflict, "state"),
    ],
)
def test_whoever_is_not_independent_or_reads_another_package_decides_nothing(
    verb: str, facts: ReviewFacts, kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as refusal:
        REVIEW.decide(verb, "open", allowed=EVERY_RIGHT, facts=facts)
    assert refusal.value.code == code  # type: ignore[attr-defined]


def test_open_blocking_findings_stop_a_signature_but_neither_rejection_nor_return() -> None:
    facts = ReviewFacts(blocking_findings=("Leaks labels",))
    with pytest.raises(Conflict, match="Leaks labels"):
        REVIEW.decide("sign", "open", allowed=EVERY_RIGHT, facts=facts)
    assert REVIEW.decide("reject", "open", allowed=EVERY_RIGHT, facts=facts) == "rejected"
    assert REVIEW.decide("return", "open", allowed=EVERY_RIGHT, facts=facts) == "returned"


def test_items_nobody_answered_stop_a_signature_but_neither_rejection_nor_return() -> None:
    facts = ReviewFacts(unanswered=("Data fit the use", "Limits are known"), quorum=2)
    with pytest.raises(Conflict, match="Data fit the use; Limits are known") as refusal:
        REVIEW.decide("sign", "open", allowed=EVERY_RIGHT, facts=facts)
    assert refusal.value.code == "blocked"
    assert REVIEW.decide("reject", "open", allowed=EVERY_RIGHT, facts=facts) == "rejected"
    assert REVIEW.decide("return", "open", allowed=EVERY_RIGHT, facts=facts) == "returned"


def test_a_later_stage_says_that_an_earlier_one_comes_first() -> None:
    with pytest.raises(Conflict) as refusal:
        REVIEW.decide("sign", "waiting", allowed=EVERY_RIGHT, facts=ReviewFacts())
    assert refusal.value.code == "order"
    offers = REVIEW.offered("waiting", allowed=EVERY_RIGHT, facts=ReviewFacts())
    assert {offer.verb: offer.reasons[0].code for offer in offers} == dict.fromkeys(
        ("sign", "reject", "return"), "order"
    )


@pytest.mark.parametrize("verb", ["verify", "accept"])
def test_who_answers_a_finding_does_not_judge_the_answer(verb: str) -> None:
    with pytest.raises(Forbidden) as refusal:
        FINDING.decide(verb, "answered", allowed=EVERY_RIGHT, facts=FindingFacts(actor_id=1, responded_by_id=1))
    assert refusal.value.code == "sod.responder"


@pytest.mark.parametrize("verb", ["verify", "accept"])
def test_who_built_a_release_does_not_settle_its_findings(verb: str) -> None:
    facts = FindingFacts(actor_id=1, builder_ids=frozenset({1}))
    with pytest.raises(Forbidden) as refusal:
        FINDING.decide(verb, "answered", allowed=EVERY_RIGHT, facts=facts)
    assert refusal.value.code == "sod.contributor"


def test_an_accepted_risk_ends_in_the_future() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(Conflict, match="end in the future"):
        FINDING.decide(
            "accept", "open", allowed=EVERY_RIGHT, facts=FindingFacts(actor_id=1, acceptance_ends=now, now=now)
        )


def test_only_the_raiser_withdraws_a_finding() -> None:
    with pytest.raises(Forbidden, match="raised"):
        FINDING.decide("withdraw", "open", allowed=EVERY_RIGHT, facts=FindingFacts(actor_id=1, raised_by_id=2))


@pytest.mark.parametrize("verb", ["confirm", "refuse"])
def test_who_reports_a_condition_as_fulfilled_does_not_confirm_it(verb: str) -> None:
    with pytest.raises(Forbidden) as refusal:
        CONDITION.decide(verb, "claimed", allowed=EVERY_RIGHT, facts=ConditionFacts(actor_id=1, claimed_by_id=1))
    assert refusal.value.code == "sod.claimer"


def test_who_placed_a_hold_does_not_lift_it() -> None:
    with pytest.raises(Forbidden) as refusal:
        HOLD.decide("lift", "placed", allowed=EVERY_RIGHT, facts=HoldFacts(actor_id=1, placed_by_id=1))
    assert refusal.value.code == "sod.placer"
