"""What the shipped policy makes of every change there can be, against a table written from the policy's intent."""

from __future__ import annotations

from itertools import product

import pytest

from governance.changes.rules import Asked, assess, missing, rank, wrong_answers
from governance.policy.packs import parse, shipped
from governance.policy.sections import Changes

# Kind → what it comes to in tier high, medium, low when every answer is harmless.
TABLE = {
    "retraining": ("material", "minor", "minor"),
    "data": ("material", "material", "material"),
    "feature": ("material", "material", "material"),
    "code": ("minor", "minor", "minor"),
    "infrastructure": ("minor", "minor", "minor"),
    "api": ("material", "minor", "minor"),
    "user-interface": ("minor", "minor", "none"),
    "prompt": ("material", "material", "material"),
    "third-party-version": ("material", "minor", "minor"),
    "vendor": ("material", "material", "material"),
    "threshold": ("material", "material", "material"),
    "intended-use": ("material", "material", "material"),
    "affected-group": ("material", "material", "material"),
    "law": ("minor", "minor", "minor"),
    "retirement": ("none", "none", "none"),
}
TIERS = ("high", "medium", "low")
# Question → answers that leave the table's word as it is; every other answer makes any change material.
HARMLESS = {
    "data-permission": {"yes", "no-data"},
    "interfaces-compatible": {"yes"},
    "significant-design-change": {"no"},
}
EVERY_ANSWER = {
    "data-permission": ("yes", "no", "unsure", "no-data"),
    "interfaces-compatible": ("yes", "no", "unsure"),
    "significant-design-change": ("yes", "no", "unsure"),
}
FINE = {"data-permission": "yes", "interfaces-compatible": "yes", "significant-design-change": "no"}


def section(pack: str = "baseline") -> Changes:
    found = parse(shipped(pack)).changes
    assert found is not None
    return found


@pytest.mark.parametrize("pack", ["baseline", "baseline-small"])
def test_the_table_names_every_kind_and_answer_of_the_policy(pack: str) -> None:
    assert {kind.id for kind in section(pack).kinds} == set(TABLE)
    asked = {question.id: tuple(option.value for option in question.options) for question in section(pack).questions}
    assert asked == EVERY_ANSWER


@pytest.mark.parametrize("kind", TABLE)
@pytest.mark.parametrize("pack", ["baseline", "baseline-small"])
def test_every_change_comes_to_what_the_table_says(pack: str, kind: str) -> None:
    rules, seen = section(pack), 0
    for tier, *chosen in product(TIERS, *EVERY_ANSWER.values()):
        expected = TABLE[kind][TIERS.index(tier)]
        answers: dict[str, str] = dict(zip(EVERY_ANSWER, chosen, strict=True))
        harmless = all(answer in HARMLESS[question] for question, answer in answers.items())
        found = assess(rules, kind, tier, answers)
        assert found.materiality == (expected if harmless else "material"), (tier, answers)
        assert found.explanation
        seen += 1
    assert seen == 3 * 4 * 3 * 3


@pytest.mark.parametrize(
    ("kind", "tier", "answers", "rule", "said"),
    [
        ("code", "high", FINE, "kind", "Code around the model is minor"),
        ("retraining", "high", FINE, "high-tier", "“High tier” makes it material"),
        ("retraining", "low", FINE, "kind", "is minor"),
        ("user-interface", "medium", FINE, "seen-by-people", "“People meet it” makes it minor"),
        ("code", "low", {**FINE, "significant-design-change": "unsure"}, "significant-design", "another design"),
        ("code", "low", {**FINE, "interfaces-compatible": "no"}, "interfaces-break", "makes it material"),
        ("retirement", "low", {**FINE, "data-permission": "unsure"}, "permission-unclear", "makes it material"),
    ],
)  # fmt: skip
def test_the_rule_that_decided_is_named_and_explained(
    kind: str, tier: str, answers: dict[str, str], rule: str, said: str
) -> None:
    found = assess(section(), kind, tier, answers)
    assert found.rule == rule
    assert said in found.explanation


def test_a_system_whose_tier_nobody_knows_is_treated_as_the_highest() -> None:
    assert assess(section(), "retraining", "", FINE).materiality == "material"


def test_an_open_question_lifts_nothing_but_keeps_a_request_from_being_put_up() -> None:
    assert assess(section(), "code", "low", {}).materiality == "minor"
    lacks = missing(section(), Asked("x", "y", "z", "t", planned=True, answers={}))
    assert len(lacks) == 3


def test_data_used_without_permission_cannot_be_put_up() -> None:
    complete = Asked("x", "y", "z", "t", planned=True, answers={**FINE, "data-permission": "no"})
    assert missing(section(), complete) == ("another answer than “No” to “Is all data used with permission?”",)


def test_plans_may_come_later_in_an_emergency_but_not_the_way_back() -> None:
    bare = Asked("x", "y", "", "", planned=False, answers=FINE, emergency=True)
    assert missing(section(), bare) == ("the roll-back plan",)
    calm = Asked("x", "y", "", "", planned=False, answers=FINE)
    assert missing(section(), calm) == ("the roll-back plan", "the test plan", "the planned window")


def test_answers_the_policy_does_not_offer_are_named() -> None:
    wrong = wrong_answers(section().questions, {"weather": "fine", "data-permission": "perhaps"})
    assert set(wrong) == {"weather", "data-permission"}
    assert set(wrong_answers(section().questions, ["yes"])) == {"answers"}


def test_the_scale_has_an_order() -> None:
    assert rank("none") < rank("minor") < rank("material")
