"""Where the points, limits and marks of a chart of measurements stand. Pure; the template draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.measuring import Limits, Point

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 24, 32


@dataclass(frozen=True, slots=True)
class Dot:
    """One value that breaks a limit."""

    x: float
    y: float
    level: str
    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line: a limit, or a line of the grid with its number."""

    y: float
    text: str
    look: str

    @property
    def above(self) -> float:
        """Where words over the line stand."""
        return self.y - 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: a release that was approved then."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template needs."""

    path: str
    dots: tuple[Dot, ...]
    limits: tuple[Rule, ...]
    grid: tuple[Rule, ...]
    marks: tuple[Mark, ...]
    first: datetime
    last: datetime
    lowest: float
    highest: float
    newest: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def draw(points: Sequence[Point], limits: Limits, releases: Iterable[tuple[datetime, str]]) -> Chart | None:
    """The chart of some values in the order of time; None where there is nothing to draw."""
    if not points:
        return None
    first, last = points[0].at, points[-1].at
    seconds = (last - first).total_seconds() or 1.0
    known = [limit for limit in (limits.warning, limits.critical) if limit is not None]
    low, high = min(p.value for p in points), max(p.value for p in points)
    bottom, top = _spread(min(low, *known, low), max(high, *known, high))

    def across(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - first).total_seconds() / seconds, 1)

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - bottom) / (top - bottom), 1)

    judged = [(point, limits.level(point.value)) for point in points]
    named = (("critical", limits.critical), ("warning", limits.warning))
    return Chart(
        path="M" + "L".join(f"{across(point.at)} {up(point.value)}" for point in points),
        dots=tuple(Dot(across(p.at), up(p.value), level, p.value, p.at) for p, level in judged if level),
        limits=tuple(Rule(up(limit), f"{word} {limit:g}", word) for word, limit in named if limit is not None),
        grid=tuple(Rule(up(value), f"{value:.4g}", "grid") for value in (bottom, (bottom + top) / 2, top)),
        marks=tuple(Mark(across(at), version) for at, version in releases if first <= at <= last),
        first=first, last=last, lowest=low, highest=high, newest=points[-1].value,
    )  # fmt: skip


def _spread(low: float, high: float) -> tuple[float, float]:
    """A little room below and above; some also where every value is the same."""
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return low - room, high + room
