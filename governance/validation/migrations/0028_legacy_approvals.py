"""Who confirms an approval from before the portal is judged as who lowers a tier: entitled, and no builder.

Where the policy counts legacy approvals, a confirmed one opens the gate without any review made here.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")
_late = import_module("governance.validation.migrations.0017_builders_of_late")
_lowered = import_module("governance.validation.migrations.0024_lowered_tiers")

TABLE = "inventory_legacyapproval"
DECISION = ("state", "decided_by_id", "decided_at", "decision_reason")
END = ("ended_by_id", "ended_at", "end_reason")
DECIDED = f"""
        SELECT FROM touched t
        JOIN {TABLE} x ON t.table_name = '{TABLE}' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {_settled.unmoved(*DECISION, *END)}
            WHEN t.after->>'state' IN ('confirmed', 'refused')
                THEN {_settled.is_actor("decided_by_id")} AND {_settled.holds("legacy_approval.confirm")}
                    AND {_late.NOT_BUILDING} AND {_settled.unmoved(*END)}
            WHEN t.after->>'state' = 'ended'
                THEN {_settled.is_actor("ended_by_id")} AND {_settled.unmoved(*DECISION[1:])}
            ELSE {_settled.is_actor("ended_by_id")} AND {_settled.is_actor("brought_by_id")} END"""
BROUGHT_IN = f"""
        SELECT FROM touched t
        JOIN {TABLE} x ON t.table_name = '{TABLE}' AND t.op = 'I' AND x.id = t.key::bigint
        WHERE NOT {_settled.is_actor("brought_by_id")}"""
DATED = _lowered.DATED.replace("proposed_at", "brought_at").replace(
    _guards.refuse("loweredtier_dated_now", "a lower tier is dated when it is proposed, decided and ended"),
    _guards.refuse("legacyapproval_dated_now", "a legacy approval is dated when it is brought in, decided and ended"),
)


class Migration(migrations.Migration):
    """Freezes what was brought in, dates what happens, and checks who decides."""

    dependencies = [("validation", "0027_stops"), ("inventory", "0018_legacy_approvals")]
    operations = [
        migrations.RunSQL(
            _guards.frozen(TABLE, (*DECISION, *END), "legacyapproval_frozen", "a legacy approval keeps what it said"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("inventory_legacyapproval_dated", DATED)
            + _guards.trigger(
                "inventory_dated", TABLE, "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
                "inventory_legacyapproval_dated()",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "legacyapproval_brought_in_by_the_actor",
            tables=(TABLE,),
            violation=BROUGHT_IN,
            message="a legacy approval is brought in by the person who acts",
        ),
        SealCheck(
            "legacyapproval_decided_by_entitled",
            tables=(TABLE,),
            violation=DECIDED,
            message="a legacy approval is decided on in their own name by somebody entitled who does not build it",
        ),
    ]  # fmt: skip
