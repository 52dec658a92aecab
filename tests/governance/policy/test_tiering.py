"""Tiering: an independent table of answers and the tier they come to."""

from __future__ import annotations

import pytest

from governance.inputs import InvalidInput
from governance.policy.packs import parse, shipped
from governance.policy.tiering import assess, in_words, validate_answers

DOCUMENT = parse(shipped("baseline"))
HARMLESS = {
    "decision-role": "informs", "error-detection": "always", "novelty": "proven", "people-affected": "nothing",
    "money": "small", "essential": "no", "vulnerable-groups": "no",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "tier", "rule"),
    [
        ({}, "low", "matrix"),
        ({"money": "medium"}, "low", "matrix"),
        ({"money": "large"}, "medium", "matrix"),
        ({"decision-role": "recommends"}, "low", "matrix"),
        ({"decision-role": "recommends", "people-affected": "inconvenience"}, "medium", "matrix"),
        ({"decision-role": "recommends", "people-affected": "rights-or-safety"}, "high", "matrix"),
        ({"decision-role": "decides"}, "medium", "matrix"),
        ({"decision-role": "decides", "money": "medium"}, "high", "matrix"),
        ({"decision-role": "decides", "money": "large"}, "high", "matrix"),
        ({"novelty": "not-known"}, "medium", "matrix"),
        ({"money": "not-known"}, "medium", "matrix"),
        ({"essential": "yes"}, "medium", "essential-service"),
        ({"essential": "not-known"}, "medium", "essential-service"),
        ({"essential": "yes", "decision-role": "decides", "money": "large"}, "high", "matrix"),
        ({"vulnerable-groups": "yes"}, "low", "matrix"),
        ({"vulnerable-groups": "yes", "people-affected": "inconvenience"}, "high", "protected-people"),
        ({"vulnerable-groups": "yes", "people-affected": "not-known", "essential": "yes"}, "high", "protected-people"),
    ],
)
def test_answers_come_to_the_tier(changes: dict[str, str], tier: str, rule: str) -> None:
    decision = assess(DOCUMENT, {**HARMLESS, **changes})
    assert (decision.tier, decision.rule) == (tier, rule)


def test_the_explanation_names_the_answers_that_decided_in_plain_words() -> None:
    decision = assess(DOCUMENT, {**HARMLESS, "essential": "yes"})
    assert decision.explanation == (
        "Likelihood of harm is “Unlikely” (What happens with the output? A person reads it and decides alone). "
        "Anticipated loss is “Minor” (What could a wrong output do to people? Nothing they would notice). "
        "Together the policy calls this tier “Low”. The rule “Essential service” lifts it to “Medium”: "
        "An essential service stops when the system fails, or nobody could say that it does not."
    )


def test_every_bad_answer_is_named() -> None:
    answers: dict[str, object] = {**HARMLESS, "money": "plenty", "essential": True, "colour": "red"}
    del answers["novelty"]
    assert set(validate_answers(DOCUMENT, answers)) == {"money", "essential", "colour", "novelty"}
    with pytest.raises(InvalidInput) as caught:
        assess(DOCUMENT, answers)
    assert set(caught.value.errors) == {"answers.money", "answers.essential", "answers.colour", "answers.novelty"}


def test_unfinished_answers_may_be_kept_but_come_to_no_tier() -> None:
    assert validate_answers(DOCUMENT, {"money": "small"}, complete=False) == {}
    assert set(validate_answers(DOCUMENT, {"money": "x"}, complete=False)) == {"money"}
    with pytest.raises(InvalidInput):
        assess(DOCUMENT, {"money": "small"})


@pytest.mark.parametrize("answers", [None, [], "yes", 3])
def test_answers_must_be_an_object(answers: object) -> None:
    assert set(validate_answers(DOCUMENT, answers)) == {"answers"}


def test_answers_are_put_in_the_words_of_the_policy_and_strange_ones_stay_as_given() -> None:
    document = parse(shipped("baseline"))
    question = document.tiers.questionnaire[0]
    option = question.options[0]
    lines = in_words(document, {"of-another-policy": "yes", question.id: option.value})
    assert lines == [
        {"question": question.text, "answer": option.label},
        {"question": "of-another-policy", "answer": "yes"},
    ]
