"""An edition of the AI Incident Database as a file: bounded, every fault with its line, read as it is written.

The columns are those of the database's own export of its `incidents` collection.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.inputs import unreadable
from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Row, read_table

LIMITS = Limits(bytes=64 * 1024 * 1024, rows=100_000, columns=100, cell=100_000)
NUMBER, DATE, TITLE, TEXT = "incident_id", "date", "title", "description"
LISTS = {
    "deployers": "Alleged deployer of AI system",
    "developers": "Alleged developer of AI system",
    "harmed": "Alleged harmed or nearly harmed parties",
}
REPORTS = "reports"
COLUMNS = (NUMBER, DATE, TITLE, TEXT, REPORTS, *LISTS.values())
LONGEST_TITLE, LONGEST_TEXT, LONGEST_SLUG, MOST_IN_LIST = 1000, 50_000, 300, 5000
_LARGEST_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class Told:
    """One incident as the file tells it."""

    number: int
    occurred_on: date
    title: str
    description: str
    deployers: tuple[str, ...]
    developers: tuple[str, ...]
    harmed: tuple[str, ...]
    reports: tuple[int, ...]

    def values(self) -> dict[str, Any]:
        """As the record's columns hold it."""
        return {
            "occurred_on": self.occurred_on, "title": self.title, "description": self.description,
            "deployers": list(self.deployers), "developers": list(self.developers), "harmed": list(self.harmed),
            "reports": list(self.reports),
        }  # fmt: skip


def read_incidents(content: bytes, limits: Limits = LIMITS) -> tuple[Told, ...]:
    """Every incident of an edition. Raises Unreadable for what is no text, Refused naming every fault's line."""
    table = read_table(content, encodings=("utf-8", "utf-8-sig"), limits=limits)
    twice = sorted({name for name in table.header if table.header.count(name) > 1})
    missing = [name for name in COLUMNS if name not in table.header]
    if twice or missing:
        named = [LineError(1, name, "This column stands in the header twice.") for name in twice]
        raise Refused(named + [LineError(1, name, "This column is missing.") for name in missing], table.encoding)
    errors: list[LineError] = []
    found: dict[int, Told] = {}
    for row in table.rows:
        told = _told(row, dict(zip(table.header, row.cells, strict=True)), errors)
        if told is not None and found.setdefault(told.number, told) is not told:
            errors.append(LineError(row.line, NUMBER, f"Incident {told.number} stands in the file twice."))
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise Refused(errors[:MAX_ERRORS], table.encoding, len(table.rows))
    if not found:
        raise Refused([LineError(1, "", "The file holds no incident.")], table.encoding)
    return tuple(found.values())


def _told(row: Row, cells: Mapping[str, str], errors: list[LineError]) -> Told | None:
    before = len(errors)

    def refuse(name: str, message: str) -> None:
        errors.append(LineError(row.line, name, message))

    number = cells[NUMBER].strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 16 and 0 < int(number) < _LARGEST_NUMBER):
        refuse(NUMBER, "Must be a whole number above 0.")
    day = _day(cells[DATE].strip())
    if day is None:
        refuse(DATE, "Must be a day like 2026-11-21.")
    title, text = cells[TITLE].strip(), cells[TEXT].strip()
    _refuse_texts(title, text, refuse)
    parties = {field: _list(cells[column], str) for field, column in LISTS.items()}
    for field, named in parties.items():
        if named is None:
            refuse(LISTS[field], f"Must be a list of at most {MOST_IN_LIST:,} names in JSON.")
    reports = _list(cells[REPORTS], int)
    if reports is None:
        refuse(REPORTS, "Must be a list of whole numbers in JSON.")
    if len(errors) > before or day is None or reports is None:
        return None
    return Told(
        number=int(number), occurred_on=day, title=title, description=text, reports=tuple(reports),
        deployers=tuple(parties["deployers"] or ()), developers=tuple(parties["developers"] or ()),
        harmed=tuple(parties["harmed"] or ()),
    )  # fmt: skip


def _refuse_texts(title: str, text: str, refuse: Callable[[str, str], None]) -> None:
    if not title:
        refuse(TITLE, "Is empty.")
    for name, value, longest in ((TITLE, title, LONGEST_TITLE), (TEXT, text, LONGEST_TEXT)):
        if len(value) > longest:
            refuse(name, f"Is longer than {longest:,} characters.")
        elif sentence := unreadable(value, lines=name == TEXT):
            refuse(name, sentence)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _list(text: str, kind: type) -> list[Any] | None:
    """A JSON list of texts or whole numbers; empty for an empty cell, None for anything else."""
    if not text.strip():
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or len(value) > MOST_IN_LIST or any(type(part) is not kind for part in value):
        return None
    if kind is str:
        return None if any(len(part) > LONGEST_SLUG or unreadable(part) for part in value) else value
    return None if any(abs(part) >= _LARGEST_NUMBER for part in value) else value
