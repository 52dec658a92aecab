"""How many events a second `verify_ledger` verifies, and whether its memory grows with the ledger.

    EVENTS=100000 .venv/bin/python -m pytest -q -s tests/benchmarks/verification.py

The parts are timed beside each other in alternating rounds; the medians count.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import pytest
from django.db import connection

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.ledger.chain import Tally, walk
from governance.ledger.models import Event
from governance.ledger.replay import replay
from governance.ledger.verification import SESSION, verify
from inventory.models import System, Unit
from tests.conftest import clones

EVENTS = int(os.environ.get("EVENTS", "40000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
IN_ONE_BLOCK = 20
CHANGES = 4


def fill(events: int, name: str) -> None:
    """Systems that were created and then changed, a few rows in each transaction."""
    unit, now = Unit.objects.create(name=name, slug=name), portal_now()
    systems: list[System] = []
    size = events // (CHANGES + 1)
    for first in range(0, size, IN_ONE_BLOCK):
        with acting(Command("benchmark"), door=Door.COMMAND, verb="system.create"):
            systems += System.objects.bulk_create(
                [
                    System(
                        slug=f"{name}-{n}", name=f"System {n}", unit=unit, purpose="Scores what is asked. " * 5,
                        created_at=now, updated_at=now,
                    )
                    for n in range(first, min(first + IN_ONE_BLOCK, size))
                ]
            )  # fmt: skip
    for number in range(CHANGES):
        for first in range(0, size, IN_ONE_BLOCK):
            keys = [system.pk for system in systems[first : first + IN_ONE_BLOCK]]
            with acting(Command("benchmark"), door=Door.COMMAND, verb="system.change"):
                System.objects.filter(pk__in=keys).update(intended_use=f"Use number {number}")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


@contextmanager
def reading() -> Iterator[psycopg.Connection[Any]]:
    """A connection set up as the verification's."""
    with psycopg.connect(**clones.parameters("default")) as connection:
        connection.execute(SESSION)
        yield connection


def chain() -> None:
    """The chain alone."""
    with reading() as reader:
        assert not list(walk(reader, Tally()))


def images() -> None:
    """The replay alone."""
    with reading() as reader:
        assert not list(replay(reader))


def peak() -> float:
    """Most memory the verification held, in MB."""
    tracemalloc.start()
    verify()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


@pytest.mark.django_db(transaction=True)
def test_verification() -> None:
    """Print the table."""
    fill(EVENTS // 10, "first")
    before = peak()
    fill(EVENTS - EVENTS // 10, "second")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_event, ledger_link, ledger_block, inventory_system")
    events = Event.objects.count()
    parts: dict[str, Callable[[], object]] = {"chain alone": chain, "replay alone": images, "verify_ledger": verify}
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, work in parts.items():
            found.setdefault(name, []).append(seconds(work))
    print(f"\n{events:,} events, load {os.getloadavg()[0]:.1f}")  # noqa: T201
    for name, taken in found.items():
        print(f"{name:16}{events / median(taken):>10,.0f} events/s")  # noqa: T201
    print(f"peak memory {before:.1f} MB with a tenth of the events, {peak():.1f} MB with all")  # noqa: T201
