"""What people and programs hand in: one exception that names every field, and the checks that fill it.

Pure Python, no Django. Services take plain values, collect what is wrong with them in `Checks` and raise once;
each door shows the same sentences beside the same fields (HTTP 400).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

# A name is read by people who decide on it: marks that reorder or hide its letters have no place there.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LARGEST_EXACT = 2**53 - 1
# Instants are kept in UTC and shown in any zone: none so near the ends of the calendar that a zone leads out of it.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_DEEPEST = 12


class InvalidInput(Exception):  # noqa: N818  an answer, not an error
    """Values no state and no right could make acceptable: field → sentences."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        if not errors:
            raise ValueError("invalid input needs at least one field")
        self.errors = {name: list(sentences) for name, sentences in errors.items()}
        super().__init__(" ".join(f"{name}: {' '.join(sentences)}" for name, sentences in self.errors.items()))


def unreadable(value: str, *, lines: bool = False) -> str | None:
    """The sentence that says which character cannot be kept, or None.

    `lines` allows tabs and line breaks; NUL, other control characters and lone surrogates are never kept.
    """
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs":
            return "Holds half of a character (a lone surrogate)."
        if category == "Cc" and not (lines and character in "\t\n\r"):
            name = "a NUL character" if character == "\0" else f"the control character U+{ord(character):04X}"
            return f"Holds {name}."
        if not lines and (category in {"Zl", "Zp"} or character in _BIDI):
            return f"Holds the invisible character U+{ord(character):04X}."
    return None


class Checks:
    """Collects what is wrong, field by field; `done()` raises once with all of it.

    Each check returns a value of the right type even when it has noted an error, so that a service reads straight on.
    `prefix` stands before each field name, for lines of a list (`artifacts.2.`).
    """

    def __init__(self, prefix: str = "", errors: dict[str, list[str]] | None = None) -> None:
        self.prefix = prefix
        self.errors: dict[str, list[str]] = {} if errors is None else errors

    def below(self, prefix: str) -> Checks:
        """The same collection for the fields of one line of a list."""
        return Checks(f"{self.prefix}{prefix}.", self.errors)

    def refuse(self, field: str, sentence: str) -> None:
        """Note one error."""
        self.errors.setdefault(f"{self.prefix}{field}", []).append(sentence)

    def done(self) -> None:
        """Raise InvalidInput if anything was noted."""
        if self.errors:
            raise InvalidInput(self.errors)

    def text(self, field: str, value: object, *, limit: int, required: bool = False, lines: bool = False) -> str:
        """Text without surrounding blanks, with `\\n` line ends if `lines`."""
        if not isinstance(value, str):
            self.refuse(field, "Must be text.")
            return ""
        if len(value) > limit * 2 + 1000:  # Do not walk through megabytes to say that they are too many.
            self.refuse(field, f"Is longer than {limit} characters.")
            return ""
        if sentence := unreadable(value, lines=lines):
            self.refuse(field, sentence)
            return ""
        kept = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(kept) > limit:
            self.refuse(field, f"Is longer than {limit} characters.")
        if required and not kept:
            self.refuse(field, "Is required.")
        return kept

    def choice(self, field: str, value: object, choices: Collection[str]) -> str:
        """One of a closed list of words."""
        if isinstance(value, str) and value in choices:
            return value
        self.refuse(field, f"Must be one of: {', '.join(sorted(choices))}.")
        return ""

    def slug(self, field: str, value: object, *, limit: int) -> str:
        """Lower-case letters, digits and single hyphens."""
        if isinstance(value, str) and len(value) <= limit and _SLUG.fullmatch(value):
            return value
        self.refuse(field, f"Must be lower-case letters, digits and single hyphens, at most {limit}.")
        return ""

    def sha256(self, field: str, value: object) -> str:
        """A SHA-256 as 64 lower-case hexadecimal digits; `sha256:` before it is taken off."""
        if isinstance(value, str) and (match := _SHA256.fullmatch(value)):
            return match[1]
        self.refuse(field, "Must be the SHA-256 of the content: 64 lower-case hexadecimal digits.")
        return ""

    def day(self, field: str, value: object) -> date | None:
        """A calendar day, or none."""
        if value is None or (isinstance(value, date) and value.year >= 1900):
            return value
        self.refuse(field, "Must be a day like 2026-11-21.")
        return None

    def instant(self, field: str, value: datetime | None) -> datetime | None:
        """An instant that every zone's calendar holds, or none."""
        if value is None or _FIRST <= value < _LAST:
            return value
        self.refuse(field, "Must lie between the years 1900 and 9998.")
        return None

    def data(self, field: str, value: object, *, limit: int = 20_000) -> Any:
        """A JSON value small, shallow and exact enough to be kept and hashed."""
        if sentence := _unfit(value, _DEEPEST):
            self.refuse(field, sentence)
            return None
        if _size(value) > limit:
            self.refuse(field, f"Is larger than {limit} characters.")
            return None
        return value


def _unfit(value: object, depth: int) -> str | None:
    """Why a JSON value cannot be kept exactly."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return unreadable(value, lines=True)
    if isinstance(value, int):
        return None if abs(value) <= _LARGEST_EXACT else "Holds a number too large to be exact."
    if isinstance(value, float):
        return None if math.isfinite(value) and abs(value) <= _LARGEST_EXACT else "Holds a number that is not finite."
    if depth == 0:
        return "Is nested too deeply."
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "Holds a name that is not text."
        parts: list[object] = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        return "Holds a value JSON does not have."
    return next((sentence for part in parts if (sentence := _unfit(part, depth - 1))), None)


def _size(value: object) -> int:
    """Roughly the characters a JSON value takes."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, Mapping):
        return sum(_size(key) + _size(part) + 2 for key, part in value.items()) + 2
    if isinstance(value, list | tuple):
        return sum(_size(part) + 1 for part in value) + 2
    return len(repr(value))
