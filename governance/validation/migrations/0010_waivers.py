"""Waivers under the ledger: what was asked never changes, and who decides is entitled, independent and named.

A waiver takes an obstacle out of the gate's way, so the seal judges who granted it as it judges a signature. It bears
only on requirements the pack in force calls waivable, whatever the row says: that is decided when the gate is asked.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck, Transitions
from governance.ledger.triggers import function
from governance.validation.lifecycle import WAIVER

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")

DECISION = ("state", "decided_by_id", "decided_at", "decision_reason")
REVOCATION = ("revoked_by_id", "revoked_at", "revoke_reason")
NOT_BUILDING = f"""NOT EXISTS (
                SELECT FROM inventory_assignment a
                WHERE a.person_id = t.actor_id AND a.role IN ('owner', 'deputy_owner', 'developer')
                  AND a.since <= {_settled.PRESENT} AND (a.until IS NULL OR a.until > {_settled.PRESENT})
                  AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure c
                       WHERE c.ancestor_id = a.unit_id AND c.descendant_id = y.unit_id)))"""
DECIDED = f"""
        SELECT FROM touched t
        JOIN validation_waiver x ON t.table_name = 'validation_waiver' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {_settled.unmoved(*DECISION, *REVOCATION)}
            WHEN t.after->>'state' IN ('granted', 'refused')
                THEN {_settled.is_actor("decided_by_id")} AND {_settled.holds("waiver.grant")} AND {NOT_BUILDING}
                    AND {_settled.unmoved(*REVOCATION)}
            WHEN t.after->>'state' = 'revoked'
                THEN {_settled.is_actor("revoked_by_id")} AND {_settled.holds("waiver.grant")}
                    AND {_settled.unmoved(*DECISION[1:])}
            ELSE (t.after->>'requested_by_id')::bigint IS NOT DISTINCT FROM t.actor_id END"""
DATED = f"""
DECLARE
    earliest timestamptz := public.portal_now() - (statement_timestamp() - transaction_timestamp());
    latest timestamptz := public.portal_now() + interval '1 second';
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.requested_at NOT BETWEEN earliest AND latest)
        OR (TG_OP = 'UPDATE' AND OLD.decided_at IS DISTINCT FROM NEW.decided_at
            AND (NEW.decided_at BETWEEN earliest AND latest) IS NOT TRUE)
        OR (TG_OP = 'UPDATE' AND OLD.revoked_at IS DISTINCT FROM NEW.revoked_at
            AND (NEW.revoked_at BETWEEN earliest AND latest) IS NOT TRUE) THEN
        {_guards.refuse("waiver_dated_now", "an exception is dated when it is asked for and when it is decided")}
    END IF;
    RETURN NEW;
END """
ASKED = f"""
        SELECT FROM touched t
        JOIN validation_waiver x ON t.table_name = 'validation_waiver' AND t.op = 'I' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT ({_settled.is_actor("requested_by_id")} AND {_settled.holds("waiver.request")})"""


class Migration(migrations.Migration):
    """Governs the table, freezes what was asked, and checks who decides."""

    dependencies = [("validation", "0009_proofs")]
    operations = [
        Govern("validation_waiver", scope="system"),
        Transitions("validation_waiver", "state", WAIVER, initial=["requested"]),
        migrations.RunSQL(
            _guards.frozen(
                "validation_waiver", (*DECISION, *REVOCATION), "waiver_frozen", "an exception keeps what was asked"
            ),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("validation_waiver_dated", DATED)
            + _guards.trigger(
                "validation_dated",
                "validation_waiver",
                "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
                "validation_waiver_dated()",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "waiver_asked_by_entitled",
            tables=("validation_waiver",),
            violation=ASKED,
            message="an exception is asked for in their own name by somebody entitled",
        ),
        SealCheck(
            "waiver_decided_by_entitled",
            tables=("validation_waiver",),
            violation=DECIDED,
            message="an exception is decided in their own name by somebody entitled who does not build the system",
        ),
    ]
