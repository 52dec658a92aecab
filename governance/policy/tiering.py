"""From answers to a tier: likelihood of harm × anticipated loss, then the rules that lift it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.inputs import InvalidInput
from governance.policy.schema import PackDocument, Question, Tiers
from governance.policy.sections import Level, Option


@dataclass(frozen=True, slots=True)
class TierDecision:
    """The tier, the id of the rule that decided (`matrix` for the matrix itself) and why, in plain words."""

    tier: str
    rule: str
    explanation: str


def validate_answers(document: PackDocument, answers: object, *, complete: bool = True) -> dict[str, str]:
    """What is wrong with each answer, by question id; empty when the answers are valid.

    Unless `complete`, questions may still be open.
    """
    if not isinstance(answers, Mapping):
        return {"answers": "Give an object of question id to answer."}
    questions = {question.id: question for question in document.tiers.questionnaire}
    wrong = {str(key): "The policy in force has no such question." for key in answers if key not in questions}
    for question in questions.values():
        if question.id not in answers:
            if not complete:
                continue
            wrong[question.id] = f"Not answered: {question.text}"
        elif not isinstance(answers[question.id], str) or _option(question, answers[question.id]) is None:
            possible = ", ".join(option.value for option in question.options)
            wrong[question.id] = f"Choose one of: {possible}."
    return wrong


def assess(document: PackDocument, answers: Mapping[str, object]) -> TierDecision:
    """The tier the answers come to. Raises InvalidInput, naming every bad field."""
    wrong = validate_answers(document, answers)
    if wrong:
        raise InvalidInput({f"answers.{field}": [text] for field, text in wrong.items()})
    tiers = document.tiers
    chosen = {question.id: _chosen(question, answers[question.id]) for question in tiers.questionnaire}
    likelihood, because_likely = _highest(tiers, tiers.likelihood, "likelihood", chosen)
    loss, because_loss = _highest(tiers, tiers.loss, "loss", chosen)
    rank = {tier.id: position for position, tier in enumerate(tiers.order)}
    title = {tier.id: tier.title for tier in tiers.order}
    tier = tiers.matrix[likelihood.id][loss.id]
    rule = "matrix"
    explanation = (
        f"Likelihood of harm is “{likelihood.title}” ({because_likely}). Anticipated loss is “{loss.title}” "
        f"({because_loss}). Together the policy calls this tier “{title[tier]}”."
    )
    for lift in tiers.rules:
        fires = all(answers[question] in values for question, values in lift.when.items())
        if fires and rank[lift.at_least] < rank[tier]:
            tier, rule = lift.at_least, lift.id
            explanation += f" The rule “{lift.title}” lifts it to “{title[tier]}”: {lift.why}"
    return TierDecision(tier, rule, explanation)


def in_words(document: PackDocument, answers: Mapping[str, object]) -> list[dict[str, str]]:
    """Each answer with the texts a reader needs, in the questionnaire's order.

    An answer to a question of another policy, or one this policy does not offer, is shown as it was given.
    """
    questions = {question.id: question for question in document.tiers.questionnaire}
    order = [key for key in questions if key in answers] + sorted(key for key in answers if key not in questions)
    lines = []
    for key in order:
        option = _option(questions[key], answers[key]) if key in questions else None
        text = questions[key].text if key in questions else key
        lines.append({"question": text, "answer": option.label if option else str(answers[key])})
    return lines


def _option(question: Question, value: object) -> Option | None:
    return next((option for option in question.options if option.value == value), None)


def _chosen(question: Question, value: object) -> Option:
    option = _option(question, value)
    if option is None:
        raise InvalidInput({f"answers.{question.id}": ["Unknown answer."]})
    return option


def _highest(tiers: Tiers, levels: tuple[Level, ...], axis: str, chosen: Mapping[str, Option]) -> tuple[Level, str]:
    """The highest level any answer on this axis stands for, and the answer that says so."""
    rank = {level.id: position for position, level in enumerate(levels)}
    best, because = levels[0], "no answer points higher"
    reached = -1
    for question in tiers.questionnaire:
        option = chosen[question.id]
        if question.axis == axis and option.level is not None and rank[option.level] > reached:
            reached = rank[option.level]
            best, because = levels[reached], f"{question.text} {option.label}".rstrip(".")
    return best, because
