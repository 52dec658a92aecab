"""What taking a file in comes to, and what a header must hold: the same for every kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inventory.imports.reader import LineError, Refused


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a file came to, or would come to; what it leaves out stays, so that often nothing vanishes."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    errors: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self) | {"errors": list(self.errors)}


def header_of(header: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    """The names of the columns as they stand. Raises Refused for an unknown, a doubled, and a missing one."""
    names = [name.strip().lower() for name in header]
    errors = [
        LineError(1, name[:60], f"Is no column of this file; known are {', '.join(columns)}.")
        for name in names
        if name not in columns
    ]
    errors += [LineError(1, name, "Stands here twice.") for name in columns if names.count(name) > 1]
    errors += [
        LineError(1, name, "This column is missing.") for name in columns if name in needed and name not in names
    ]
    if errors:
        raise Refused(errors)
    return names
