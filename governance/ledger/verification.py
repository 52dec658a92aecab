"""Verification: the chain recomputed, the ledger replayed, a checkpoint compared, in one consistent snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import sql

from governance.ledger import fingerprint
from governance.ledger.catalogue import faults
from governance.ledger.chain import Tally, walk
from governance.ledger.checkpoints import Checkpoint
from governance.ledger.differences import Difference, Unverifiable
from governance.ledger.replay import replay

SESSION = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0;
SET LOCAL search_path = public, pg_catalog; SET LOCAL "TimeZone" = 'UTC'; SET LOCAL "DateStyle" = 'ISO, YMD';
SET LOCAL "IntervalStyle" = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
SET LOCAL jit = off; SET LOCAL work_mem = '128MB'; SET LOCAL client_encoding = 'UTF8';
"""
KEPT = frozenset(
    {"dbname", "user", "password", "host", "port", "options", "sslmode", "sslrootcert", "sslcert", "sslkey"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """Something an application has verified beside chain and replay, over the same snapshot."""

    differences: Callable[[psycopg.Connection[Any]], Iterable[Difference]]
    notes: Callable[[psycopg.Connection[Any]], Iterable[str]]


_parts: dict[str, Part] = {}


def add(name: str, part: Part) -> None:
    """Have an application's own part verified too."""
    _parts[name] = part


@dataclass
class Report:
    """What was counted, what was found, and what this process could not look at (which is no difference)."""

    blocks: int = 0
    events: int = 0
    height: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the ledger is clean."""
        return not self.differences


def verify(checkpoint: Checkpoint | None = None) -> Report:
    """Verify everything; with `checkpoint` also that the chain still passes through it.

    The chain keeps this process busy and the replay the database, so they go side by side over one snapshot.
    Raises Unverifiable when there is no ledger, it is empty, or the database cannot be read.
    """
    django_connection.ensure_connection()
    given = django_connection.get_connection_params()
    parameters = {key: value for key, value in given.items() if key in KEPT}
    try:
        with _reading(parameters) as connection, ThreadPoolExecutor(max_workers=1) as beside:
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            replayed = beside.submit(_replayed, parameters, snapshot)
            return _verified(connection, checkpoint, replayed.result)
    except psycopg.Error as error:
        raise Unverifiable(str(error).strip()) from error


def defences() -> list[Difference]:
    """What is missing or changed among triggers, functions and privileges: a ledger nobody keeps proves nothing.

    Declared in the code, and as the ledger recorded it after the last `migrate`.
    """
    wanted = "every defence as declared"
    declared = [Difference(None, "catalogue", "", "", wanted, fault) for fault in faults(django_connection)]
    return [*declared, *fingerprint.differences(django_connection)]


def verify_through(connection: psycopg.Connection[Any], checkpoint: Checkpoint | None = None) -> Report:
    """Verify what the open transaction of `connection` sees, one part after the other."""
    connection.execute(SESSION)
    return _verified(connection, checkpoint, lambda: replay(connection))


def _verified(
    connection: psycopg.Connection[Any], checkpoint: Checkpoint | None, replayed: Callable[[], Iterable[Difference]]
) -> Report:
    report, tally = Report(), Tally()
    report.differences.extend(walk(connection, tally))
    if not tally.blocks:
        raise Unverifiable("The ledger is empty: even an untouched portal has the blocks of its migrations.")
    if checkpoint is not None:
        report.differences.extend(_against(connection, checkpoint))
    for part in _parts.values():
        report.differences.extend(part.differences(connection))
        report.notes.extend(part.notes(connection))
    report.differences.extend(replayed())
    report.blocks, report.events, report.height = tally.blocks, tally.events, tally.height
    return report


def _replayed(parameters: Mapping[str, Any], snapshot: str) -> list[Difference]:
    """The replay's differences, as the exported snapshot of the walk sees the tables."""
    with _reading(parameters, snapshot) as connection:
        return list(replay(connection))


def _against(connection: psycopg.Connection[Any], checkpoint: Checkpoint) -> Iterator[Difference]:
    row = connection.execute(
        "SELECT encode(hash, 'hex'), at::text FROM ledger_block WHERE height = %s", [checkpoint.height]
    ).fetchone()
    for name, expected, found in zip(
        ("hash", "at"), (checkpoint.hash, checkpoint.at), row or (None, None), strict=True
    ):  # fmt: skip
        if expected != found:
            yield Difference(checkpoint.height, "ledger_block", str(checkpoint.height), name, expected, found)


@contextmanager
def _reading(parameters: Mapping[str, Any], snapshot: str = "") -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own that sees one committed state (`snapshot`, or the present) and writes nothing."""
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            if snapshot:
                connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            connection.execute(SESSION)
            yield connection
