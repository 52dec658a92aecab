"""What any tool's alert comes to, and the words tools use for how bad one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from governance.inputs import InvalidInput, unreadable

MOST = 500
NAME, SUMMARY, LINK, LABEL, MOST_LABELS = 200, 4000, 2000, 500, 60
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# The sender's word → the portal's; ALERT_LEVELS in the environment adds to it. Any other word is a warning.
LEVELS = {
    "alarm": "critical", "critical": "critical", "disaster": "critical", "emergency": "critical", "error": "critical",
    "fatal": "critical", "high": "critical", "major": "critical", "p1": "critical", "page": "critical",
    "sev0": "critical", "sev1": "critical", "sev3": "info", "sev4": "info",
    "info": "info", "informational": "info", "low": "info", "none": "info", "ok": "info", "p5": "info",
}  # fmt: skip
# Labels that may name the system, the most telling first.
SYSTEM_LABELS = (
    "system", "model", "model_name", "ai_system", "service", "endpoint", "endpoint_name", "project", "project_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """One alert as a tool told it. `ends_at` is None while it fires.

    With `closes` the tool says that it is over, but not since when it fired: the newest episode known is meant.
    """

    fingerprint: str
    starts_at: datetime
    ends_at: datetime | None
    name: str
    summary: str = ""
    severity: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    closes: bool = False

    @property
    def level(self) -> str:
        """How bad it is, in the portal's words."""
        return level_of(self.severity)

    @property
    def names(self) -> tuple[str, ...]:
        """Words that may name the system, in the order they are tried."""
        found = (self.labels.get(label, "") for label in SYSTEM_LABELS)
        return tuple(dict.fromkeys(word for word in found if word))


def level_of(severity: str) -> str:
    """What a tool's word for a severity means here."""
    word = severity.lower()
    return dict(settings.ALERT_LEVELS).get(word) or LEVELS.get(word, "warning")


def refuse(field_name: str, sentence: str) -> InvalidInput:
    """The error for one field of a body."""
    return InvalidInput({field_name: [sentence]})


def listed(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The list of objects under a name, not too many. Raises InvalidInput."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise refuse(name, "Must be a list of objects.")
    if len(found) > MOST:
        raise refuse(name, f"Holds more than {MOST} alerts; send them in parts.")
    return found


def text(value: object, limit: int, *, lines: bool = False) -> str:
    """A text as it can be kept: cut to its limit, without characters nobody can read."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, dict | list) else str(value)[:limit]
    kept = value[: limit + 1]
    if unreadable(kept, lines=lines):
        kept = "".join(one if not unreadable(one, lines=lines) else " " for one in kept)
    return kept.strip()[:limit]


def required(value: object, name: str, limit: int) -> str:
    """A text that must be there. Raises InvalidInput."""
    found = text(value, limit)
    if not found or (isinstance(value, str) and len(value) > limit):
        raise refuse(name, f"Is required, at most {limit} characters.")
    return found


def labels(value: object) -> dict[str, str]:
    """The labels worth keeping: texts and numbers, not too many."""
    if not isinstance(value, Mapping):
        return {}
    pairs = ((text(name, 100), text(word, LABEL, lines=True)) for name, word in value.items())
    return dict(sorted((name, word) for name, word in pairs if name and word)[:MOST_LABELS])


def link(*values: object) -> str:
    """The first address of a page among some values."""
    found = (text(value, LINK) for value in values)
    return next((one for one in found if one.startswith(("https://", "http://"))), "")


def instant(value: object, name: str) -> datetime:
    """An instant with its zone; nanoseconds are cut to microseconds. Raises InvalidInput."""
    found = parsed(value)
    if found is None or not _FIRST <= found < _LAST:
        raise refuse(name, "Must be an instant with its time zone, like 2026-11-21T10:00:00Z.")
    return found


def ended(value: object, name: str, since: datetime) -> datetime | None:
    """The end, if there is one: the year 1 stands for “not ended”. Raises InvalidInput."""
    found = parsed(value) if value not in (None, "") else None
    if found is None and value not in (None, ""):
        raise refuse(name, "Must be an instant with its time zone, like 2026-11-21T10:00:00Z.")
    return max(found, since) if found is not None and _FIRST <= found < _LAST else None


def parsed(value: object) -> datetime | None:
    """An ISO 8601 instant; None for what is none."""
    if not isinstance(value, str) or not 20 <= len(value) <= 40:
        return None
    head, dot, rest = value.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        value = f"{head}.{rest[:digits][:6]:0<6}{rest[digits:]}"
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except OverflowError:
        return None


def newest(found: Iterable[Heard]) -> list[Heard]:
    """Each episode once, in the order of its key; where a body tells one twice, an end counts."""
    kept: dict[tuple[str, datetime], Heard] = {}
    for one in found:
        key = (one.fingerprint, one.starts_at)
        if key not in kept or kept[key].ends_at is None:
            kept[key] = one
    return [kept[key] for key in sorted(kept)]
