"""Where the bones of a fishbone stand: three categories above the spine, three below it. Pure; the template draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PLACE, SLANT, ROW, ROOM, HEAD = 310, 70, 22, 26, 24
SHOWN, LETTERS = 8, 36


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the drawing."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the drawing, whole on hover."""

    x: float
    y: float
    text: str
    whole: str


@dataclass(frozen=True, slots=True)
class Fishbone:
    """Everything the template needs."""

    width: int
    height: int
    spine: Line
    bones: tuple[Line, ...]
    ribs: tuple[Line, ...]
    names: tuple[Said, ...]
    causes: tuple[Said, ...]


def draw_fishbone(categories: Mapping[str, str], causes: Iterable[tuple[str, str]]) -> Fishbone | None:
    """The drawing of causes, each with its category; None where there is none."""
    found: dict[str, list[str]] = {word: [] for word in categories}
    for category, text in causes:
        found[category].append(text)
    most = max(map(len, found.values()), default=0)
    if not most:
        return None
    bone = ROOM + min(most, SHOWN + 1) * ROW
    half = -(-len(categories) // 2)
    middle = HEAD + bone
    bones, ribs, names, said = [], [], [], []
    for place, (word, title) in enumerate(categories.items()):
        side = -1 if place < half else 1
        foot = (place % half + 1) * PLACE
        tip = middle + side * bone
        bones.append(Line(foot - SLANT, tip, foot, middle))
        names.append(Said(foot - SLANT, tip + (side * 16 if side > 0 else -8), title, title))
        for row, text in enumerate(_listed(found[word])):
            y = middle + side * (bone - ROOM / 2 - row * ROW)
            x = round(foot - SLANT * abs(y - middle) / bone, 1)
            ribs.append(Line(x - 18, y, x, y))
            said.append(Said(x - 22, y + 4, text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…", text))
    width = half * PLACE + 60
    return Fishbone(
        width, 2 * (middle), Line(10, middle, width - 20, middle), tuple(bones), tuple(ribs), tuple(names), tuple(said)
    )


def _listed(texts: list[str]) -> list[str]:
    return texts if len(texts) <= SHOWN + 1 else [*texts[:SHOWN], f"and {len(texts) - SHOWN} more"]
