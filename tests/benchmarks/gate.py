"""What a question to the gate costs, beside a bare WSGI application with one prepared query on the same connection.

    .venv/bin/python -m pytest -q -s tests/benchmarks/gate.py

Rounds alternate and the medians count: the machine is small and noisy. First within one process, then over granian as
`serve` starts it, from 8 connections. The pages a question touches in the database (shared buffers) are counted at two
sizes, because they do not depend on the machine's mood.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import connection

from governance.access.models import User
from governance.access.tokens import digest_of
from governance.database.clock import portal_now
from governance.gate import statement
from governance.gate.front import Front
from inventory.models import Artifact, Release, System
from tests import arranging
from tests.benchmarks.bare import answer
from tests.benchmarks.serving import free_port, load, served
from tests.governance.gate.asking import token
from tests.governance.policy import records

CALLS = int(os.environ.get("CALLS", "300"))
ROUNDS = int(os.environ.get("ROUNDS", "7"))
CLOCK: str = import_module("governance.database.migrations.0001_clock").CLOCK
CONNECTIONS, SECONDS = 8, float(os.environ.get("SECONDS", "2"))
SIZES = (200, int(os.environ.get("SIZE", "5000")))
QUESTION = {"system": "fraud-scorer", "release": "1.0", "environment": "production", "sha256": records.SHA}


def bare(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """The least an answer can cost, on the connection the portal has."""
    return answer(connection.connection, start)


def called(application: Any, text: str, body: bytes = b"") -> Callable[[], None]:
    """One call of a WSGI application, as a server makes it."""
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": "/api/v1/gate/", "SCRIPT_NAME": "",
        "QUERY_STRING": "" if body else urlencode(QUESTION), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
        "HTTP_AUTHORIZATION": f"Bearer {text}", "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip

    def call() -> None:
        statuses: list[str] = []
        answer = application({**environ, "wsgi.input": io.BytesIO(body)}, lambda status, *_: statuses.append(status))
        content = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert statuses == ["200 OK"], content

    return call


def timed(call: Callable[[], None]) -> list[float]:
    """Seconds of each call."""
    taken = []
    for _ in range(CALLS):
        started = perf_counter()
        call()
        taken.append(perf_counter() - started)
    return taken


def pages(text: str) -> int:
    """Database pages one question touches."""
    parameters: dict[str, Any] = {
        "token": digest_of(text),
        "system": "fraud-scorer",
        "release": "1.0",
        "digests": [],
        "systems": [],
    }
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.statement('named', machine=True)}", parameters
        )
        (plan,) = cursor.fetchone() or ([],)
    return int(plan[0]["Plan"]["Shared Hit Blocks"]) + int(plan[0]["Plan"]["Shared Read Blocks"])


def fill(owner: Any, size: int) -> None:
    """Other systems, each with a release and an artifact, up to `size`."""
    unit = System.objects.get(slug="fraud-scorer").unit
    first, now = System.objects.count(), portal_now()
    with records.write():
        systems = System.objects.bulk_create(
            [
                System(slug=f"s-{n}", name=f"S {n}", unit=unit, created_at=now, updated_at=now)
                for n in range(first, size)
            ]
        )
        releases = Release.objects.bulk_create(
            [Release(system=s, version="1.0", created_by=owner, created_at=now, updated_at=now) for s in systems]
        )
        Artifact.objects.bulk_create([Artifact(release=r, name="m", kind="model", sha256="ee" * 32) for r in releases])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE inventory_system, inventory_release, inventory_artifact")


def arrange() -> tuple[User, str]:
    """An approved release among others, and a token to ask about it."""
    records.pack()
    owner = records.person("olga")
    system = records.system(owner=owner, answers=records.HIGH_ANSWERS)
    records.submission(records.release(system, owner), owner, state="approved")
    fill(owner, SIZES[0])
    return owner, token(owner, system)


def show(found: dict[str, list[list[float]]], rates: dict[str, list[float]]) -> None:
    """Print a line for each variant, against the first one: by its rate where there is one, else by its median."""
    middles = {name: median(median(taken) for taken in rounds) for name, rounds in found.items()}
    counted = {name: median(rates[name]) if rates else 1 / middle for name, middle in middles.items()}
    base = next(iter(counted.values()))
    print(f"\n{'load ' + format(os.getloadavg()[0], '.1f'):34}{'ms':>8}{'1/s':>8}{'of bare':>9}{'p99/p50':>9}")  # noqa: T201
    for name, rounds in found.items():
        tail = median(quantiles(taken, n=100)[98] / median(taken) for taken in rounds)
        rate = counted[name]
        print(f"{name:34}{middles[name] * 1000:8.2f}{rate:8.0f}{rate / base:9.2f}{tail:9.1f}")  # noqa: T201


@pytest.fixture(autouse=True)
def _real_clock(owner_connection: psycopg.Connection[Any]) -> None:
    """The clock installations have: the movable one of the tests reads a table each time it is asked."""
    owner_connection.execute(CLOCK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


@pytest.mark.django_db(transaction=True)
def test_gate(settings: Any) -> None:
    """Print the table of one process."""
    settings.GATE_CALLS_PER_MINUTE = 10**9
    settings.ALLOWED_HOSTS = ["localhost"]
    owner, text = arrange()
    portal = get_wsgi_application()
    front = Front(portal)
    request_started.disconnect(dispatch_uid="tests.nobody")  # the suite's own statements are no cost of the gate
    request_finished.disconnect(dispatch_uid="tests.arrangement")
    body = json.dumps(QUESTION).encode()
    variants = {
        "bare WSGI, one prepared query": called(bare, text),
        "gate, GET": called(front, text),
        "gate, GET, all middleware": called(portal, text),
        "gate, POST (kept and sealed)": called(front, text, body),
    }
    found: dict[str, list[list[float]]] = {name: [] for name in variants}
    for call in variants.values():
        call()
    for _ in range(ROUNDS):
        for name, call in variants.items():
            found[name].append(timed(call))
    show(found, {})
    request_started.connect(arranging._nobody, dispatch_uid="tests.nobody")
    request_finished.connect(arranging._arrangement, dispatch_uid="tests.arrangement")
    for size in SIZES:
        fill(owner, size)
        print(f"database pages of one question at {size:>7} releases: {pages(text)}")  # noqa: T201
    plans = connection.connection.execute(
        "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%target AS (%'"
    )
    print("executions with the plan made once, and planned anew: {} and {}".format(*plans.fetchone()))  # noqa: T201


@pytest.mark.django_db(transaction=True)
def test_gate_served(database_urls: dict[str, str]) -> None:
    """Print the table over granian."""
    _owner, text = arrange()
    environment = {**database_urls, "GATE_CALLS_PER_MINUTE": str(10**9)}
    ports = {"bare WSGI, one prepared query": free_port(), "gate, GET": free_port()}
    request = (
        f"GET /api/v1/gate/?{urlencode(QUESTION)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {text}\r\n\r\n"
    ).encode()
    applications = ("tests.benchmarks.bare:application", "governance.wsgi:application")
    with ExitStack() as servers:
        for port, application in zip(ports.values(), applications, strict=True):
            servers.enter_context(served(application, environment, port))
        found: dict[str, list[list[float]]] = {name: [] for name in ports}
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for port in ports.values():
            load(port, request, connections=CONNECTIONS, seconds=1)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rate, taken = load(port, request, connections=CONNECTIONS, seconds=SECONDS)
                rates[name].append(rate)
                found[name].append(taken)
    show(found, rates)
