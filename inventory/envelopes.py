"""Envelopes: what may change after a release without a new review, as its reviewers read and signed it. No Django.

An envelope is written in the draft, frozen with the package and signed with it. Nobody widens it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from governance.inputs import Checks

ARTIFACT_KINDS = ("model", "container", "package", "dataset", "code", "prompt", "configuration", "service", "other")
MOST_LIMITS = 100
MOST_KINDS = 30
_KEYS = frozenset({"kinds", "artifacts", "limits", "until"})
_LIMIT_KEYS = frozenset({"metric", "slice", "lowest", "highest"})
_LARGEST = Decimal(10) ** 11
_FINEST = -8  # as fine as results are kept


@dataclass(frozen=True, slots=True)
class Limit:
    """Between which values a metric stays on a slice of the data; None where that side is open."""

    metric: str
    slice: str
    lowest: Decimal | None
    highest: Decimal | None

    @property
    def name(self) -> str:
        """The metric and its slice, as people read it."""
        return f"{self.metric} ({self.slice})" if self.slice else self.metric


@dataclass(frozen=True, slots=True)
class Envelope:
    """Which kinds of change may ship, which parts they may replace, within which limits, until when."""

    kinds: frozenset[str]
    artifacts: frozenset[str]
    limits: tuple[Limit, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """One recorded value; `holds` is false where it misses a threshold of its own."""

    metric: str
    slice: str
    value: Decimal
    holds: bool | None = None
    method: str = ""


def read(stored: Mapping[str, Any] | None) -> Envelope | None:
    """An envelope as it was stored; None where there is none."""
    if not stored:
        return None
    limits = tuple(
        Limit(line["metric"], line.get("slice") or "", _read(line.get("lowest")), _read(line.get("highest")))
        for line in stored["limits"]
    )
    return Envelope(
        frozenset(stored["kinds"]), frozenset(stored["artifacts"]), limits, datetime.fromisoformat(stored["until"])
    )


def crossed(envelope: Envelope, results: Iterable[Result]) -> tuple[str, ...]:
    """A sentence for each metric that leaves the envelope. Every recorded value counts, not only the newest."""
    found = list(results)
    said = []
    for limit in envelope.limits:
        values = [each.value for each in found if (each.metric, each.slice) == (limit.metric, limit.slice)]
        if not values:
            said.append(f"{limit.name} was not measured; the envelope limits it.")
        for value in sorted(set(values)):
            if limit.lowest is not None and value < limit.lowest:
                said.append(f"{limit.name} is {_shown(value)}, below the envelope's {_shown(limit.lowest)}.")
            if limit.highest is not None and value > limit.highest:
                said.append(f"{limit.name} is {_shown(value)}, above the envelope's {_shown(limit.highest)}.")
    for each in found:
        if each.holds is False:
            said.append(f"{each.metric} is {_shown(each.value)} and misses its own threshold.")
    return tuple(said)


def cleaned(checks: Checks, value: object, metrics: Collection[str]) -> dict[str, Any]:
    """An envelope as it is stored, checked; empty for none."""
    if not value:
        return {}
    if not isinstance(value, Mapping):
        checks.refuse("envelope", "Must be an object.")
        return {}
    below = checks.below("envelope")
    for name in sorted(str(name)[:60] for name in set(value) - _KEYS):
        below.refuse(name, "Is not part of an envelope.")
    kinds = _words(below, "kinds", value.get("kinds"), MOST_KINDS)
    for kind in kinds:
        below.slug("kinds", kind, limit=60)
    artifacts = _words(below, "artifacts", value.get("artifacts"), len(ARTIFACT_KINDS))
    for kind in artifacts:
        below.choice("artifacts", kind, ARTIFACT_KINDS)
    return {
        "kinds": sorted(set(kinds)), "artifacts": sorted(set(artifacts)),
        "limits": _limits(below, value.get("limits"), metrics), "until": _until(below, value.get("until")),
    }  # fmt: skip


def _words(checks: Checks, field: str, value: object, most: int) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        checks.refuse(field, "Name at least one, as a list.")
        return []
    if len(value) > most or not all(isinstance(word, str) for word in value):
        checks.refuse(field, f"Must be at most {most} words.")
        return []
    return list(value)


def _limits(checks: Checks, value: object, metrics: Collection[str]) -> list[dict[str, Any]]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        checks.refuse("limits", "Name at least one limit on a metric.")
        return []
    if len(value) > MOST_LIMITS:
        checks.refuse("limits", f"At most {MOST_LIMITS}.")
        return []
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for number, line in enumerate(value):
        at = checks.below(f"limits.{number}")
        if not isinstance(line, Mapping) or set(line) - _LIMIT_KEYS:
            at.refuse("metric", "Must be an object of metric, slice, lowest and highest.")
            continue
        metric = at.choice("metric", line.get("metric"), metrics)
        part = at.text("slice", "" if line.get("slice") is None else line["slice"], limit=200)
        lowest, highest = _number(at, "lowest", line.get("lowest")), _number(at, "highest", line.get("highest"))
        if lowest is None and highest is None:
            at.refuse("lowest", "Say the lowest value, the highest, or both.")
        elif lowest is not None and highest is not None and Decimal(lowest) > Decimal(highest):
            at.refuse("highest", "Must not be below the lowest.")
        if (metric, part) in kept:
            at.refuse("metric", "Is limited twice.")
        kept[metric, part] = {"metric": metric, "slice": part, "lowest": lowest, "highest": highest}
    return list(kept.values())


def _number(checks: Checks, field: str, value: object) -> str | None:
    """A number as text, exactly as it was meant."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)) or len(str(value)) > 40:
        checks.refuse(field, "Must be a number.")
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        checks.refuse(field, "Must be a number.")
        return None
    if not number.is_finite() or abs(number) > _LARGEST:
        checks.refuse(field, "Must be a number of at most eleven digits before the point.")
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _FINEST:
        checks.refuse(field, "Must have at most eight digits behind the point.")
        return None
    return f"{number:f}"


def _until(checks: Checks, value: object) -> str:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        checks.refuse("until", "Must be an instant with its time zone, for example 2027-01-31T12:00:00Z.")
        return ""
    kept = checks.instant("until", moment)
    return kept.astimezone(UTC).isoformat() if kept else ""


def _read(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _shown(value: Decimal) -> str:
    return f"{value.normalize():f}"
