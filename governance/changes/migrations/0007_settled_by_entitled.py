"""Follow-up work is settled by somebody entitled, whoever writes: the gate opens on it."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_guards = import_module("governance.changes.migrations.0003_guards")

# What a withdrawn policy asked for falls away with it; governance withdraws policies.
UNENTITLED = f"""
        SELECT FROM touched t
        JOIN changes_followup f ON t.table_name = 'changes_followup' AND f.id = t.key::bigint
        JOIN inventory_system y ON y.id = f.system_id
        LEFT JOIN policy_pack k ON k.id = f.pack_id
        WHERE {_guards.moved("settled_by_id")} AND f.settled_by_id IS NOT NULL
          AND NOT (f.state = 'moot' AND coalesce(k.state = 'withdrawn', false))
          AND ((f.state = 'done' AND {_guards.without_right("f.settled_by_id", "change.implement")})
            OR (f.state = 'moot' AND {_guards.without_right("f.settled_by_id", "change.verify")}))"""


class Migration(migrations.Migration):
    """One check."""

    dependencies = [("changes", "0006_approved_by_another"), ("policy", "0001_initial")]
    operations = [
        SealCheck(
            "followup_settled_by_entitled",
            tables=("changes_followup",),
            violation=UNENTITLED,
            message="follow-up work is settled by somebody who may not",
        ),
    ]
