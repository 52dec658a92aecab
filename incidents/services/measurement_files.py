"""A file of measurements: a CSV with the columns at, metric, value and, if there are slices, slice."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from incidents.services.measurements import MOST, record_measurements
from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Table, read_table
from inventory.models import System

LIMITS = Limits(bytes=128 * 1024 * 1024, rows=1_000_000, columns=4, cell=300)
NEEDED, OPTIONAL = ("at", "metric", "value"), ("slice",)
_PLACE = re.compile(r"measurements\.(\d+)\.(\w+)")


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a file came to: `accepted` counts points that were known already, too."""

    rows: int = 0
    accepted: int = 0
    breaches: int = 0
    new: int = 0
    errors: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self) | {"errors": list(self.errors)}


def import_measurements(
    *, actor: User | Command, system: System, content: bytes, limits: Limits = LIMITS, door: Door = Door.WEB
) -> FileReport:
    """Record every line of a file for one system, all of them or none; the same file again has no effect.

    Raises Unreadable for what is no text, Refused naming lines, and whatever `record_measurements` raises.
    """
    table = read_table(content, encodings=("utf-8", "utf-8-sig"), limits=limits)
    points = _points(table, system)
    accepted = breaches = new = 0
    with acting(actor, door=door, verb="measurement.record"):
        for first in range(0, len(points), MOST):
            try:
                recorded = record_measurements(actor=actor, measurements=points[first : first + MOST], door=door)
            except InvalidInput as invalid:
                raise Refused(_lines(invalid, table, first), table.encoding, len(points)) from invalid
            accepted += recorded.accepted
            breaches += recorded.breaches
            new += recorded.new
    return FileReport(len(points), accepted, breaches, new)


def _points(table: Table, system: System) -> list[dict[str, object]]:
    """The lines as measurements; what is no number stays text, for the judgement of measurements to refuse."""
    known = (*NEEDED, *OPTIONAL)
    wrong = [LineError(1, name, "This column is missing.") for name in NEEDED if name not in table.header]
    wrong += [LineError(1, name, "Is no column of measurements.") for name in table.header if name not in known]
    wrong += [LineError(1, name, "Stands in the header twice.") for name in known if table.header.count(name) > 1]
    if wrong:
        raise Refused(wrong[:MAX_ERRORS], table.encoding)
    if not table.rows:
        raise Refused([LineError(1, "", "The file holds no measurement.")], table.encoding)
    lines = (dict(zip(table.header, row.cells, strict=True)) for row in table.rows)
    return [{**line, "system": system.slug, "value": _number(line["value"])} for line in lines]


def _number(written: str) -> float | str:
    try:
        return float(written)
    except ValueError:
        return written


def _lines(invalid: InvalidInput, table: Table, first: int) -> list[LineError]:
    """Errors of a batch as errors of lines."""
    found = []
    for field, sentences in invalid.errors.items():
        place = _PLACE.fullmatch(field)
        line, name = (table.rows[first + int(place[1])].line, place[2]) if place else (0, "")
        found += [LineError(line, name, sentence) for sentence in sentences]
    return found[:MAX_ERRORS]
