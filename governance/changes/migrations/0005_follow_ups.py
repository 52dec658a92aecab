"""Work that follows by itself comes under the ledger, is settled once, and by whoever acts."""

from importlib import import_module

from django.db import migrations

from governance.changes.lifecycle import FOLLOW_UP
from governance.ledger.operations import Govern, SealCheck, Transitions
from governance.ledger.triggers import function

_guards = import_module("governance.changes.migrations.0003_guards")

OPEN_COLUMNS = {
    "open": ("owner_id",),
    "done": ("state", "settled_at", "settled_by_id", "note"),
    "moot": ("state", "settled_at", "settled_by_id", "note"),
}
CASES = "\n".join(f"        WHEN '{state}' THEN {_guards.array(columns)}" for state, columns in OPEN_COLUMNS.items())
GUARDED = f"""
DECLARE
    acting jsonb := {_guards.ACTING};
    open_columns text[] := CASE NEW.state
{CASES}
    END;
BEGIN
    IF OLD.state <> 'open' OR open_columns IS NULL
        OR (to_jsonb(NEW) - open_columns) IS DISTINCT FROM (to_jsonb(OLD) - open_columns) THEN
        {_guards.refuse("followup_frozen", "follow-up work is settled once and not rewritten")}
    END IF;
    IF NEW.settled_by_id IS NOT NULL AND NOT (NEW.settled_by_id = (acting->>'actor_id')::bigint
        AND acting->>'actor_kind' = 'human' AND acting->>'token_id' IS NULL) THEN
        {_guards.refuse("followup_frozen", "follow-up work is settled by whoever acts")}
    END IF;
    RETURN NEW;
END """
# A change that was rolled back belongs to the system the work is for.
ELSEWHERE = """
        SELECT FROM touched t
        JOIN changes_followup f ON t.table_name = 'changes_followup' AND f.id = t.key::bigint
        JOIN changes_change c ON c.id = f.change_id
        WHERE c.system_id <> f.system_id"""


class Migration(migrations.Migration):
    """One table, its states and its guard."""

    dependencies = [("changes", "0004_shorter_routes"), ("ledger", "0002_sealing")]
    operations = [
        Govern("changes_followup", scope="system"),
        Transitions("changes_followup", "state", FOLLOW_UP, initial=["open"]),
        migrations.RunSQL(function("changes_followup_guarded", GUARDED), migrations.RunSQL.noop),
        migrations.RunSQL(
            _guards.trigger(
                "changes_guarded", "changes_followup", "BEFORE UPDATE ON {table} FOR EACH ROW",
                "changes_followup_guarded",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "followup_of_one_system",
            tables=("changes_followup",),
            violation=ELSEWHERE,
            message="follow-up work names a change of another system",
        ),
    ]  # fmt: skip
