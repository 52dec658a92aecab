"""The steps of a guided registration, and how what was typed becomes the description of a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.policy.schema import PackDocument, Regime
from governance.policy.tiering import TierDecision, assess, validate_answers
from inventory.models import System

# Who answers for which part of the work (the organisation's functions, not the portal's roles).
FUNCTIONS = {
    "data-science": "Data science",
    "engineering": "Engineering",
    "compliance": "Compliance",
    "security": "Security",
    "operations": "Operations",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the registration: its fields, and what it is about."""

    key: str
    title: str
    lead: str
    fields: tuple[str, ...] = ()


STEPS = (
    Step("context", "What it is", "Its name, where it belongs, and what it is for.",
         ("name", "unit", "phase", "purpose", "outputs")),
    Step("objectives", "Objectives", "What success means, in numbers, and when somebody looks whether it was reached.",
         ("objectives", "objectives_review_on")),
    Step("stakeholders", "Stakeholders", "Who has a stake in it, and whether they agreed to these objectives.",
         ("stakeholders",)),
    Step("use", "Use", "What it is meant for, and what it must not be used for. Approvals are bound to this text.",
         ("intended_use", "out_of_scope_use")),
    Step("people", "People affected", "Whom it touches, and who can step in.", ("affected_groups", "human_oversight")),
    Step("data", "Personal data", "Whether it works on personal data, and which traits of people it looks at.",
         ("personal_data", "demographic_variables")),
    Step("origin", "Origin", "Who built it, and who supplies it.", ("origin", "vendor")),
    Step("regimes", "Law and standards", "Which of them it falls under, and why.",
         ("impact", "own_role", "own_role_reason")),
    Step("responsibilities", "Responsibilities", "Who answers for which part of the work. A name or a team each."),
    Step("tier", "Likelihood and loss", "How likely it does harm, and what is lost then. The tier follows."),
)  # fmt: skip
BY_KEY = {step.key: place for place, step in enumerate(STEPS)}
_WORDS = ("origin", "impact", "own_role", "personal_data")


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the matrix of tiers; `here` when the answers lead to it."""

    tier: str
    here: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """How the answers came to a tier: the matrix with the field they lead to, and the rule that decided."""

    decision: TierDecision
    title: str
    meaning: str
    losses: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def declared_regimes(pack: PackDocument | None) -> tuple[Regime, ...]:
    """The regimes whose scope somebody has to declare."""
    return tuple(regime for regime in pack.all_regimes if regime.applies_to == "declared") if pack else ()


def description(values: Mapping[str, str], pack: PackDocument | None) -> dict[str, Any]:
    """What was typed, as the fields of a system; what was left out stays not stated."""
    texts = {name for step in STEPS for name in step.fields} - {"name", "unit", "phase", "objectives_review_on"}
    said: dict[str, Any] = {name: values.get(name, "") for name in sorted(texts)}
    for name in _WORDS:
        said[name] = said[name] or System.Known.NOT_STATED.value
    said["objectives_review_on"] = _day(values.get("objectives_review_on", ""))
    said["responsibilities"] = {
        title: values[f"function-{key}"] for key, title in FUNCTIONS.items() if values.get(f"function-{key}")
    }
    said["regimes"] = [
        {
            "regime": regime.id, "scope": values[f"regime-{regime.id}"],
            "reason": values.get(f"because-{regime.id}", ""),
        }
        for regime in declared_regimes(pack)
        if values.get(f"regime-{regime.id}")
    ]  # fmt: skip
    return said


def answers_of(values: Mapping[str, str], pack: PackDocument | None) -> dict[str, str]:
    """The answers to the questionnaire that were given."""
    questions = pack.tiers.questionnaire if pack else ()
    return {q.id: values[f"answer-{q.id}"] for q in questions if values.get(f"answer-{q.id}")}


def explained(pack: PackDocument | None, answers: Mapping[str, str]) -> Explained | None:
    """The tier the answers come to, for a layman; None while a question is open."""
    if pack is None or validate_answers(pack, answers):
        return None
    decision = assess(pack, answers)
    tiers = pack.tiers
    likely, lost = (_reached(pack, answers, axis) for axis in ("likelihood", "loss"))
    titles = {tier.id: tier.title for tier in tiers.order}
    rows = tuple(
        (level.title, tuple(
            Cell(titles[tiers.matrix[level.id][loss.id]], level.id == likely and loss.id == lost) for loss in tiers.loss
        ))
        for level in reversed(tiers.likelihood)
    )  # fmt: skip
    found = pack.tier(decision.tier)
    losses = tuple(loss.title for loss in tiers.loss)
    return Explained(decision, titles[decision.tier], found.meaning if found else "", losses, rows)


def _reached(pack: PackDocument, answers: Mapping[str, str], axis: str) -> str:
    """The highest level of an axis that an answer stands for, the lowest where none does."""
    levels: Sequence[str] = [level.id for level in getattr(pack.tiers, axis)]
    reached = [
        levels.index(option.level)
        for question in pack.tiers.questionnaire
        if question.axis == axis
        for option in question.options
        if option.value == answers[question.id] and option.level is not None
    ]
    return levels[max(reached, default=0)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
