"""How fast an inventory is taken in, beside bare COPY and beside `save()` per row, ledger included.

    ROWS=100000 .venv/bin/python -m pytest -q -s tests/benchmarks/import_rate.py

Rounds alternate and the medians count: the machine is small and noisy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from statistics import median
from time import perf_counter
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
    encoders = [_encode_json if isinstance(field, JSONField) else str for field in fields]
    plan = [
        (field.attname, encode(field.get_default()) if encode is _encode_json else field.get_default(), encode)
        for field, encode in zip(fields, encoders, strict=True)
    ]
    for row in rows:
        yield [
            (encode(row[name]) if encode is _encode_json else row[name]) if name in row else default
            for name, default, encode in plan
        ]


def copied(rows: int, unit: Unit, run: ImportRun) -> None:
    """COPY of the same values into twins of both tables without an index, a trigger or a constraint."""
    systems, records = values(rows, unit, run)
    for number, record in enumerate(records):
        record["system_id"] = number
    for model, found in ((System, systems), (ImportedRow, records)):
        fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
        columns = ", ".join(str(field.column) for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT {columns} FROM {model._meta.db_table} LIMIT 0"
            )
            with cursor.copy("COPY twin FROM STDIN") as copy:
                for line in lines(fields, found):
                    copy.write_row(line)
            cursor.execute("DROP TABLE twin")


def rate(work: Callable[[], None], rows: int) -> float:
    """Rows a second; what was written is taken back."""
    started = perf_counter()
    with transaction.atomic():
        work()
        taken = perf_counter() - started
        transaction.set_rollback(True)
    return rows / taken


def kept_rate(work: Callable[[], None], rows: int) -> float:
    """Rows a second of transactions that are committed."""
    started = perf_counter()
    work()
    return rows / (perf_counter() - started)


@pytest.mark.django_db(transaction=True)
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
        found.setdefault("save(), each an act", []).append(
            kept_rate(lambda: governed(SAVED // 4, unit, run), SAVED // 4)
        )
    base, slow, act = (median(found[name]) for name in ("COPY, nothing else", "save() per row", "save(), each an act"))
    print(f"\n{ROWS:,} rows, medians of {ROUNDS}, load {os.getloadavg()[0]:.1f}")  # noqa: T201  a benchmark's result
    for name, rates in found.items():
        each = median(rates)
        ratios = f"{each / base:5.2f} of COPY {each / slow:6.1f}× save() {each / act:6.1f}× save(), each an act"
        print(f"{name:<22} {each:>9,.0f} rows/s {ratios}")  # noqa: T201  a benchmark's result
