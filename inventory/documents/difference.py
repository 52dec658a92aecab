"""The difference of two texts, word by word. Pure; bounded however long or repetitive the texts are.

Lines are compared first, words only inside the lines that changed. Where there is more to compare than a reader
could follow, the whole stretch is shown as replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST_LINES = 1500
MOST_WORDS = 1000
_WORD = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


class Kind(StrEnum):
    """What happened to a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring words with the same fate."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class SectionDifference:
    """One section of a document in two revisions."""

    id: str
    stretches: tuple[Stretch, ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return any(stretch.kind is not Kind.SAME for stretch in self.stretches)


def difference(before: str, after: str) -> tuple[Stretch, ...]:
    """What became of `before`; joined without the removed it is `after`, without the added it is `before`."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    middle = _lines(old[head : len(old) - tail], new[head : len(new) - tail])
    parts = [(Kind.SAME, "".join(old[:head])), *middle, (Kind.SAME, "".join(old[len(old) - tail :]))]
    return tuple(_joined(parts))


def sections_difference(
    before: Mapping[str, str], after: Mapping[str, str], order: Iterable[str]
) -> list[SectionDifference]:
    """Every section either revision has, in the order given, then by name."""
    known = [name for name in dict.fromkeys(order) if name in before or name in after]
    rest = sorted({*before, *after} - set(known))
    return [SectionDifference(name, difference(before.get(name, ""), after.get(name, ""))) for name in [*known, *rest]]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the start are equal."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _lines(old: list[str], new: list[str]) -> Iterator[tuple[Kind, str]]:
    if max(len(old), len(new)) > MOST_LINES:
        yield from _replaced("".join(old), "".join(new))
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield Kind.SAME, "".join(old[a:b])
        else:
            yield from _words("".join(old[a:b]), "".join(new[c:d]))


def _words(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    if max(len(old), len(new)) > MOST_WORDS * 20:
        yield from _replaced(old, new)
        return
    left, right = _WORD.findall(old), _WORD.findall(new)
    if not left or not right or max(len(left), len(right)) > MOST_WORDS:
        yield from _replaced(old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, left, right).get_opcodes():
        if tag == "equal":
            yield Kind.SAME, "".join(left[a:b])
        else:
            yield from _replaced("".join(left[a:b]), "".join(right[c:d]))


def _replaced(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    yield Kind.REMOVED, old
    yield Kind.ADDED, new


def _joined(parts: Iterable[tuple[Kind, str]]) -> Iterator[Stretch]:
    """Neighbours of the same kind as one; empty ones left out."""
    kind, texts = Kind.SAME, list[str]()
    for each, text in parts:
        if each is not kind:
            if whole := "".join(texts):
                yield Stretch(kind, whole)
            kind, texts = each, []
        texts.append(text)
    if whole := "".join(texts):
        yield Stretch(kind, whole)
