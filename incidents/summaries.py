"""A draft of what is told outside about an incident, without a name from inside. Pure text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory.discretion import Inside, without

LATER = "We are still looking into this."


@dataclass(frozen=True, slots=True)
class Told:
    """What of an incident is told outside."""

    reference: str
    title: str
    type: str
    occurred: datetime | None
    noticed: datetime
    contained: datetime | None
    resolved: datetime | None
    description: str
    impact: Mapping[str, str]
    containment: str
    cause: str
    lessons: str
    actions: tuple[str, ...]


def draft_summary(told: Told, inside: Inside) -> str:
    """The Markdown a person completes; what nobody wrote down yet says so."""
    began = f"It began on {_day(told.occurred)} and was noticed on {_day(told.noticed)}."
    parts = [
        f"# {told.title}",
        f"Reference {told.reference}. {told.type}.",
        "## What happened",
        told.description or LATER,
        began if told.occurred else f"It was noticed on {_day(told.noticed)}.",
        "## Whom it concerned",
        *([f"- {_sentence(text)}" for text in told.impact.values()] or [LATER]),
        "## What we did",
        told.containment or LATER,
        *([f"The harm was stopped on {_day(told.contained)}."] if told.contained else []),
        *([f"The service was back to normal on {_day(told.resolved)}."] if told.resolved else []),
        "## Why it happened",
        told.cause or LATER,
        "## What we change",
        *([told.lessons] if told.lessons else []),
        *([f"- {_sentence(text)}" for text in told.actions] or [LATER]),
    ]
    return without(_joined(parts), inside)


def _joined(parts: Iterable[str]) -> str:
    """Paragraphs, with the lines of a list kept together."""
    text = ""
    for part in parts:
        near = part.startswith("- ") and text.rsplit("\n", 1)[-1].startswith("- ")
        text += ("\n" if near else "\n\n" if text else "") + part
    return text


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _day(at: datetime | None) -> str:
    return f"{at:%-d %B %Y}" if at else ""
