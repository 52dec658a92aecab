"""Words that stay inside: names of people and of systems, found in a text for outside or taken out. Pure text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SOMEBODY, SYSTEM = "a member of staff", "the system"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Inside:
    """Words that stay inside: names of people, and of the system with its unit."""

    people: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()


def without(text: str, inside: Inside) -> str:
    """The text with every word from inside replaced by one that tells nothing."""
    text = _ADDRESS.sub("an internal address", text)
    for words, instead in ((inside.people, SOMEBODY), (inside.systems, SYSTEM)):
        if pattern := _any_of(words):
            text = pattern.sub(instead, text)
    return text


def internal_words(text: str, inside: Inside) -> tuple[str, ...]:
    """The words from inside that a text still has, each once."""
    found = [match[0] for match in _ADDRESS.finditer(text)]
    for words in (inside.people, inside.systems):
        if pattern := _any_of(words):
            found += [match[0] for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest = sorted({word for word in words if word}, key=len, reverse=True)
    if not longest:
        return None
    any_space = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest)
    return re.compile(rf"(?<!\w)(?:{any_space})(?!\w)", re.IGNORECASE)
