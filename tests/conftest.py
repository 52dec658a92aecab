"""The test database, its clock, and the marks of tests that need more than Python.

The suite migrates as the owner into a template, kept between runs under a digest of the migrations, and works on a
clone of it as the runtime role. A test that commits gets a fresh clone afterwards: nothing may empty an append-only
ledger, so nothing tries to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests import arranging, races
from tests.clocks import Clock
from tests.cloning import Clones

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
FULL = os.environ.get("CI_FULL") == "1"
MARKS = ("browser", "shared", "sso", "races", "fuzz", "mlflow", "alerting")

COUNTS = {"race_count", "step_count", "tamper_count"}

clones = Clones()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs more than Python, unless CI_FULL=1, where a missing need fails instead.

    Tests whose number of attempts comes from the environment are marked, so that .ci/run can give them the full one.
    """
    for item in items:
        if COUNTS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.counted)
        for mark in () if FULL else MARKS:
            if item.get_closest_marker(mark) and not (mark == "races" and "RACES" in os.environ):
                item.add_marker(pytest.mark.skip(reason=f"{mark}: run with CI_FULL=1, as .ci/run does"))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Prepare the template and this run's clone of it; remove the clone at the end."""
    with django_db_blocker.unblock():
        clones.prepare()
    arranging.install()
    yield
    with django_db_blocker.unblock():
        clones.remove()


def _renew_database(self: TransactionTestCase) -> None:
    """Replace Django's flush after a committing test by a fresh clone."""
    races.let_go()
    clones.renew()


TransactionTestCase._fixture_teardown = _renew_database  # type: ignore[attr-defined]


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    """The portal's clock, which a test may move; it is put right again with the database."""
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    return Clock()


@pytest.fixture
def owner_connection(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A raw connection as the owner of the tables, committing by itself: for tampering."""
    with psycopg.connect(**clones.parameters("owner"), autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        yield connection


@pytest.fixture
def app_connection(transactional_db: None) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """A factory of raw connections as the runtime role; they are closed after the test."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(**options: Any) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(**{**clones.parameters("default"), **options}))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def database_urls(transactional_db: None) -> dict[str, str]:
    """The environment in which a command of its own process works on this run's database."""
    return {
        "DATABASE_URL": clones.url("default"),
        "DATABASE_OWNER_URL": clones.url("owner"),
        "PROOF_KEY": settings.PROOF_KEY,
    }


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input files; where CI_FULL=1 asks for tests of it, its absence is a failure."""
    folder = SHARED / "data"
    assert folder.is_dir(), f"{folder} is missing"
    return folder


@pytest.fixture(scope="session")
def race_count() -> int:
    """How many attempts a race gets: few at a desk, many in .ci/run."""
    return int(os.environ.get("RACES", "20"))


@pytest.fixture(scope="session")
def side_race_count(race_count: int) -> int:
    """How many attempts the races beside the three decisive ones get."""
    return max(5, race_count // 10)


@pytest.fixture(scope="session")
def tamper_count() -> int:
    """How many random mutations a tamper test makes."""
    return int(os.environ.get("TAMPERS", "25"))


@pytest.fixture(scope="session")
def step_count() -> int:
    """How many steps a test that walks at random makes."""
    return int(os.environ.get("STATEFUL_STEPS", "10000" if FULL else "200"))


@pytest.fixture
def portal_time(clock: Clock) -> Callable[[], datetime]:
    """The present, as the portal sees it."""
    return clock.now


@pytest.fixture(autouse=True)
def _no_open_connection_of_threads() -> Iterator[None]:
    """Close what a test's own thread left open on the second alias, so that clones can be removed."""
    yield
    if "owner" in connections.settings and connections["owner"].connection is not None:
        connections["owner"].close()
