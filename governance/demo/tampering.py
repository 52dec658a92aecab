"""The last move to cheat: the owner of the tables changes history with the triggers off."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.management.base import CommandError
from django.db import connections, transaction
from psycopg import sql

from inventory.models import Release

TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"


@dataclass(frozen=True, slots=True)
class Tampered:
    """What was changed: the table, the row and the field, from what to what."""

    table: str
    key: int
    field: str
    before: str
    after: str


def tamper() -> Tampered:
    """Approve a release that nobody approved, leaving no trace in the ledger. Raises CommandError if there is none."""
    if "owner" not in connections:
        raise CommandError("Set DATABASE_OWNER_URL: only the owner of the tables can switch their triggers off.")
    release = Release.objects.exclude(state=Release.State.APPROVED).order_by("id").first()
    if release is None:
        raise CommandError("There is no release to tamper with: run `manage.py demo --no-serve` first.")
    table = Release._meta.db_table
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(TRIGGERS, [table])
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(_switch(table, "DISABLE", name))
        cursor.execute(
            sql.SQL("UPDATE {} SET state = %s WHERE id = %s").format(sql.Identifier(table)),
            [Release.State.APPROVED, release.pk],
        )
        for name in names:
            cursor.execute(_switch(table, "ENABLE ALWAYS", name))
    return Tampered(table, release.pk, "state", release.state, Release.State.APPROVED)


def _switch(table: str, how: str, trigger: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
        sql.Identifier(table),
        sql.SQL(how),
        sql.Identifier(trigger),
    )
