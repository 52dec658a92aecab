"""What keeping measurements costs: batches of 1,000 through the service and the API, beside a COPY of the same rows.

    .venv/bin/python -m pytest -q -s tests/benchmarks/measurements.py

POINTS says how many (1,000,000 unless said otherwise). Nine in ten belong to one metric, whose chart is the worst there
is; a batch in ten breaks its limit. The table COPY writes to has the same columns and indexes and no ledger. What is
counted is the CPU time of this process and of its database session, so that other work on the machine does not count.
One point at a time, through the service, is tried on the last POINTLY points.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from incidents.models import Alert, Measurement, MonitoringPlan
from incidents.services.measurements import record_measurements
from incidents.services.plans import plan_monitoring
from tests.conftest import clones
from tests.governance.validation.scene import Scene, build
from tests.incidents.test_measurements import machine
from tests.rest import good

POINTS = int(os.environ.get("POINTS", "1000000"))
BATCH = 1000
SLICES = 10
POINTLY = 100
TICKS = os.sysconf("SC_CLK_TCK")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def batch(number: int, start: datetime) -> list[dict[str, Any]]:
    """900 values of all data, a minute apart, and 10 of each of ten slices."""
    rows = [("", minute) for minute in range(900)]
    rows += [(f"region-{one}", minute) for one in range(SLICES) for minute in range(10)]
    return [
        {
            "system": "scorer", "metric": "false-positive-rate", "slice": of,
            "at": (start + timedelta(minutes=number * 900 + minute)).isoformat(),
            "value": 0.09 if minute == 450 and number % 10 == 5 else 0.01 + (minute % 97) / 10_000,
        }
        for of, minute in rows
    ]  # fmt: skip


def used(session: int) -> float:
    """Seconds a session of the database has computed so far."""
    fields = Path(f"/proc/{session}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def session() -> int:
    """The process that serves Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


class Meter:
    """CPU time spent on so many rows."""

    def __init__(self, process: int) -> None:
        self.process, self.seconds, self.rows = process, 0.0, 0

    def spend(self, rows: int, act: Callable[[], object]) -> None:
        """Do it and count what it cost."""
        begun = process_time() + used(self.process)
        act()
        self.seconds += process_time() + used(self.process) - begun
        self.rows += rows

    @property
    def rate(self) -> float:
        """Rows in a second of CPU time."""
        return self.rows / self.seconds if self.seconds else 0.0


def chart(client: Client, plan: MonitoringPlan) -> tuple[int, float]:
    """Statements of the chart's page, and its milliseconds of CPU time."""
    address = f"/monitoring/{plan.pk}/"
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    statements = len(caught)  # now: the next request empties the log
    meter = Meter(session())
    for _ in range(9):
        meter.spend(1, lambda: client.get(address))
    return statements, 1000 / meter.rate


def copied(rows: list[dict[str, Any]], system: int, now: datetime, driver: psycopg.Connection[Any]) -> None:
    """The same rows by COPY, committed."""
    columns = "system_id, metric, slice, at, value, received_at"
    with driver.cursor() as cursor, cursor.copy(f"COPY measurement_bare ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((system, row["metric"], row["slice"], row["at"], row["value"], now))
    driver.commit()


def keep(scene: Scene, rows: list[dict[str, Any]]) -> None:
    """Through the service."""
    record_measurements(actor=scene["owner"], measurements=rows)


def planned(scene: Scene) -> MonitoringPlan:
    """A limit on all data and one on each slice."""
    plans = [
        plan_monitoring(
            actor=scene["owner"], system=scene.system, metric="false-positive-rate", slice=of, kind="performance",
            direction="lower", warning=0.05, follows="alert",
        )
        for of in ("", *(f"region-{one}" for one in range(SLICES)))
    ]  # fmt: skip
    return plans[0]


class Table:
    """What each way of keeping a batch cost since the last line, and altogether."""

    ways = ("COPY", "service", "breach", "API")

    def __init__(self, bare: int, served: int) -> None:
        self.sessions = {"COPY": bare, "service": served, "breach": served, "API": served}
        self.whole, self.lines = self.meters(), [self.meters()]
        self.charts: list[tuple[int, float]] = []  # statements and milliseconds

    def meters(self) -> dict[str, Meter]:
        """One of each, at nothing."""
        return {way: Meter(self.sessions[way]) for way in self.ways}

    def spend(self, way: str, act: Callable[[], object]) -> None:
        """Keep a batch one way."""
        now, whole = self.lines[-1][way], self.whole[way]
        before = now.seconds
        now.spend(BATCH, act)
        whole.seconds, whole.rows = whole.seconds + now.seconds - before, whole.rows + BATCH

    def line(self, kept: int, drawn: tuple[int, float]) -> None:
        """Print a line and begin the next."""
        shown = "".join(f"{self.each(meters, way):8.1f} ms" for meters in self.lines[-1:] for way in self.ways)
        print(f"{kept:12,}{shown}{drawn[0]:11} st {drawn[1]:7.1f} ms")  # noqa: T201
        self.charts.append(drawn)
        self.lines.append(self.meters())

    @staticmethod
    def each(meters: dict[str, Meter], way: str) -> float:
        """Milliseconds a batch."""
        return 1000 * BATCH / meters[way].rate if meters[way].rows else 0.0

    def growth(self) -> str:
        """How much dearer each has become between the first line and the last."""
        first, last = self.lines[0], self.lines[-2]
        told = [f"{way} {self.each(last, way) / self.each(first, way):.2f}" for way in self.ways if first[way].rows]
        (few, quick), (many, slow) = self.charts[0], self.charts[-1]
        return ", ".join([*told, f"chart {slow / quick:.2f}", f"its statements {few} and {many}"])


@pytest.mark.timeout(7200)
@pytest.mark.django_db(transaction=True)
def test_measurements(owner_connection: psycopg.Connection[Any], client: Client) -> None:
    """Print the tables."""
    scene = build()
    plan, key = planned(scene), scene.system.pk
    app = clones.parameters("default")["user"]
    owner_connection.execute("CREATE TABLE measurement_bare (LIKE incidents_measurement INCLUDING ALL)")
    owner_connection.execute(f'GRANT SELECT, INSERT ON measurement_bare TO "{app}"')
    client.force_login(scene["owner"], backend=BACKEND)
    sender = machine(scene, Scope.MEASUREMENT_WRITE)
    start = portal_now().replace(second=0, microsecond=0) - timedelta(minutes=POINTS + 1000)
    last = POINTS // BATCH
    step = max(10, last // 20)
    keep(scene, batch(last + 1, start))  # the first of all pays for what is read once
    client.get(f"/monitoring/{plan.pk}/")
    print(f"\nCPU time of {BATCH} points, load {os.getloadavg()[0]:.1f}; breach: a batch that breaks a limit")  # noqa: T201
    print(f"{'points kept':>12}{'COPY':>11}{'service':>11}{'breach':>11}{'API':>11}{'chart':>24}")  # noqa: T201
    with psycopg.connect(**clones.parameters("default")) as driver:
        table = Table(driver.info.backend_pid, session())
        for number in range(last):
            rows, now = batch(number, start), portal_now()
            table.spend("COPY", lambda: copied(rows, key, now, driver))  # noqa: B023  called at once
            if number % 10 == 9:
                table.spend("API", lambda: good(sender.post("measurements/", {"measurements": rows})))  # noqa: B023
            else:
                table.spend("breach" if number % 10 == 5 else "service", lambda: keep(scene, rows))  # noqa: B023
            if (number + 1) % step == 0:
                table.line((number + 1) * BATCH, chart(client, plan))
    rates = {way: meter.rate for way, meter in table.whole.items()}
    single = Meter(session())
    for row in batch(last, start)[:POINTLY]:
        single.spend(1, lambda: keep(scene, [row]))  # noqa: B023
    for way, rate in rates.items():
        print(f"{way:>12}{rate:9.0f}/s, of COPY {rate / rates['COPY']:.2f}")  # noqa: T201
    print(f"{'one by one':>12}{single.rate:9.0f}/s; a batch is {rates['service'] / single.rate:.1f} times that")  # noqa: T201
    print(f"{'growth':>12}  {table.growth()}")  # noqa: T201
    assert Measurement.objects.count() == (last + 1) * BATCH + POINTLY
    assert Alert.objects.exists()
