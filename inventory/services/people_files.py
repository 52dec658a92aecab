"""People and their roles from a file: everything or nothing; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import is_naive, make_aware

from governance.access.models import User
from governance.access.services.people import change_person, create_person
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal
from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Row, Table, read_table
from inventory.imports.reports import FileReport
from inventory.models import Assignment, System, Unit
from inventory.services.assignments import assign
from inventory.services.permitted import require

COLUMNS = ("username", "name", "email", "role", "system", "unit", "until", "reason")
LIMITS = Limits(bytes=4 * 1024 * 1024, rows=5_000, columns=len(COLUMNS), cell=1_000)
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


class _OnlyTried(Exception):  # noqa: N818  takes everything back, tells nobody
    """Leaves the transaction of a dry run."""


@dataclass(slots=True)
class _Taking:
    """One file being taken in."""

    actor: User | Command
    door: Door
    seen: set[tuple[str, ...]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((CREATED, UPDATED, UNCHANGED), 0))


def import_people(
    *, actor: User | Command, content: bytes, dry_run: bool = False, door: Door = Door.COMMAND
) -> FileReport:
    """Add the people of a CSV file, bring names and addresses up to date, and give each the role its row names.

    A row names one person (`username`; somebody new needs `name` and `email`) and at most one `role` on one `system`
    or `unit`, by their addresses, until a day or an instant. A new owner takes over from the last one. Nothing ends
    because a file is silent about it, and organisation-wide roles are given by hand.

    Raises Unreadable for what is no text, Refused with line numbers, Forbidden without person.change or for a role
    the actor may not give, Conflict where the rows together break a rule.
    """
    table = read_table(content, limits=LIMITS)
    _check_header(table.header)
    taking = _Taking(actor, door)
    try:
        with acting(actor, door=door, verb="person.import"):
            require(actor, Permission.PERSON_CHANGE)
            _take_all(table, taking)
            if dry_run:
                seal_now()
                raise _OnlyTried
    except _OnlyTried:
        pass
    counts = taking.counts
    return FileReport(len(table.rows), counts[CREATED], counts[UPDATED], counts[UNCHANGED])


def _check_header(header: tuple[str, ...]) -> None:
    names = [name.strip().lower() for name in header]
    errors = [
        LineError(1, name[:60], f"Is no column of this file; known are {', '.join(COLUMNS)}.")
        for name in names
        if name not in COLUMNS
    ]
    errors += [LineError(1, name, "Stands here twice.") for name in COLUMNS if names.count(name) > 1]
    if "username" not in names:
        errors.append(LineError(1, "username", "This column is missing."))
    if errors:
        raise Refused(errors)


def _take_all(table: Table, taking: _Taking) -> None:
    """Every row, or none: all faults are gathered first. Raises Refused; Forbidden where a row may not be done."""
    errors: list[LineError] = []
    barred: list[Reason] = []
    names = [name.strip().lower() for name in table.header]
    for row in table.rows:
        told = _told(names, row)
        said = (told["username"].lower(), told["role"], told["system"], told["unit"])
        try:
            if said in taking.seen:
                raise InvalidInput({"username": ["An earlier row says the same of this person."]})
            with transaction.atomic():
                taking.counts[_take(told, taking)] += 1
            taking.seen.add(said)
        except InvalidInput as invalid:
            errors += [LineError(row.line, name, text) for name, texts in invalid.errors.items() for text in texts]
        except Forbidden as forbidden:
            barred += [Reason(reason.code, f"Line {row.line}: {reason.text}") for reason in forbidden.reasons]
        except Refusal as refusal:
            errors.append(LineError(row.line, "", str(refusal)))
        if len(errors) + len(barred) >= MAX_ERRORS:
            break
    if barred:
        raise Forbidden(*barred)
    if errors:
        raise Refused(errors, table.encoding, len(table.rows))


def _told(names: list[str], row: Row) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **dict(zip(names, (cell.strip() for cell in row.cells), strict=True))}


def _take(told: Mapping[str, str], taking: _Taking) -> str:
    """One row; what became of it."""
    person, came = _person(told, taking)
    if not told["role"]:
        if told["system"] or told["unit"] or told["until"]:
            raise InvalidInput({"role": ["Is missing: the row says where or until when, not what."]})
        return came
    place = _place(told)
    where: dict[str, Any] = {"system": place} if isinstance(place, System) else {"unit": place}
    until = _until(told["until"])
    if _stands(person, told["role"], where, until):
        return came
    assign(
        actor=taking.actor, person=person, role=told["role"], until=until, reason=told["reason"], door=taking.door,
        **where,
    )  # fmt: skip
    return CREATED


def _person(told: Mapping[str, str], taking: _Taking) -> tuple[User, str]:
    """Who the row is about, added or brought up to date, and whether that was needed."""
    known = User.objects.filter(username__iexact=told["username"]).first() if told["username"] else None
    if known is None:
        values = {name: told[name] for name in ("username", "name", "email")}
        return create_person(actor=taking.actor, door=taking.door, **values), CREATED
    if known.kind != User.Kind.HUMAN:
        raise InvalidInput({"username": ["Is a machine; files name people."]})
    if known.closed_at is not None:
        raise Conflict(Reason("closed", "This account is closed; a closed account stays as it is."))
    newer = {name: told[name] for name in ("name", "email") if told[name] and told[name] != getattr(known, name)}
    if not newer:
        return known, UNCHANGED
    return change_person(actor=taking.actor, person=known, door=taking.door, **newer), UPDATED


def _place(told: Mapping[str, str]) -> System | Unit:
    """Where the role stands. Raises InvalidInput unless the row names one system or one unit that exists."""
    if bool(told["system"]) == bool(told["unit"]):
        raise InvalidInput({"system": ["Name one system or one unit."]})
    name = "system" if told["system"] else "unit"
    model: type[System] | type[Unit] = System if told["system"] else Unit
    found: System | Unit | None = model._default_manager.filter(slug=told[name]).first()
    if found is None:
        raise InvalidInput({name: [f"There is no {name} “{told[name][:120]}”."]})
    return found


def _until(written: str) -> datetime | None:
    """The end: an instant, or a day, which means its beginning by the portal's zone."""
    if not written:
        return None
    try:
        end = datetime.fromisoformat(written)
        return make_aware(end) if is_naive(end) else end
    except (ValueError, OverflowError):
        raise InvalidInput({"until": ["Must be a day like 2027-03-31, or an instant in ISO 8601."]}) from None


def _stands(person: User, role: str, where: Mapping[str, Any], until: datetime | None) -> bool:
    """Whether the row was taken in before. Raises Conflict where the person has the role to another end."""
    held = Assignment.objects.filter(person=person, role=role, delegated_from=None, **where)
    if until is not None and held.filter(until=until, ended_by=None).exists():
        return True
    standing = held.unended().first()
    if standing is None:
        return False
    if until is not None:
        raise Conflict(Reason("duplicate", f"{person} has this role here already, to another end; end it first."))
    return True
