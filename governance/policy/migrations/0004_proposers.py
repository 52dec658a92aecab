"""Who proposed a pack stays named while it is decided, and every step a pack takes is one of governance.

Had the proposer's name been open to change, one person could have proposed, written a colleague in, and adopted.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import function

_adoption = import_module("governance.policy.migrations.0003_adoption")

STANDS = f"""    ELSIF NEW.state = OLD.state AND (NEW.proposed_by_id, NEW.adopted_by_id, NEW.effective_from)
            IS DISTINCT FROM (OLD.proposed_by_id, OLD.adopted_by_id, OLD.effective_from) THEN
        {_adoption.refuse("pack_proposer_stands", "who proposed a pack changes with its state only")}
    ELSIF NEW.state = 'adopted'"""
KEPT = _adoption.KEPT.replace("    ELSIF NEW.state = 'adopted'", STANDS, 1)
# The portal itself loads what it is given, and adopts once, while it is set up.
MOVED = f"""
        SELECT FROM touched t
        JOIN policy_pack k ON t.table_name = 'policy_pack' AND k.id = t.key::bigint
        WHERE t.op IN ('I', 'U') AND t.before->>'state' IS DISTINCT FROM t.after->>'state'
          AND (CASE
            WHEN t.after->>'state' = 'proposed'
                THEN (t.after->>'proposed_by_id')::bigint = t.actor_id AND {_adoption.governs("t.actor_id")}
            WHEN t.after->>'state' = 'adopted' AND t.before->>'state' = 'proposed'
                THEN (t.after->>'adopted_by_id')::bigint = t.actor_id AND {_adoption.governs("t.actor_id")}
                    AND (t.after->>'proposed_by_id')::bigint <> t.actor_id
                    AND t.after->>'proposed_by_id' = t.before->>'proposed_by_id'
            WHEN t.after->>'state' = 'adopted'
                THEN t.actor_id IS NULL AND NOT EXISTS (
                    SELECT FROM policy_pack o WHERE o.id <> k.id AND o.state IN ('adopted', 'withdrawn'))
            ELSE t.actor_id IS NULL OR {_adoption.governs("t.actor_id")}
            END) IS NOT TRUE"""


class Migration(migrations.Migration):
    """One trigger and one check of the seal put differently."""

    dependencies = [("policy", "0003_adoption")]
    operations = [
        migrations.RunSQL(function("policy_pack_kept", KEPT), function("policy_pack_kept", _adoption.KEPT)),
        SealCheck(
            "pack_adopted_by_two",
            tables=("policy_pack",),
            violation=MOVED,
            message="a pack is proposed and adopted by two people of governance",
        ),
    ]
