"""Approvals from before the portal from a file: everything or nothing; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import is_naive, make_aware

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.lifecycle import Conflict
from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Row, Table, read_table
from inventory.imports.reports import FileReport, header_of
from inventory.models import LegacyApproval, System
from inventory.services.legacy import bring_in_approval
from inventory.services.permitted import require

NEEDED = ("system", "version", "approved_on", "approved_by", "reference", "until")
COLUMNS = (*NEEDED, "sha256", "report")
LIMITS = Limits(bytes=4 * 1024 * 1024, rows=5_000, columns=len(COLUMNS), cell=5_000)


class _OnlyTried(Exception):  # noqa: N818  takes everything back, tells nobody
    """Leaves the transaction of a dry run."""


def import_approvals(
    *, actor: User | Command, content: bytes, dry_run: bool = False, door: Door = Door.COMMAND
) -> FileReport:
    """Bring in the approvals of a CSV file, each for one system by its address and one version.

    `sha256` may name several digests, parted by blanks; `until` is an instant, or a day by whose beginning it ends. A
    row that says what a record says already is left alone. Somebody answers for the file, because somebody else has to
    confirm what it says. Raises Unreadable, Refused with line numbers, InvalidInput, Forbidden without import.run.
    """
    if not isinstance(actor, User):
        raise InvalidInput({"as": ["Say who brings them in; another person confirms them."]})
    table = read_table(content, limits=LIMITS)
    names = header_of(table.header, COLUMNS, NEEDED)
    try:
        with acting(actor, door=door, verb="legacy_approval.import"):
            require(actor, Permission.IMPORT_RUN)
            created = _take_all(actor, table, names, door)
            if dry_run:
                seal_now()
                raise _OnlyTried
    except _OnlyTried:
        pass
    return FileReport(rows=len(table.rows), created=created, unchanged=len(table.rows) - created)


def _take_all(actor: User, table: Table, names: list[str], door: Door) -> int:
    """Every row, or none: all faults are gathered first. How many were new. Raises Refused."""
    errors: list[LineError] = []
    created = 0
    systems = _systems(actor, table, names)
    for row in table.rows:
        try:
            with transaction.atomic():
                created += _take(actor, _told(names, row), systems, door)
        except InvalidInput as invalid:
            errors += [LineError(row.line, name, text) for name, texts in invalid.errors.items() for text in texts]
        except Conflict as conflict:
            errors.append(LineError(row.line, "", str(conflict)))
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise Refused(errors, table.encoding, len(table.rows))
    return created


def _told(names: list[str], row: Row) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **dict(zip(names, (cell.strip() for cell in row.cells), strict=True))}


def _systems(actor: User, table: Table, names: list[str]) -> dict[str, System]:
    """The systems the file names, as far as the person may see them."""
    slugs = {_told(names, row)["system"] for row in table.rows}
    return {system.slug: system for system in rights.visible(actor, System.objects.filter(slug__in=slugs))}


def _take(actor: User, told: Mapping[str, str], systems: Mapping[str, System], door: Door) -> bool:
    """One row; whether it brought something new."""
    system = systems.get(told["system"])
    if system is None:
        raise InvalidInput({"system": [f"There is no system “{told['system'][:120]}”."]})
    sha256 = sorted(set(told["sha256"].lower().replace("sha256:", "").split()))
    values: dict[str, Any] = {name: told[name] for name in ("version", "approved_by", "reference")}
    values |= {"approved_on": _day(told["approved_on"]), "until": _end(told["until"])}
    known = LegacyApproval.objects.filter(system=system, sha256=sha256, **values)
    if told["report"]:
        known = known.filter(report__file__sha256=told["report"].lower().removeprefix("sha256:"))
    if known.exists():
        return False
    bring_in_approval(actor=actor, system=system, sha256=sha256, report=told["report"], door=door, **values)
    return True


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InvalidInput({"approved_on": ["Must be a day like 2025-03-31."]}) from None


def _end(written: str) -> datetime:
    """The end: an instant, or a day, which means its beginning by the portal's zone."""
    try:
        end = datetime.fromisoformat(written)
        return make_aware(end) if is_naive(end) else end
    except (ValueError, OverflowError):
        raise InvalidInput({"until": ["Must be a day like 2027-03-31, or an instant in ISO 8601."]}) from None
