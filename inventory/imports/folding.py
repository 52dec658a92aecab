"""When two written texts are the same text: blanks, case and the marks a re-encoding lost.

A register that was saved as Windows-1252 writes `?` for every character that encoding cannot hold: one for most, two
for a character outside the basic plane. Such a copy is recognised, so that it neither makes a second system out of
the first nor replaces a good text by a worse one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_LOST = "?"


def _holds(character: str) -> bool:
    """Whether Windows-1252 can hold the character."""
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _empty(character: str) -> bool:
    """Whether the character prints nothing: a blank, a line break, a zero-width mark."""
    return character.isspace() or unicodedata.category(character) in {"Cf", "Cc"}


class _Bare(dict[int, int | None]):
    """A translation that drops what prints nothing; learns each character when it first meets it."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if _empty(chr(code)) else code
        return self[code]


_BARE = _Bare()


def bare(text: str) -> str:
    """The text without blanks, line breaks and zero-width marks."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "")
    return text.translate(_BARE)


@lru_cache(maxsize=4096)  # the words of a column and the names of units come again in row after row
def fold(text: str) -> str:
    """The text as identity reads it: no blanks, no zero-width marks, no case."""
    return bare(text if text.isascii() else unicodedata.normalize("NFC", text)).casefold()


def loose_fold(text: str) -> str:
    """As `fold`, with every run of characters that Windows-1252 cannot hold, or of `?`, read as one lost mark.

    Two different texts can share it: use it to find candidates, and `is_lossy_copy` to confirm one.
    """
    marked = text
    if not text.isascii():
        marked = "".join(character if _holds(character) else _LOST for character in unicodedata.normalize("NFC", text))
    return re.sub(r"\?+", _LOST, bare(marked)).casefold()


def is_lossy_copy(original: str, copy: str) -> bool:
    """Whether `copy` is `original` after a trip through Windows-1252 (blanks and case aside) and lost something."""
    if _LOST not in copy or original.isascii():
        return False
    kept = "".join(c for c in unicodedata.normalize("NFC", original) if not (_empty(c) and _holds(c)))
    return _differ_in_lost_marks_only(kept, bare(copy))


def _differ_in_lost_marks_only(one: str, other: str) -> bool:
    """Whether the texts agree, case aside, but for stretches that are `?` on one side. Linear: no pattern."""
    first, second = _stretches(one), _stretches(other)
    return len(first) == len(second) and all(
        mine.casefold() == theirs.casefold() or (lost and (set(mine) == {_LOST} or set(theirs) == {_LOST}))
        for (lost, mine), (_, theirs) in zip(first, second, strict=True)
    )


def _stretches(text: str) -> list[tuple[bool, str]]:
    """The text cut where it changes between what Windows-1252 holds and what it cannot hold or wrote as `?`."""
    return [(lost, "".join(characters)) for lost, characters in groupby(text, lambda c: c == _LOST or not _holds(c))]
