"""Pure decisions about changes: what a change comes to, what a request lacks, until when what follows is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.policy.sections import ChangeQuestion, Changes

# Lowest first.
MATERIALITIES = ("none", "minor", "material")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a change comes to, the id of the rule that decided (`kind` for the kind itself) and why, in plain words."""

    materiality: str
    rule: str
    explanation: str


def assess(changes: Changes, kind: str, tier: str, answers: Mapping[str, str]) -> Assessment:
    """What the policy makes of a change of this kind on a system of this tier.

    A tier that is not known counts as every tier. Raises KeyError for a kind the policy does not have.
    """
    known = {known.id: known for known in changes.kinds}[kind]
    found = Assessment(known.materiality, "kind", f"{known.title} is {_words(known.materiality)}: {known.why}")
    for rule in changes.rules:
        here = (not rule.kinds or kind in rule.kinds) and (not rule.tiers or not tier or tier in rule.tiers)
        fires = here and all(answers.get(question) in wanted for question, wanted in rule.when.items())
        if fires and rank(rule.at_least) > rank(found.materiality):
            told = f"{found.explanation} “{rule.title}” makes it {_words(rule.at_least)}: {rule.why}"
            found = Assessment(rule.at_least, rule.id, told)
    return found


def rank(materiality: str) -> int:
    """The place of a materiality on its scale. Raises ValueError for an unknown one."""
    return MATERIALITIES.index(materiality)


def _words(materiality: str) -> str:
    return "not material" if materiality == "none" else materiality


def wrong_answers(questions: tuple[ChangeQuestion, ...], answers: object) -> dict[str, str]:
    """What is wrong with each answer, by question id; questions may still be open."""
    if not isinstance(answers, Mapping):
        return {"answers": "Give an object of question id to answer."}
    known = {question.id: [option.value for option in question.options] for question in questions}
    wrong = {str(key)[:60]: "The policy in force has no such question." for key in answers if key not in known}
    for name, options in known.items():
        if name in answers and answers[name] not in options:
            wrong[name] = f"Choose one of: {', '.join(options)}."
    return wrong


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as asking for approval looks at it; `unpermitted` names affected assets nobody may use."""

    what: str
    why: str
    rollback_plan: str
    test_plan: str
    planned: bool
    answers: Mapping[str, str]
    emergency: bool = False
    unpermitted: tuple[str, ...] = ()


def missing(changes: Changes, asked: Asked) -> tuple[str, ...]:
    """What a request lacks before anybody decides on it, in words. In an emergency plans may come later."""
    wanted: list[tuple[object, str]] = [
        (asked.what, "what changes"),
        (asked.why, "why"),
        (asked.rollback_plan, "the roll-back plan"),
    ]
    if not asked.emergency:
        wanted += [(asked.test_plan, "the test plan"), (asked.planned, "the planned window")]
    lacks = [words for value, words in wanted if not value]
    for question in changes.questions:
        answer = asked.answers.get(question.id, "")
        if not answer:
            lacks.append(f"an answer to “{question.text}”")
        elif answer in question.blocking:
            label = next(option.label for option in question.options if option.value == answer)
            lacks.append(f"another answer than “{label}” to “{question.text}”")
    lacks += [f"permission to use “{name}”, which its record says is refused" for name in asked.unpermitted]
    return tuple(lacks)


def verify_due(changes: Changes, materiality: str, at: datetime) -> datetime | None:
    """Until when a change carried out at an instant is to be verified; None for no limit."""
    days = {str(name): days for name, days in changes.verify_days.items()}.get(materiality)
    return None if days is None else at + timedelta(days=days)


def ratify_due(changes: Changes, at: datetime) -> datetime:
    """Until when an emergency change carried out at an instant is to be ratified."""
    return at + timedelta(hours=changes.ratify_hours)
