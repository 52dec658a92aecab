"""Value from a file: expected and actual figures of a system by period, everything or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from inventory.exports import unmarked
from inventory.imports.reader import Limits, LineError, Refused, Row, read_table
from inventory.imports.reports import FileReport, header_of
from inventory.models import System
from inventory.services.permitted import require
from inventory.services.values import AMOUNTS, FIELDS, MOST, record_values
from inventory.value import periods_of

NEEDED = ("period", "starts_on", "currency")
LIMITS = Limits(bytes=1024 * 1024, rows=MOST, columns=len(FIELDS), cell=4_000)


def import_values(*, actor: User | Command, system: System, content: bytes, door: Door) -> FileReport:
    """Record the figures of a CSV file, one row a period; a row that says what is said already is left alone.

    Raises Unreadable, Refused with line numbers, InvalidInput where nobody answers for it, Forbidden.
    """
    if not isinstance(actor, User):
        raise InvalidInput({"as": ["Say who records it; figures are said by somebody."]})
    with acting(actor, door=door, verb="value.record"):
        require(actor, Permission.SYSTEM_CHANGE, system)
    table = read_table(content, limits=LIMITS)
    names = header_of(table.header, FIELDS, NEEDED)
    told = [_told(names, row) for row in table.rows]
    lines = [row.line for row in table.rows]
    _refuse(_faults(told, lines))
    known = {(one.period, one.starts_on): one for one in periods_of(system)}
    new = [place for place, one in enumerate(told) if not _said(known.get((one["period"], one["starts_on"])), one)]
    if new:
        try:
            record_values(actor=actor, system=system, periods=[told[place] for place in new], door=door)
        except InvalidInput as invalid:
            _refuse([_placed(name, text, lines, new) for name, texts in invalid.errors.items() for text in texts])
    before = sum(1 for place in new if (told[place]["period"], told[place]["starts_on"]) in known)
    return FileReport(len(told), created=len(new) - before, updated=before, unchanged=len(told) - len(new))


def _told(names: list[str], row: Row) -> dict[str, Any]:
    """The row with blanks left out; a day that is none stays text, and is refused as such."""
    cells = {name: text for name, cell in zip(names, row.cells, strict=True) if (text := unmarked(cell.strip()))}
    day: object = cells.get("starts_on", "")
    with suppress(ValueError):
        day = date.fromisoformat(str(day))
    return {"period": "", "currency": "", **cells, "starts_on": day}


def _faults(told: list[dict[str, Any]], lines: list[int]) -> list[LineError]:
    """What is wrong with the rows beside each other and with days; the rest is judged where it is recorded."""
    errors: list[LineError] = []
    if not told:
        errors.append(LineError(1, "", "The file has a header and not a single row."))
    seen: dict[tuple[object, object], int] = {}
    for line, one in zip(lines, told, strict=True):
        if not isinstance(one["starts_on"], date):
            errors.append(LineError(line, "starts_on", "Must be a day like 2026-01-01."))
        first = seen.setdefault((one["period"], one["starts_on"]), line)
        if first != line:
            errors.append(LineError(line, "starts_on", f"This period stands on line {first} already."))
    return errors


def _placed(name: str, text: str, lines: list[int], new: list[int]) -> LineError:
    """`periods.2.currency` is the currency on the line of the third new row."""
    parts = name.split(".", 2)
    if len(parts) == 3 and parts[1].isdigit():
        return LineError(lines[new[int(parts[1])]], parts[2], text)
    return LineError(0, name, text)


def _said(known: Any, one: Mapping[str, Any]) -> bool:
    """Whether the newest word on the period says the same."""
    if known is None:
        return False
    words = all(getattr(known, name) == one.get(name, "") for name in ("currency", "outcome_unit", "note"))
    return words and all(getattr(known, name) == _amount(one.get(name)) for name in AMOUNTS)


def _amount(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text) if text else None
        return None if number is None else number.quantize(Decimal("0.0001"))
    except InvalidOperation:
        return Decimal("NaN")


def _refuse(errors: list[LineError]) -> None:
    if errors:
        raise Refused(errors)
