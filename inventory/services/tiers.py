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


def tier_from(answers: Mapping[str, object]) -> Tier:
    """The tier `answers` come to under the pack in force; no tier while a question is still open.

    Raises InvalidInput naming `answers.<question>`, Conflict `no_policy` while no pack is in force.
    """
    pack, rules = rules_in_force()
    wrong = validate_answers(rules.document, answers, complete=False)
    if wrong:
        raise InvalidInput({f"answers.{question}": [sentence] for question, sentence in wrong.items()})
    source = f"{pack.name} {pack.version}"
    open_questions = validate_answers(rules.document, answers)
    if open_questions:
        return Tier("", " ".join(open_questions.values()), source)
    decision = assess(rules.document, answers)
    return Tier(decision.tier, f"{decision.explanation} (rule: {decision.rule})", source)
