"""Pure decisions about measured values: whether one breaks a limit, and when breaches become an alert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Level = Literal["warning", "critical"]
WORSE = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one line of a plan; they lie above where lower is better, and below where higher is."""

    direction: str
    warning: float | None
    critical: float | None

    def level(self, value: float) -> Level | None:
        """Which limit the value breaks; a value on a limit keeps it."""
        if self._breaks(value, self.critical):
            return "critical"
        return "warning" if self._breaks(value, self.warning) else None

    def _breaks(self, value: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return value > limit if self.direction == "lower" else value < limit


@dataclass(frozen=True, slots=True)
class Point:
    """One value at one instant."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Run:
    """Breaches in a row, enough of them for an alert; `end` is the first good value after them, if there is one."""

    start: datetime
    last: Point
    level: Level
    end: datetime | None


def runs(points: Sequence[Point], limits: Limits, needed: int) -> list[Run]:
    """Every run of at least `needed` breaches among values in the order of time."""
    found: list[Run] = []
    broken: list[tuple[Point, Level]] = []
    for point in points:
        level = limits.level(point.value)
        if level is not None:
            broken.append((point, level))
            continue
        _close(found, broken, needed, point.at)
        broken = []
    _close(found, broken, needed, None)
    return found


def _close(found: list[Run], broken: list[tuple[Point, Level]], needed: int, end: datetime | None) -> None:
    if len(broken) >= needed:
        worst = worst_of(level for _, level in broken)
        found.append(Run(broken[0][0].at, broken[-1][0], worst, end))


def worst_of(levels: Iterable[Level]) -> Level:
    """The graver of some levels."""
    return "critical" if "critical" in set(levels) else "warning"


def continues(run: Run, started: datetime, ended: datetime | None, cooldown: timedelta) -> bool:
    """Whether a run of breaches goes on with an earlier alert: one still open, or one that ended a moment ago."""
    if run.start < started:
        return run.end is None or run.end >= started
    return ended is None or run.start < ended + cooldown
