"""Pure decisions about incidents: severity by the pack's matrix, and what a closing still lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closing:
    """What has been written down about an incident, as far as closing asks for it."""

    root_cause: bool
    impact: bool
    review: bool
    action_items: bool
    functions: frozenset[str] = frozenset()


_WORDS = {
    "root_cause": "the root cause",
    "impact": "the impact by class",
    "review": "the post-incident review",
    "action_items": "at least one action item with an owner and a date",
}


# What an incident costs whom; the words of “impact by class”.
IMPACT_CLASSES = ("operations", "finance", "reputation", "regulation", "people")


def severity_of(matrix: Mapping[str, Mapping[str, str]], impact: str, urgency: str) -> str:
    """The severity that impact × urgency come to. Raises KeyError for words the matrix does not have."""
    return matrix[impact][urgency]


def missing_for_close(demanded: Collection[str], have: Closing, functions: Collection[str] = ()) -> tuple[str, ...]:
    """What the pack demands for closing that is not there, in words."""
    missing = [words for name, words in _WORDS.items() if name in demanded and not getattr(have, name)]
    absent = [name for name in functions if name not in have.functions]
    return (*missing, *(f"somebody from {name.replace('_', ' ')} who took part" for name in absent))
