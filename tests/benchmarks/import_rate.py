"""How fast an inventory is taken in, beside bare COPY and beside `save()` per row, ledger included.

    ROWS=100000 .venv/bin/python -m pytest -q -s tests/benchmarks/import_rate.py

Rounds alternate and the medians count: the machine is small and noisy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from statistics import median
from time import perf_counter

import pytest
from django.db import connection, transaction

from governance.ledger.acting import Command, Door, acting
from inventory.imports.schema import parse
from inventory.models import ImportedRow, ImportRun, System, Unit
from inventory.services.imports import import_inventory
from tests.inventory.imports.test_import_inventory import HEADER, MAPPING

ROWS = int(os.environ.get("ROWS", "20000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SAVED = min(ROWS, 2000)


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


def systems(rows: int, unit: Unit, run: ImportRun) -> list[System]:
    """The same systems as objects."""
    return [
        System(
            name=f"System {n}", slug=f"saved-{n}", unit=unit, purpose=f"Purpose number {n}", phase="production",
            created_at=run.at, updated_at=run.at,
        )
        for n in range(rows)
    ]  # fmt: skip


def record(system: System, run: ImportRun) -> ImportedRow:
    """The row that stands behind one."""
    return ImportedRow(
        system=system, source="saved", units=["Ministry", "Office"], name=system.name, written={"title": system.name},
        kept={"Colour": "red"}, mapped={"purpose": system.purpose}, digest="0" * 64, run=run, seen_in=run, line=1,
    )  # fmt: skip


def saved(rows: int, unit: Unit, run: ImportRun) -> None:
    """`save()` per row, in one transaction, with the ledger."""
    with acting(Command("benchmark"), door=Door.COMMAND, verb="inventory.import"):
        for system in systems(rows, unit, run):
            system.save()
            record(system, run).save()


def governed(rows: int, unit: Unit, run: ImportRun) -> None:
    """`save()` per row, each an act of its own, as a form or an API call would do it."""
    for system in systems(rows, unit, run):
        with acting(Command("benchmark"), door=Door.COMMAND, verb="inventory.import"):
            system.save()
            record(system, run).save()


def copied(rows: int, unit: Unit, run: ImportRun) -> None:
    """COPY of both tables into twins without a trigger or a constraint."""
    made = systems(rows, unit, run)
    for number, system in enumerate(made):
        system.pk = number
    for model, objects in ((System, made), (ImportedRow, [record(system, run) for system in made])):
        fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
        columns = ", ".join(str(field.column) for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT {columns} FROM {model._meta.db_table} LIMIT 0"
            )
            with cursor.copy("COPY twin FROM STDIN") as copy:
                for row in objects:
                    copy.write_row(
                        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
                    )
            cursor.execute("DROP TABLE twin")


def rate(work: Callable[[], None], rows: int) -> float:
    """Rows a second; what was written is taken back."""
    started = perf_counter()
    with transaction.atomic():
        work()
        taken = perf_counter() - started
        transaction.set_rollback(True)
    return rows / taken


@pytest.mark.django_db
def test_import_rate() -> None:
    """Print the table."""
    unit = Unit.objects.create(name="Bench", slug="bench")
    imported(1)
    run = ImportRun.objects.get()
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        found.setdefault("COPY, nothing else", []).append(rate(lambda: copied(ROWS, unit, run), ROWS))
        found.setdefault("import_inventory", []).append(rate(lambda: imported(ROWS), ROWS))
        found.setdefault("save() per row", []).append(rate(lambda: saved(SAVED, unit, run), SAVED))
        found.setdefault("save(), each an act", []).append(rate(lambda: governed(SAVED, unit, run), SAVED))
    base, slow = median(found["COPY, nothing else"]), median(found["save() per row"])
    print(f"\n{ROWS:,} rows, medians of {ROUNDS}")  # noqa: T201  a benchmark's result
    for name, rates in found.items():
        each = median(rates)
        line = f"{name:<22} {each:>9,.0f} rows/s   {each / base:5.2f} of COPY   {each / slow:6.1f}× save()"
        print(line)  # noqa: T201  a benchmark's result
