"""Whether the portal can do its work: what the readiness probe, the start and the deployment check ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from governance.database import roles

LONGEST_SILENCE = timedelta(seconds=60)
LARGEST_DRIFT = timedelta(seconds=2)

_added: dict[str, Callable[[], str]] = {}
_migrated: set[str] = set()


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold, and the sentence that says what is wrong when it does not."""

    name: str
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether all is well."""
        return not self.fault


def conditions() -> list[Condition]:
    """Everything the portal needs to be ready; without a database nothing else is asked."""
    try:
        return [Condition("database"), *standing(), worker()]
    except DatabaseError:
        return [Condition("database", "The database does not answer.")]


def add(name: str, fault: Callable[[], str]) -> None:
    """Have an application's own condition asked too: `fault` returns the sentence, or nothing when all is well."""
    _added[name] = fault


def standing() -> list[Condition]:
    """What must hold before anything is served; raises DatabaseError when the database does not answer."""
    found = [migrations(), role(), clock()]
    if found[0].holds:
        found += [Condition(name, fault()) for name, fault in _added.items()]
    return found


def migrations() -> Condition:
    """Whether the database has the shape this version expects; asked until it is so, then remembered."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return Condition("migrations", f"{len(plan)} migrations are not applied: run `manage.py migrate`.")
        _migrated.add(name)
    return Condition("migrations")


def role() -> Condition:
    """Whether the portal works as a role that owns nothing."""
    return Condition("role", " ".join(roles.faults(connection)))


def clock() -> Condition:
    """Whether the database's clock and this machine's agree; expiries are decided by the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    drift = abs(datetime.now(UTC) - theirs)
    if drift > LARGEST_DRIFT:
        return Condition("clock", f"The clocks of database and portal are {drift.total_seconds():.0f} seconds apart.")
    return Condition("clock")


def worker() -> Condition:
    """Whether a job worker has shown itself lately; it signs its row every few seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp() - max(last_heartbeat) FROM procrastinate_workers")
        (silence,) = cursor.fetchone()
    if silence is None:
        return Condition("worker", "No job worker has started: run `manage.py serve --worker`.")
    if silence > LONGEST_SILENCE:
        return Condition("worker", f"No job worker has been heard of for {silence.total_seconds():.0f} seconds.")
    return Condition("worker")


def is_embedded() -> bool:
    """Whether the database is the one that comes with the portal."""
    return bool(settings.DATABASES["default"].get("EMBEDDED"))
