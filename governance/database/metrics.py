"""Figures for a monitoring system, read from the database when asked.

They come from the database rather than from counters in memory, so every web process gives the same answer and a
restart forgets nothing. Applications add theirs in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure: its name and meaning, its labels, and a statement that selects the labels and then the value."""

    name: str
    meaning: str
    sql: str
    labels: tuple[str, ...] = ()


_gauges: dict[str, Gauge] = {}


def register(gauge: Gauge) -> None:
    """Add a figure. Raises ValueError for a name that is taken."""
    if gauge.name in _gauges:
        raise ValueError(f"the figure {gauge.name} is registered twice")
    _gauges[gauge.name] = gauge


class _Database:
    """Reads every registered figure."""

    def collect(self) -> Iterable[Metric]:
        """One family a figure."""
        for gauge in _gauges.values():
            family = GaugeMetricFamily(f"countersign_{gauge.name}", gauge.meaning, labels=gauge.labels)
            with connection.cursor() as cursor:
                cursor.execute(gauge.sql)
                for *labels, value in cursor.fetchall():
                    family.add_metric([str(label) for label in labels], float(value or 0))
            yield family


def exposition() -> bytes:
    """All figures in the text format monitoring systems read."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Database())
    return bytes(generate_latest(registry))


register(
    Gauge("jobs", "Jobs by state.", "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1", ("state",))
)
register(
    Gauge(
        "worker_silence_seconds",
        "Seconds since a job worker last showed itself.",
        "SELECT extract(epoch FROM statement_timestamp() - max(last_heartbeat)) FROM procrastinate_workers",
    )
)
register(
    Gauge(
        "database_connections",
        "Connections to the portal's database.",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
    )
)
