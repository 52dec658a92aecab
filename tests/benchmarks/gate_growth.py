"""Whether the gate's statement costs more among many releases than among few.

    .venv/bin/python -m pytest -q -s tests/benchmarks/gate_growth.py

Systems with an approved release each are copied in SQL, past the ledger, in a database that is thrown away. Asked is
about systems drawn at random. Counted are the database's CPU time and the pages one question touches, and beside both
the same of a look-up by a unique name, because the machine's mood changes between two sizes.
"""

from __future__ import annotations

import os
import random
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import pytest
from django.db import connection

from governance.access.tokens import digest_of
from governance.gate import statement
from governance.gate.asking import Question
from tests.governance.gate.asking import token
from tests.governance.policy import records

SIZES = tuple(int(size) for size in os.environ.get("SIZES", "10000,200000").split(","))
CALLS, ROUNDS = int(os.environ.get("CALLS", "200")), int(os.environ.get("ROUNDS", "7"))
CLOCK: str = import_module("governance.database.migrations.0001_clock").CLOCK
BARE = b"SELECT s.id, s.tier FROM inventory_system s WHERE s.slug = $1"
MANY = 100_000_000  # the copies' keys begin here

# Table → what differs in the copy number n of its row.
CHANGED = {
    "inventory_system": "'id', n, 'slug', 's-' || n, 'name', 'S ' || n",
    "inventory_assignment": "'id', n, 'system_id', n",
    "inventory_release": "'id', n, 'system_id', n",
    "inventory_artifact": "'id', n, 'release_id', n, 'sha256', encode(sha256(n::text::bytea), 'hex')",
    "validation_submission": "'id', n, 'release_id', n",
}


def copy(owner: psycopg.Connection[Any], first: int, last: int) -> None:
    """Copies of the one system and of what belongs to it, under the keys first to last."""
    for table, changed in CHANGED.items():
        rows = owner.execute(
            "SELECT quote_ident(attname) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped ORDER BY attnum",
            [table],
        ).fetchall()
        names = [name for (name,) in rows]
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(
            f"INSERT INTO {table} ({', '.join(names)}) OVERRIDING SYSTEM VALUE "
            f"SELECT {', '.join('c.' + name for name in names)} FROM generate_series({first}, {last}) n "
            f"CROSS JOIN (SELECT to_jsonb(t) AS row FROM {table} t WHERE t.id < {MANY} ORDER BY t.id LIMIT 1) o "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, o.row || jsonb_build_object({changed})) c"
        )
        owner.execute(f"VACUUM (ANALYZE) {table}")


def spent(pid: int) -> int:
    """CPU nanoseconds the database's process has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def cost(ask: Any, pid: int) -> tuple[float, float]:
    """Microseconds of the database's CPU and milliseconds on the clock, for one of CALLS questions."""
    before, started = spent(pid), perf_counter()
    for _ in range(CALLS):
        ask()
    return (spent(pid) - before) / CALLS / 1000, (perf_counter() - started) / CALLS * 1000


def touched(digest: str, slug: str) -> int:
    """Database pages of one question."""
    parameters = {"token": digest, "system": slug, "release": "1.0"}
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.statement('named', machine=True)}", parameters
        )
        (plan,) = cursor.fetchone() or ([],)
    return int(plan[0]["Plan"]["Shared Hit Blocks"]) + int(plan[0]["Plan"]["Shared Read Blocks"])


@pytest.mark.django_db(transaction=True)
def test_growth(owner_connection: psycopg.Connection[Any]) -> None:
    """Print a line for each size."""
    owner_connection.execute(CLOCK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    records.pack()
    person = records.person("olga")
    system = records.system(owner=person, answers=records.HIGH_ANSWERS)
    records.submission(records.release(system, person), person, state="approved")
    digest = str(digest_of(token(person, system.unit)))
    size, base = 0, 0.0
    print(f"\n{'releases':>9}{'pages':>7}{'CPU us':>8}{'ms':>7}{'bare us':>9}{'of smallest':>13}{'load':>6}")  # noqa: T201
    for wanted in SIZES:
        copy(owner_connection, MANY + size, MANY + wanted - 1)
        size = wanted
        connection.close()  # plans are made anew
        connection.ensure_connection()
        driver = connection.connection
        pid = driver.info.backend_pid

        def slug(last: int = wanted) -> str:
            return f"s-{MANY + random.randrange(last)}"  # noqa: S311  not for secrets

        def gate() -> None:
            assert statement.ask(Question("production", slug(), "1.0"), token=digest).found[0].facts.counting

        def bare(driver: Any = driver) -> None:
            with psycopg.RawCursor(driver) as cursor:
                assert cursor.execute(BARE, [slug()], prepare=True).fetchone()

        for ask in (gate, bare):
            cost(ask, pid)
        rounds = [(cost(gate, pid), cost(bare, pid)) for _ in range(ROUNDS)]
        taken, clock, least = (median(values) for values in zip(*((*g, b[0]) for g, b in rounds), strict=True))
        base = base or taken
        pages = median(touched(digest, slug()) for _ in range(9))
        print(  # noqa: T201
            f"{size:9}{pages:7.0f}{taken:8.0f}{clock:7.2f}{least:9.0f}{taken / base:13.2f}{os.getloadavg()[0]:6.1f}"
        )
