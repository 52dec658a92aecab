"""Pure decisions about incidents: severity by the pack's matrix, and what a closing still lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closing:
    """What has been written down about an incident, as far as closing asks for it."""

    root_cause: bool
    impact: bool
    review: bool
    action_items: bool
    functions: frozenset[str] = frozenset()
    review_complete: bool = False


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


def gravity(severities: Sequence[str], severity: str, words: Sequence[str], usual: str) -> str:
    """The word for a severity of the pack, its worst being the first word; `usual` where the pack has none such.

    A pack with fewer severities than words leaves the last words out; one with more shares them out.
    """
    if severity not in severities:
        return usual
    place, most = severities.index(severity), max(len(severities), len(words))
    return words[place * len(words) // most]


def missing_for_close(
    demanded: Collection[str], have: Closing, functions: Collection[str] = (), *, full_review: bool = False
) -> tuple[str, ...]:
    """What the pack demands for closing that is not there, in words."""
    missing = [words for name, words in _WORDS.items() if name in demanded and not getattr(have, name)]
    if full_review and not have.review_complete:
        missing.append("the full review, completed")
    absent = [name for name in functions if name not in have.functions]
    return (*missing, *(f"somebody from {name.replace('_', ' ')} who took part" for name in absent))


@dataclass(frozen=True, slots=True)
class ReviewWritten:
    """What stands in a review, and the functions for which somebody agreed with it as it is written."""

    response: bool
    detection: bool
    analysis: bool
    mitigation: bool
    root_cause: bool
    impact: bool
    lessons: bool
    agreed: frozenset[str] = frozenset()


_PARTS = {
    "root_cause": "the root cause",
    "response": "how it was met",
    "impact": "the impact by class",
    "detection": "what to improve in detection",
    "analysis": "what to improve in analysis",
    "mitigation": "what to improve in mitigation",
    "lessons": "what is learnt",
}


def missing_in_review(have: ReviewWritten, functions: Collection[str] = ()) -> tuple[str, ...]:
    """What a review lacks before it is complete, in words."""
    missing = [words for name, words in _PARTS.items() if not getattr(have, name)]
    absent = [name for name in functions if name not in have.agreed]
    return (*missing, *(f"the agreement of somebody from {name.replace('_', ' ')}" for name in absent))
