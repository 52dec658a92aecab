"""Where the boxes and lines of a graph stand: one column for each step away from the start. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 168, 40
COLUMN, ROW, EDGE = 228, 54, 12
LETTERS = 22


@dataclass(frozen=True, slots=True)
class Node:
    """One thing to draw: a number of its own, its name, how far away it is, and a word for its look."""

    key: int
    name: str
    depth: int
    look: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place."""

    key: int
    label: str
    look: str
    x: int
    y: int
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def text_x(self) -> int:
        """Where its name begins."""
        return self.x + 12

    @property
    def text_y(self) -> int:
        """The line its name stands on."""
        return self.y + BOX_HEIGHT // 2 + 4


@dataclass(frozen=True, slots=True)
class Line:
    """A dependency, as the path from what is needed to what needs it."""

    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(nodes: Iterable[Node], edges: Iterable[tuple[int, int]]) -> Drawing:
    """Columns by depth, rows in the order given, each column centred; edges to what is not drawn are left out."""
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(node.depth, []).append(node)
    tallest = max((len(column) for column in columns.values()), default=1)
    height = tallest * ROW + 2 * EDGE
    boxes: dict[int, Box] = {}
    for place, depth in enumerate(sorted(columns)):
        top = EDGE + (tallest - len(columns[depth])) * ROW // 2
        for row, node in enumerate(columns[depth]):
            boxes[node.key] = Box(node.key, shortened(node.name), node.look, EDGE + place * COLUMN, top + row * ROW)
    lines = tuple(_line(boxes[start], boxes[end]) for start, end in edges if start in boxes and end in boxes)
    width = EDGE * 2 + max(len(columns) - 1, 0) * COLUMN + BOX_WIDTH
    return Drawing(width, height, tuple(boxes.values()), lines)


def shortened(name: str) -> str:
    """A name that fits its box."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"


def _line(start: Box, end: Box) -> Line:
    """From the right edge of one box to the left edge of the other; a line that leads back bows below."""
    x, y = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    to_x, to_y = end.x, end.y + BOX_HEIGHT // 2
    if to_x > x:
        half = (to_x - x) // 2
        return Line(f"M{x} {y} C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}")
    below = max(start.y, end.y) + BOX_HEIGHT + 8
    from_x, into_x = start.x + BOX_WIDTH // 2, end.x + BOX_WIDTH // 2
    return Line(f"M{from_x} {start.y + BOX_HEIGHT} C{from_x} {below} {into_x} {below} {into_x} {end.y + BOX_HEIGHT}")
