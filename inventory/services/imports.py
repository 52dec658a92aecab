"""Importing an inventory: read outside the transaction, then everything or nothing inside one."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath

from django.db import connection

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.imports.folding import fold
from inventory.imports.opening import open_table
from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Table, Unreadable
from inventory.imports.reading import ReadRow, read_rows
from inventory.imports.schema import MappingDocument
from inventory.imports.shipped import CHOICES
from inventory.models import ImportRun, ImportUpload, System, UnmappedValue
from inventory.services.editions import Edition, Outcome, compare, take_in
from inventory.services.permitted import require

Progress = Callable[[str, int, int], None]
KEPT = timedelta(days=1)

# How the words of a count are spelled for programs outside; every word of a field is always there.
COUNTED: dict[str, dict[str, str]] = {
    "phase": {word: word for word in System.Phase.values} | {"not_stated": "blank", "unknown": "unmapped"},
    "impact": {word: word for word in System.Impact.values} | {"both": "rights+safety", "not_stated": "blank"},
}


@dataclass(frozen=True)
class ImportReport:
    """What an import came to, or would come to when it was only tried."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    errors: tuple[LineError, ...] = ()
    unmapped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    encoding: str = ""
    counts: Mapping[str, object] = field(default_factory=dict)
    conflicts: tuple[dict[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    run: ImportRun | None = None

    def as_json(self) -> dict[str, object]:
        """The object programs outside rely on."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "vanished": self.vanished,
            "errors": [
                {"line": error.line, "field": error.field, "message": error.message} for error in self.errors
            ],
            "unmapped": self.unmapped,
            "encoding": self.encoding,
            "counts": self.counts,
        }  # fmt: skip


def refused_report(refused: Refused) -> ImportReport:
    """The report of a file that was refused: nothing was changed."""
    return ImportReport(rows=refused.rows, errors=tuple(refused.errors), encoding=refused.encoding)


def import_inventory(
    *,
    actor: User | Command,
    content: bytes,
    file_name: str,
    mapping: MappingDocument,
    door: Door,
    dry_run: bool = False,
    limits: Limits | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> ImportReport:
    """Take one edition of a register in: new rows become systems, changed rows change them, gone rows are marked.

    The rules: a row is found again by identifier, else by organisation, unit and name. A system somebody registered
    by hand under the same names is adopted, not doubled. Fields a person changed since are kept and listed. Nothing
    is deleted. A file that brings nothing new writes nothing at all.

    Raises Unreadable for what is no text, Refused with line numbers, Forbidden without import.run, Conflict `busy`
    while another import of the same register runs.
    """
    with acting(actor, door=door, verb="inventory.import"):
        require(actor, Permission.IMPORT_RUN)
        decided = decided_about(mapping.source)
    with _uncollected():
        rows, encoding = _read(content, mapping, decided, limits or Limits(), progress)
        edition = Edition(
            source=mapping.source,
            mapping=mapping.name,
            mapping_version=mapping.version,
            file_name=base_name(file_name),
            file_sha256=sha256(content).hexdigest(),
            file_bytes=len(content),
            encoding=encoding,
            identified=mapping.identifier is not None,
            rows=rows,
            unmapped=Counter(unmapped for row in rows for unmapped in row.unmapped),
            counts=_counts(rows),
        )
        if dry_run:
            return report_of(edition, compare(edition))
        with acting(actor, door=door, verb="inventory.import", reason=edition.file_name):
            require(actor, Permission.IMPORT_RUN)
            hold_alone(mapping.source)
            outcome = take_in(edition, person=actor if isinstance(actor, User) else None, progress=progress)
    return report_of(edition, outcome)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking over every row again and again: rows hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def hand_in(*, person: User, content: bytes, file_name: str, mapping: str) -> ImportUpload:
    """Keep a file until its person has seen what it would come to by a mapping, or has mapped it.

    Files older than a day are dropped on the way.

    Raises Forbidden.
    """
    with acting(person, door=Door.WEB, verb="inventory.import"):
        require(person, Permission.IMPORT_RUN)
        now = portal_now()
        ImportUpload.objects.filter(at__lt=now - KEPT).delete()
        return ImportUpload.objects.create(
            person=person, mapping=mapping, file_name=base_name(file_name), content=content, at=now
        )


def resolve_unmapped(*, actor: User | Command, value: UnmappedValue, meaning: str, door: Door) -> UnmappedValue:
    """Say what a written value means; the next import reads it so. Raises InvalidInput, Forbidden."""
    with acting(actor, door=door, verb="inventory.resolve"):
        require(actor, Permission.IMPORT_RUN)
        locked = UnmappedValue.objects.select_for_update(no_key=True).get(pk=value.pk)
        checks = Checks()
        meaning = checks.choice("meaning", meaning, CHOICES[locked.field])
        checks.done()
        locked.meaning, locked.state = meaning, UnmappedValue.State.RESOLVED
        locked.decided_by = actor if isinstance(actor, User) else None
        locked.decided_at = portal_now()
        locked.save(update_fields=["meaning", "state", "decided_by", "decided_at"])
    return locked


def content_of(path: Path) -> bytes:
    """The bytes of the file, never more than may be imported. Raises Unreadable, Refused."""
    limit = Limits().bytes
    try:
        if not path.is_file():
            raise Unreadable(f"{path} is no file.")
        if (size := path.stat().st_size) > limit:
            raise Refused([LineError(0, "", f"The file has {size:,} bytes; at most {limit:,} are read.")])
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error


def base_name(file_name: str) -> str:
    """The last part of a path on any system, without signs that cannot be kept."""
    name = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(sign if sign.isprintable() else "�" for sign in name)[:255] or "unnamed"


def decided_about(source: str) -> dict[tuple[str, str], str]:
    """What people have said about values the mapping does not read: (field, folded writing) → our word."""
    resolved = UnmappedValue.objects.filter(source=source, state=UnmappedValue.State.RESOLVED)
    return {(value.field, fold(value.written)): value.meaning for value in resolved}


def _read(
    content: bytes, mapping: MappingDocument, decided: Mapping[tuple[str, str], str], limits: Limits, progress: Progress
) -> tuple[list[ReadRow], str]:
    """Every row of the file. Raises Unreadable, Refused."""
    table = open_table(content, mapping.format, limits)
    return rows_of(table, mapping, decided, progress), table.encoding


def rows_of(
    table: Table, mapping: MappingDocument, decided: Mapping[tuple[str, str], str], progress: Progress
) -> list[ReadRow]:
    """Every row of a file that was taken apart. Raises Refused with every fault."""
    rows: list[ReadRow] = []
    errors: list[LineError] = []
    total = len(table.rows)
    if not total:
        # An empty edition would mark every system as vanished: far more likely the export went wrong.
        raise Refused([LineError(1, "", "The file has a header and not a single row.")], table.encoding)
    for number, (row, faults) in enumerate(read_rows(table, mapping, decided), start=1):
        errors += faults
        if row is not None:
            rows.append(row)
        if number % 1000 == 0 or number == total:
            progress("reading", number, total)
        if len(errors) >= MAX_ERRORS:
            break
    errors += _repeated_identifiers(rows, mapping)
    if errors:
        raise Refused(errors[:MAX_ERRORS], table.encoding, total)
    return rows


def _repeated_identifiers(rows: list[ReadRow], mapping: MappingDocument) -> list[LineError]:
    if mapping.identifier is None:
        return []
    first: dict[str, int] = {}
    return [
        LineError(row.line, mapping.identifier, f"“{row.identifier}” stands on line {first[row.identifier]} already.")
        for row in rows
        if first.setdefault(row.identifier, row.line) != row.line
    ]


def _counts(rows: list[ReadRow]) -> dict[str, object]:
    """Organisations, units below them, and the rows by phase and declared impact."""
    chains = {tuple(fold(unit) for unit in units) for units in {row.units for row in rows}}
    counts: dict[str, object] = {
        "organisations": len({chain[0] for chain in chains}),
        "units": len({chain for chain in chains if len(chain) > 1}),
    }
    for name, spelled in COUNTED.items():
        found = Counter(row.values.get(name, "not_stated") for row in rows)
        counts[name] = {spelling: found[word] for word, spelling in spelled.items()}
    return counts


def hold_alone(source: str) -> None:
    """Hold this register until the transaction ends. Raises Conflict when somebody else does."""
    with connection.cursor() as cursor:
        # A whole edition is one transaction: the limits of a page do not fit it.
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"inventory.import:{source}"])
        (free,) = cursor.fetchone()
    if not free:
        raise Conflict(Reason("busy", f"Another import of {source} is running; wait until it is done."))


def report_of(edition: Edition, outcome: Outcome) -> ImportReport:
    """The report of an edition that was taken in or compared."""
    unmapped: dict[str, dict[str, int]] = {}
    for (name, written), count in sorted(edition.unmapped.items()):
        unmapped.setdefault(name, {})[written] = count
    return ImportReport(
        rows=len(edition.rows),
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        vanished=outcome.vanished,
        unmapped=unmapped,
        encoding=edition.encoding,
        counts=edition.counts,
        conflicts=tuple(outcome.conflicts),
        gone=tuple(outcome.gone),
        run=outcome.run,
    )
