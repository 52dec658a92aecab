"""Answers to the questionnaire of the pack in force become a tier, with the rule that fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.inputs import InvalidInput
from governance.policy.queries import rules_in_force
from governance.policy.tiering import assess, validate_answers


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier, why, and which pack said so."""

    name: str
    reason: str
    pack: str


def tier_from(answers: Mapping[str, object], *, before: Mapping[str, object]) -> Tier:
    """The tier `answers` come to under the pack in force; no tier while a question is still open.

    `before` is what was answered so far. Raises InvalidInput naming `answers.<question>`, also for a question that
    was answered and no longer is; Conflict `no_policy` while no pack is in force.
    """
    pack, rules = rules_in_force()
    wrong = validate_answers(rules.document, answers, complete=False)
    open_questions = validate_answers(rules.document, answers)
    wrong = wrong or {question: sentence for question, sentence in open_questions.items() if question in before}
    if wrong:
        raise InvalidInput({f"answers.{question}": [sentence] for question, sentence in wrong.items()})
    source = f"{pack.name} {pack.version}"
    if open_questions:
        return Tier("", " ".join(open_questions.values()), source)
    decision = assess(rules.document, answers)
    return Tier(decision.tier, f"{decision.explanation} (rule: {decision.rule})", source)
