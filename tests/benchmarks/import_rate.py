"""How fast an inventory is taken in, beside bare COPY and beside `save()` per row, ledger included.

    ROWS=100000 .venv/bin/python -m pytest -q -s tests/benchmarks/import_rate.py

Rounds alternate and the medians count: the machine is small and noisy. Beside the clock the processor time of this
process and of its database process is printed: what others do on the machine moves it far less.

What each line does with the same rows (a system and the record of its row in the register, two wide tables):

- **COPY, nothing else**: plain values, written by the driver row by row into temporary twins of both tables that have
  no index, trigger, constraint, key or generated column, and no write-ahead log. The base of the budget.
- **COPY, own indexes**: the same into twins with the indexes, checks and the search column of the tables, still
  temporary, without foreign keys and ledger: what the tables cost by themselves.
- **import_inventory**: the file is decoded, read, mapped, digested, paired with what is known; both tables are
  written with every index, foreign key and trigger; an event for each row; the block is sealed.
- **save() per row**: finished values through the models into the same governed tables: indexes, foreign keys, ledger
  triggers on, an event for each row, all in one transaction sealed once. Nothing is read, mapped or paired. The base
  of the budget, as an import is one transaction too.
- **save(), each an act**: the same, but each record a transaction with its own actor, block and commit: what a client
  of the services or of the API would do instead of importing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import JSONField

from governance.ledger.acting import Command, Door, acting
from inventory.imports.schema import parse
from inventory.models import ImportedRow, ImportRun, System, Unit
from inventory.services.imports import import_inventory
from tests.inventory.imports.test_import_inventory import HEADER, MAPPING

ROWS = int(os.environ.get("ROWS", "20000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SAVED = min(ROWS, 2000)
BARE, SAVE, EACH = "COPY, nothing else", "save() per row", "save(), each an act"
INDEXED = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING INDEXES INCLUDING CONSTRAINTS"
_number = count()


def content(rows: int) -> bytes:
    """An inventory in a hundred units, every name its own."""
    lines = (f"System {n},Ministry,Office {n % 100},Purpose number {n},Live,red\n" for n in range(rows))
    return (HEADER + "".join(lines)).encode()


def imported(rows: int) -> None:
    """The whole way: read, map, pair, write, record, seal."""
    import_inventory(
        actor=Command("benchmark"), content=content(rows), file_name="b.csv", mapping=parse(MAPPING, name="small"),
        door=Door.COMMAND,
    )  # fmt: skip


def values(rows: int, unit: Unit, run: ImportRun) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The same systems, and the rows that stand behind them, as plain values."""
    systems = [
        {
            "name": f"System {n}", "slug": f"saved-{next(_number)}", "unit_id": unit.pk,
            "purpose": f"Purpose number {n}", "phase": "production", "created_at": run.at, "updated_at": run.at,
        }
        for n in range(rows)
    ]  # fmt: skip
    records = [
        {
            "source": "saved", "units": ["Ministry", "Office"], "name": system["name"],
            "written": {"title": system["name"], "why": system["purpose"], "stage": "Live"}, "kept": {"Colour": "red"},
            "mapped": {"name": system["name"], "purpose": system["purpose"], "phase": "production"},
            "digest": "0" * 64, "run_id": run.pk, "seen_in_id": run.pk, "line": 1,
        }
        for system in systems
    ]  # fmt: skip
    return systems, records


def saved(rows: int, unit: Unit, run: ImportRun) -> None:
    """`save()` per row, in one transaction, with the ledger."""
    with acting(Command("benchmark"), door=Door.COMMAND, verb="inventory.import"):
        for system, record in zip(*values(rows, unit, run), strict=True):
            ImportedRow.objects.create(system=System.objects.create(**system), **record)


def governed(rows: int, unit: Unit, run: ImportRun) -> None:
    """`save()` per row, each a transaction and an act of its own, as a form or an API call would do it."""
    for system, record in zip(*values(rows, unit, run), strict=True):
        with acting(Command("benchmark"), door=Door.COMMAND, verb="inventory.import"):
            ImportedRow.objects.create(system=System.objects.create(**system), **record)


_encode_json = DjangoJSONEncoder(separators=(",", ":")).encode


def lines(fields: Sequence[Any], rows: Sequence[dict[str, Any]]) -> Iterator[list[Any]]:
    """The values of each row as the driver takes them; a default is encoded once, not once a row."""
    plan = [(field.attname, encode(field.get_default()), encode) for field in fields for encode in (encoder(field),)]
    for row in rows:
        yield [encode(row[name]) if name in row else default for name, default, encode in plan]


def encoder(field: Any) -> Callable[[Any], Any]:
    """How a value of the field is handed to the driver."""
    return _encode_json if isinstance(field, JSONField) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def copied(rows: int, unit: Unit, run: ImportRun, *, like: str = "") -> None:
    """COPY of the same values into temporary twins of both tables; `like` says what the twins take over."""
    systems, records = values(rows, unit, run)
    for number, record in enumerate(records):
        record["system_id"] = number
    for model, found in ((System, systems), (ImportedRow, records)):
        table = model._meta.db_table
        fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
        columns = ", ".join(str(field.column) for field in fields)
        twin = (
            f"(LIKE {table} {like}) ON COMMIT DROP"
            if like
            else f"ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE twin {twin}")
            with cursor.copy(f"COPY twin ({columns}) FROM STDIN") as copy:
                for line in lines(fields, found):
                    copy.write_row(line)
            cursor.execute("DROP TABLE twin")


@dataclass(frozen=True)
class Spent:
    """What a row took: by the clock, and of the processor in this process and in its database process."""

    clock: float
    python: float
    database: float

    @property
    def processor(self) -> float:
        """Both processes together."""
        return self.python + self.database


def database_time(pid: int) -> float:
    """Processor time of the database process so far; 0 where it runs on another machine."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return 0.0
    fields = status.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(work: Callable[[int], None], rows: int, *, keep: bool = False) -> Spent:
    """What a row takes. What was written is taken back, or committed by the work itself and kept."""
    pid = backend()
    clock, python, database = perf_counter(), process_time(), database_time(pid)
    if keep:
        work(rows)
    else:
        with transaction.atomic():
            work(rows)
            transaction.set_rollback(True)
    spent = (perf_counter() - clock, process_time() - python, database_time(pid) - database)
    return Spent(*(1e6 * each / rows for each in spent))


def backend() -> int:
    """The database process of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_import_rate() -> None:
    """Print the table."""
    unit = Unit.objects.create(name="Bench", slug="bench")
    imported(1)
    run = ImportRun.objects.get()
    kinds: list[tuple[str, int, bool, Callable[[int], None]]] = [
        (BARE, ROWS, False, lambda rows: copied(rows, unit, run)),
        ("COPY, own indexes", ROWS, False, lambda rows: copied(rows, unit, run, like=INDEXED)),
        ("import_inventory", ROWS, False, imported),
        (SAVE, SAVED, False, lambda rows: saved(rows, unit, run)),
        (EACH, SAVED // 4, True, lambda rows: governed(rows, unit, run)),
    ]
    found: dict[str, list[Spent]] = {name: [] for name, *_ in kinds}
    for _ in range(ROUNDS):
        for name, rows, keep, work in kinds:
            found[name].append(measured(work, rows, keep=keep))
    tell("clock", found)
    tell("processor", found)


def tell(by: str, found: dict[str, list[Spent]]) -> None:
    """Print the medians by the clock or by the processor."""
    taken = {name: median(getattr(each, by) for each in rounds) for name, rounds in found.items()}
    print(f"\n{ROWS:,} rows by the {by}, medians of {ROUNDS}, load {os.getloadavg()[0]:.1f}")  # noqa: T201  result
    for name, rounds in found.items():
        each = taken[name]
        told = f"{name:<20} {each:>8,.1f} µs a row  {taken[BARE] / each:5.2f} of COPY"
        told += f" {taken[SAVE] / each:6.1f}× save() {taken[EACH] / each:6.1f}× each an act"
        if by == "processor":
            python, database = (median(getattr(spent, part) for spent in rounds) for part in ("python", "database"))
            told += f"  (Python {python:,.1f}, database {database:,.1f})"
        print(told)  # noqa: T201  a benchmark's result
