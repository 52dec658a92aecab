"""What a new edition may change on a system somebody has worked on since. Pure.

The rule: the import only ever replaces what the import itself put there. A field a person changed in the portal is
kept; if the new edition also says something new about it, that is a conflict for a person to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory.imports.folding import bare, is_lossy_copy

_NOT_SAID = frozenset({"", "not_stated"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field where a person and the new edition disagree; `kept` stays."""

    field: str
    kept: str
    offered: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The fields to write and the fields to leave with a note."""

    changes: dict[str, str] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()


def merge(current: Mapping[str, str], last: Mapping[str, str], offered: Mapping[str, str]) -> Merge:
    """Compare what stands on the system, what the import last put there, and what the new edition says."""
    changes: dict[str, str] = {}
    conflicts: list[Conflict] = []
    for name, new in offered.items():
        here, before = current[name], last.get(name)
        if bare(here) == bare(new) or (before is not None and _says_the_same(before, new)):
            continue
        if here in _NOT_SAID if before is None else here == before:
            changes[name] = new
        else:
            conflicts.append(Conflict(name, here, new))
    return Merge(changes, tuple(conflicts))


def _says_the_same(before: str, new: str) -> bool:
    """Whether the new edition only spells it with other blanks, or lost signs on the way."""
    return bare(before) == bare(new) or is_lossy_copy(before, new)
