"""Who lowers a tier is judged as who grants an exception: entitled, in their own name, and no builder of the system.

A lower tier asks for fewer reviews, so it opens the gate to whatever the missing ones would have stopped.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")
_late = import_module("governance.validation.migrations.0017_builders_of_late")

TABLE = "inventory_loweredtier"
DECISION = ("state", "decided_by_id", "decided_at", "decision_reason")
END = ("ended_by_id", "ended_at", "end_reason")
DECIDED = f"""
        SELECT FROM touched t
        JOIN {TABLE} x ON t.table_name = '{TABLE}' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {_settled.unmoved(*DECISION, *END)}
            WHEN t.after->>'state' IN ('granted', 'refused')
                THEN {_settled.is_actor("decided_by_id")} AND {_settled.holds("tier.lower")} AND {_late.NOT_BUILDING}
                    AND {_settled.unmoved(*END)}
            WHEN t.after->>'state' = 'ended'
                THEN {_settled.is_actor("ended_by_id")} AND {_settled.unmoved(*DECISION[1:])}
            ELSE {_settled.is_actor("ended_by_id")} AND {_settled.is_actor("proposed_by_id")} END"""
PROPOSED = f"""
        SELECT FROM touched t
        JOIN {TABLE} x ON t.table_name = '{TABLE}' AND t.op = 'I' AND x.id = t.key::bigint
        WHERE NOT {_settled.is_actor("proposed_by_id")}"""
DATED = f"""
DECLARE
    earliest timestamptz := public.portal_now() - (statement_timestamp() - transaction_timestamp());
    latest timestamptz := public.portal_now() + interval '1 second';
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.proposed_at NOT BETWEEN earliest AND latest)
        OR (TG_OP = 'UPDATE' AND OLD.decided_at IS DISTINCT FROM NEW.decided_at
            AND (NEW.decided_at BETWEEN earliest AND latest) IS NOT TRUE)
        OR (TG_OP = 'UPDATE' AND OLD.ended_at IS DISTINCT FROM NEW.ended_at
            AND (NEW.ended_at BETWEEN earliest AND latest) IS NOT TRUE) THEN
        {_guards.refuse("loweredtier_dated_now", "a lower tier is dated when it is proposed, decided and ended")}
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """Freezes what was proposed, dates what happens, and checks who decides."""

    dependencies = [("validation", "0023_stopped_parts"), ("inventory", "0012_lowered_tiers")]
    operations = [
        migrations.RunSQL(
            _guards.frozen(TABLE, (*DECISION, *END), "loweredtier_frozen", "a proposal keeps what it said"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("inventory_loweredtier_dated", DATED)
            + _guards.trigger(
                "inventory_dated", TABLE, "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
                "inventory_loweredtier_dated()",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "loweredtier_proposed_by_the_actor",
            tables=(TABLE,),
            violation=PROPOSED,
            message="a lower tier is proposed by the person who acts",
        ),
        SealCheck(
            "loweredtier_decided_by_entitled",
            tables=(TABLE,),
            violation=DECIDED,
            message="a lower tier is decided in their own name by somebody entitled who does not build the system",
        ),
    ]  # fmt: skip
