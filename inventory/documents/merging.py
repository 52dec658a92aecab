"""Two people wrote from the same revision: what can be joined is joined, the rest is shown as both wrote it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """A section as it should stand; `theirs` is the other text where both changed it."""

    text: str
    theirs: str = ""
    both: bool = False


def merged(base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, Merged]:
    """Section → what stands: the one text that changed; where both did, mine, with theirs beside it."""
    return {
        name: _section(base.get(name, ""), mine.get(name, ""), theirs.get(name, ""))
        for name in dict.fromkeys([*mine, *theirs])
    }


def _section(base: str, mine: str, theirs: str) -> Merged:
    if mine in (theirs, base):
        return Merged(theirs)
    if theirs == base:
        return Merged(mine)
    return Merged(mine, theirs, both=True)
