"""Campaigns of revalidation under the ledger: kept as they were asked for, ended once, in ones own name."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck
from governance.ledger.triggers import function

_guards = import_module("governance.changes.migrations.0003_guards")
_settled = import_module("governance.changes.migrations.0007_settled_by_entitled")

GUARDED = f"""
DECLARE
    open_columns text[] := ARRAY['ended_at', 'ended_by_id', 'ended_reason']::text[];
BEGIN
    IF OLD.ended_at IS NOT NULL
        OR (to_jsonb(NEW) - open_columns) IS DISTINCT FROM (to_jsonb(OLD) - open_columns) THEN
        {_guards.refuse("revalidation_frozen", "a campaign keeps what it asks for, and ends once")}
    END IF;
    RETURN NEW;
END """
BY_ACTOR = """
        SELECT FROM touched t
        WHERE t.table_name = 'changes_revalidation' AND t.op IN ('I', 'U') AND CASE t.op
            WHEN 'I' THEN (t.after->>'started_by_id')::bigint ELSE (t.after->>'ended_by_id')::bigint END
            IS DISTINCT FROM t.actor_id"""
# What an ended campaign still asked for falls away with it; whoever ends it settles it.
UNENTITLED = _settled.UNENTITLED.replace(
    "WHERE ",
    """WHERE NOT (f.state = 'moot' AND EXISTS (
              SELECT FROM changes_revalidation r
              WHERE r.id = f.revalidation_id AND r.ended_at IS NOT NULL AND r.ended_by_id = f.settled_by_id))
          AND """,
    1,
)


class Migration(migrations.Migration):
    """One table and its guards."""

    dependencies = [("changes", "0007_settled_by_entitled")]
    operations = [
        SealCheck(
            "followup_settled_by_entitled",
            tables=("changes_followup",),
            violation=UNENTITLED,
            message="follow-up work is settled by somebody who may not",
        ),
        Govern("changes_revalidation"),
        migrations.RunSQL(function("changes_revalidation_guarded", GUARDED), migrations.RunSQL.noop),
        migrations.RunSQL(
            _guards.trigger(
                "changes_guarded", "changes_revalidation", "BEFORE UPDATE ON {table} FOR EACH ROW",
                "changes_revalidation_guarded",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "revalidation_by_actor",
            tables=("changes_revalidation",),
            violation=BY_ACTOR,
            message="a campaign is started and ended in ones own name",
        ),
    ]  # fmt: skip
