"""What a system brought, read: the newest word on each period, and where the bars of its charts stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from inventory.models import System, ValuePeriod
from inventory.services.values import MEASURES

MOST_PERIODS = 24
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 330, 180, 48, 12, 28
TITLES = {"outcome": "Outcome", "cost": "Cost", "saving": "Saving", "return": "Return"}


@dataclass(frozen=True, slots=True)
class Bar:
    """What was expected of a period, or what came."""

    x: float
    y: float
    width: float
    height: float
    look: str
    title: str


@dataclass(frozen=True, slots=True)
class Word:
    """A name below a period, or a number of the scale."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template needs."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    lines: tuple[Word, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def periods_of(system: System) -> list[ValuePeriod]:
    """The newest word on each period of a system, in the order of time."""
    rows = ValuePeriod.objects.filter(system=system).select_related("recorded_by")
    newest = list(rows.order_by("period", "starts_on", "-id").distinct("period", "starts_on"))
    return sorted(newest, key=lambda one: (one.starts_on, one.period))


def charts_of(periods: Sequence[ValuePeriod]) -> list[Chart]:
    """A chart for each measure of which anything is said."""
    shown = periods[-MOST_PERIODS:]
    drawn = (_chart(measure, shown) for measure in MEASURES)
    return [chart for chart in drawn if chart is not None]


def _chart(measure: str, periods: Sequence[ValuePeriod]) -> Chart | None:
    pairs = [
        (period, getattr(period, f"expected_{measure}"), getattr(period, f"actual_{measure}")) for period in periods
    ]
    known = [float(number) for _, *two in pairs for number in two if number is not None]
    if not known:
        return None
    low, high = min(0.0, *known), max(0.0, *known)
    scale = (HEIGHT - TOP - BOTTOM) / ((high - low) or 1.0)
    zero = HEIGHT - BOTTOM + low * scale
    wide = (WIDTH - LEFT) / len(pairs)
    bars, words = [], []
    for place, (period, *two) in enumerate(pairs):
        x = LEFT + place * wide
        for side, (look, number) in enumerate(zip(("expected", "actual"), two, strict=True)):
            if number is not None:
                bars.append(_bar(x + wide * (0.14 + 0.36 * side), wide * 0.34, zero, scale, look, number, period))
        if place % -(-len(pairs) // 4) == 0:
            words.append(Word(min(round(x + wide / 2, 1), WIDTH - 28.0), HEIGHT - 8, period.name))  # never cut off
    numbers = dict.fromkeys((low, 0.0, high))
    return Chart(
        title=TITLES[measure],
        unit=next((p.outcome_unit for p in reversed(periods) if p.outcome_unit), "") if measure == "outcome"
        else periods[-1].currency,
        bars=tuple(bars), words=tuple(words),
        lines=tuple(Word(LEFT, round(zero - number * scale, 1), _short(number)) for number in numbers),
        summary=f"{TITLES[measure]} by period, expected and actual; the same numbers stand in the table below",
    )  # fmt: skip


def _bar(x: float, width: float, zero: float, scale: float, look: str, number: Decimal, period: ValuePeriod) -> Bar:
    high = abs(float(number)) * scale
    y = zero - high if number >= 0 else zero
    return Bar(round(x, 1), round(y, 1), round(width, 1), round(high, 1), look, f"{period.name}, {look}: {number:f}")


def _short(number: float) -> str:
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.4g}{letter}"
    return f"{number:.4g}"
