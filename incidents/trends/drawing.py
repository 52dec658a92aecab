"""Where the bars of a table of the trends stand. Pure; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.trends.figures import Table, Value

WIDTH, WORDS, NUMBER = 720, 280, 70
ROW, BAR = 28, 18
HEIGHT, LEFT, TOP, BOTTOM = 240, 36, 12, 28


@dataclass(frozen=True, slots=True)
class Box:
    """One piece of a bar, in the ink of the number it shows."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    title: str


@dataclass(frozen=True, slots=True)
class Word:
    """Words beside a bar, or a number of the scale with its line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs."""

    boxes: tuple[Box, ...]
    words: tuple[Word, ...]
    numbers: tuple[Word, ...]
    lines: tuple[Word, ...]
    legend: tuple[tuple[str, str], ...]
    height: int
    summary: str
    width: int = WIDTH
    left: int = LEFT


def draw(table: Table) -> Drawing | None:
    """The chart of a table; None where there is nothing to draw."""
    if not table.layout or not any(_numbers(row, table.drawn) for row in table.rows):
        return None
    return _columns(table) if table.layout == "columns" else _bars(table)


def _numbers(row: Sequence[Value], drawn: Sequence[int]) -> list[tuple[int, float]]:
    """The numbers of a row that are something, each with its layer."""
    values = [(layer, row[place]) for layer, place in enumerate(drawn)]
    return [(layer, float(value)) for layer, value in values if isinstance(value, int | float) and value > 0]


def _legend(table: Table) -> tuple[tuple[str, str], ...]:
    if len(table.drawn) < 2:
        return ()
    return tuple((ink_of(table, layer), table.head[place]) for layer, place in enumerate(table.drawn))


def ink_of(table: Table, layer: int) -> str:
    """How a number is drawn; more of them than there are inks look like the last."""
    return table.inks[min(layer, len(table.inks) - 1)]


def _summary(table: Table) -> str:
    return f"{table.title}: {len(table.rows)} rows; the same numbers stand in the table below"


def _bars(table: Table) -> Drawing:
    nested = table.layout == "nested"
    rows = [_numbers(row, table.drawn) for row in table.rows]
    sums = [max((n for _, n in row), default=0.0) if nested else sum(n for _, n in row) for row in rows]
    scale = (WIDTH - WORDS - NUMBER) / (max(sums) or 1)
    boxes, words, numbers = [], [], []
    for index, (row, values, total) in enumerate(zip(table.rows, rows, sums, strict=True)):
        top, begin = index * ROW + 5, float(WORDS)
        words.append(Word(WORDS - 8, top + 13, _short(str(row[0]), 40)))
        for layer, number in values:
            wide, slim = round(number * scale, 1), 5 if nested and layer else 0
            said = f"{row[0]}: {table.head[table.drawn[layer]]} {number:g}"
            boxes.append(Box(round(begin, 1), top + slim, wide, BAR - 2 * slim, ink_of(table, layer), said))
            begin += 0 if nested else wide
        end = WORDS + total * scale
        numbers.append(Word(round(end + 6, 1), top + 13, " / ".join(f"{n:g}" for _, n in reversed(values)) if nested
                            else f"{total:g}"))  # fmt: skip
    return Drawing(tuple(boxes), tuple(words), tuple(numbers), (), _legend(table), len(rows) * ROW + 8, _summary(table))


def _columns(table: Table) -> Drawing:
    rows = [_numbers(row, table.drawn) for row in table.rows]
    most = max(sum(n for _, n in row) for row in rows)
    step = _step(most)
    top = -(-most // step) * step
    wide = (WIDTH - LEFT) / len(rows)
    scale = (HEIGHT - TOP - BOTTOM) / top
    boxes, words = [], []
    every = -(-len(rows) // 12)
    for index, (row, values) in enumerate(zip(table.rows, rows, strict=True)):
        x, y = round(LEFT + index * wide + wide * 0.15, 1), float(HEIGHT - BOTTOM)
        for layer, number in values:
            high = round(number * scale, 1)
            y = round(y - high, 1)
            said = f"{row[0]}: {table.head[table.drawn[layer]]} {number:g}"
            boxes.append(Box(x, y, round(wide * 0.7, 1), high, ink_of(table, layer), said))
        if index % every == 0:
            words.append(Word(round(LEFT + (index + 0.5) * wide, 1), HEIGHT - 8, str(row[0])))
    marks = [mark * step for mark in range(round(top / step) + 1)]
    lines = tuple(Word(LEFT, round(HEIGHT - BOTTOM - mark * scale, 1), f"{mark:g}") for mark in marks)
    return Drawing(tuple(boxes), tuple(words), (), lines, _legend(table), HEIGHT, _summary(table))


def _step(most: float) -> int:
    """The distance of lines, so that four or fewer reach over the highest: 1, 2, 5, 10, 20, …"""
    step, factors = 1, (2, 2.5, 2)
    for turn in range(60):
        if most / step <= 4:
            break
        step = round(step * factors[turn % 3])
    return step


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
