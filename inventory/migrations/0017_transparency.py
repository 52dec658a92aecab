"""What people outside may read comes under the ledger: a version keeps its words, is decided on once and withdrawn once.

When the transaction is sealed: who decides and who withdraws is whoever acts.
"""

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck
from governance.ledger.triggers import Trigger, function

OPEN = "ARRAY['approved', 'decided_at', 'decided_by_id', 'decision', 'withdrawn_at', 'withdrawn_by_id', 'withdrawal']"
DECIDED = "ARRAY['withdrawn_at', 'withdrawn_by_id', 'withdrawal']"
FROZEN = f"""
BEGIN
    IF (to_jsonb(NEW) - {OPEN}::text[]) IS DISTINCT FROM (to_jsonb(OLD) - {OPEN}::text[])
        OR (OLD.decided_at IS NOT NULL
            AND (to_jsonb(NEW) - {DECIDED}::text[]) IS DISTINCT FROM (to_jsonb(OLD) - {DECIDED}::text[]))
        OR (OLD.withdrawn_at IS NOT NULL AND to_jsonb(NEW) IS DISTINCT FROM to_jsonb(OLD)) THEN
        RAISE EXCEPTION 'a version keeps its words and is decided on once'
            USING ERRCODE = '23514', CONSTRAINT = 'transparencyversion_frozen';
    END IF;
    RETURN NEW;
END """
ADDRESS = """
BEGIN
    RAISE EXCEPTION 'an address stays as it was chosen'
        USING ERRCODE = '23514', CONSTRAINT = 'transparencyversion_frozen';
END """
IN_PERSON = """
        SELECT FROM touched t
        WHERE t.table_name = 'inventory_transparencyversion' AND EXISTS (
            SELECT FROM unnest(ARRAY['decided_by_id', 'withdrawn_by_id']) AS who (name)
            WHERE t.after->>who.name IS NOT NULL
              AND t.after->>who.name IS DISTINCT FROM t.before->>who.name
              AND (t.after->>who.name)::bigint IS DISTINCT FROM t.actor_id)"""


def kept(table: str, body: str) -> str:
    """A trigger that refuses a change."""
    name = f"{table}_kept"
    return function(name, body) + Trigger(name, table, "BEFORE UPDATE ON {table} FOR EACH ROW", name).sql()


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0016_value")]
    operations = [
        Govern("inventory_transparencypage", scope="system"),
        Govern("inventory_transparencyversion", scope="page__system"),
        migrations.RunSQL(
            kept("inventory_transparencyversion", FROZEN) + kept("inventory_transparencypage", ADDRESS),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "transparencyversion_in_person",
            tables=("inventory_transparencyversion",),
            violation=IN_PERSON,
            message="a version is decided on and withdrawn by the person who acts",
        ),
    ]
