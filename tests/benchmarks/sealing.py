"""What sealing costs eight writers at once, beside the same table with its indexes but without the ledger's triggers.

    .venv/bin/python -m pytest -q -s tests/benchmarks/sealing.py

Transactions of 5 ms first, then a tight loop; rounds alternate and the medians count.
"""

from __future__ import annotations

import os
import threading
from statistics import median
from time import monotonic
from typing import Any

import psycopg
import pytest

from governance.ledger.acting import Command, Door, announcement
from inventory.models import System
from tests.conftest import clones
from tests.governance.ledger.people import make_system

WRITERS = 8
SECONDS = float(os.environ.get("SECONDS", "1.5"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
BUDGETS = {"transactions of 5 ms": (0.005, 0.8), "a tight loop": (0.0, 0.25)}


def written(table: str, keys: list[int], lasting: float) -> float:
    """Transactions a second of all writers, each changing a row of its own."""
    acting = announcement(Command("benchmark"), door=Door.COMMAND, verb="system.change")
    counts, start = [0] * len(keys), threading.Barrier(len(keys))

    def write(number: int, key: int) -> None:
        with psycopg.connect(**clones.parameters("default"), autocommit=True, prepare_threshold=1) as connection:
            start.wait(30)
            until = monotonic() + SECONDS
            while monotonic() < until:
                with connection.transaction():
                    connection.execute("SELECT set_config('ledger.acting', %s, true)", [acting])
                    connection.execute(
                        f"UPDATE {table} SET purpose = %s WHERE id = %s",
                        [f"Purpose {counts[number]}", key],
                    )
                    if lasting:
                        connection.execute("SELECT pg_sleep(%s)", [lasting])
                counts[number] += 1

    threads = [threading.Thread(target=write, args=each, daemon=True) for each in enumerate(keys)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sum(counts) / SECONDS


@pytest.mark.django_db(transaction=True)
def test_sealing(owner_connection: psycopg.Connection[Any]) -> None:
    """Print the table."""
    keys = [make_system().pk for _ in range(WRITERS)]
    app = clones.parameters("default")["user"]
    columns = ", ".join(f'"{field.column}"' for field in System._meta.concrete_fields if not field.generated)
    owner_connection.execute("CREATE TABLE system_unrecorded (LIKE inventory_system INCLUDING ALL)")
    owner_connection.execute(
        f"INSERT INTO system_unrecorded ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM inventory_system"
    )
    owner_connection.execute(f'GRANT SELECT, UPDATE ON system_unrecorded TO "{app}"')
    print(f"\n{'load ' + format(os.getloadavg()[0], '.1f'):24}{'no ledger':>11}{'sealed':>9}{'ratio':>7}{'budget':>8}")  # noqa: T201
    for name, (lasting, budget) in BUDGETS.items():
        rates: dict[str, list[float]] = {"system_unrecorded": [], "inventory_system": []}
        for _ in range(ROUNDS):
            for table, found in rates.items():
                found.append(written(table, keys, lasting))
        bare, sealed = (median(found) for found in rates.values())
        print(f"{name:24}{bare:9.0f}/s{sealed:7.0f}/s{sealed / bare:7.2f}{budget:8.2f}")  # noqa: T201
