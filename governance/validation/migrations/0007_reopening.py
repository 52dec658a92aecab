"""What opens the gate again is done by somebody entitled and independent, in their own name, whoever writes.

A finding closed or accepted, a condition met, a hold lifted, a suspended release reinstated: each takes an obstacle
away, so the seal judges who did it as it judges a signature.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck

# The portal's present when the head lock was taken: portal_now() stands still since the COMMIT began.
PRESENT = "(portal_now() + (clock_timestamp() - statement_timestamp()))"


def moved(table: str, release: str, system: str) -> str:
    """The events of changed rows `x` with their release `r` (none for a whole system) and system `y`."""
    return f"""
        SELECT FROM touched t
        JOIN {table} x ON t.table_name = '{table}' AND t.op = 'U' AND x.id = t.key::bigint
        LEFT JOIN inventory_release r ON r.id = {release}
        JOIN inventory_system y ON y.id = {system}"""


def holds(permission: str) -> str:
    """Whether who acts has the right on system `y`, by a role that counts now."""
    return f"""EXISTS (
                SELECT FROM inventory_systemuserobjectpermission g JOIN auth_permission p ON p.id = g.permission_id
                WHERE g.user_id = t.actor_id AND g.content_object_id = y.id AND p.codename = '{permission}')"""


INDEPENDENT = f"""NOT EXISTS (
                SELECT FROM validation_contribution c WHERE c.release_id = r.id AND c.person_id = t.actor_id)
            AND NOT EXISTS (
                SELECT FROM inventory_assignment a
                WHERE a.person_id = t.actor_id AND a.role IN ('owner', 'deputy_owner', 'developer')
                  AND a.since <= {PRESENT} AND (a.until IS NULL OR (a.until > r.created_at AND a.until > a.since))
                  AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure c
                       WHERE c.ancestor_id = a.unit_id AND c.descendant_id = y.unit_id)))"""


def is_actor(column: str) -> str:
    """Whether the column names who acts."""
    return f"(t.after->>'{column}')::bigint IS NOT DISTINCT FROM t.actor_id"


def unmoved(*columns: str) -> str:
    """Whether, with the state as it was, none of the columns changed: who decided is written with the decision."""
    same = ", ".join(f"t.before->'{column}'" for column in columns)
    return f"({same}) IS NOT DISTINCT FROM ({same.replace('t.before', 't.after')})"


FINDING = f"""{moved("validation_finding", "x.release_id", "r.system_id")}
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state'
                THEN {unmoved("responded_by_id", "verified_by_id", "accepted_by_id", "accepted_until")}
            WHEN t.after->>'state' = 'closed'
                THEN {is_actor("verified_by_id")} AND {holds("finding.verify")} AND {INDEPENDENT}
            WHEN t.after->>'state' = 'accepted'
                THEN {is_actor("accepted_by_id")} AND {holds("finding.accept")} AND {INDEPENDENT}
                    AND (t.after->>'accepted_until')::timestamptz > {PRESENT}
            WHEN t.after->>'state' = 'withdrawn' THEN {is_actor("raised_by_id")}
            WHEN t.after->>'state' = 'answered' THEN {is_actor("responded_by_id")}
            ELSE true END"""
CONDITION = f"""{moved(
        "validation_condition",
        "(SELECT b.release_id FROM validation_submission b WHERE b.id = x.submission_id)",
        "r.system_id",
    )}
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {unmoved("claimed_by_id", "confirmed_by_id")}
            WHEN t.after->>'state' = 'met'
                THEN {is_actor("confirmed_by_id")} AND {holds("condition.confirm")} AND {INDEPENDENT}
            WHEN t.after->>'state' = 'claimed' THEN {is_actor("claimed_by_id")}
            ELSE true END"""
HOLD = f"""{moved("validation_hold", "x.release_id", "x.system_id")}
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {unmoved("lifted_by_id", "lifted_at")}
            ELSE {is_actor("lifted_by_id")} AND {holds("hold.lift")} END"""
REINSTATED = f"""{moved("inventory_release", "x.id", "x.system_id")}
        WHERE NOT CASE
            WHEN t.before->>'state' = t.after->>'state' THEN {unmoved("suspended_by_id")}
            WHEN t.before->>'state' = 'suspended' AND t.after->>'state' = 'approved'
                THEN {holds("release.reinstate")}
                    AND (t.before->>'suspended_by_id')::bigint IS DISTINCT FROM t.actor_id
            ELSE true END"""


class Migration(migrations.Migration):
    """Checks the seal runs."""

    dependencies = [("validation", "0006_packages")]
    operations = [
        SealCheck(
            "finding_settled_by_entitled",
            tables=("validation_finding",),
            violation=FINDING,
            message="a finding is settled in their own name by somebody entitled who did not build the release",
        ),
        SealCheck(
            "condition_confirmed_by_entitled",
            tables=("validation_condition",),
            violation=CONDITION,
            message="a condition is confirmed in their own name by somebody entitled who did not build the release",
        ),
        SealCheck(
            "hold_lifted_by_entitled",
            tables=("validation_hold",),
            violation=HOLD,
            message="a hold is lifted in their own name by somebody entitled",
        ),
        SealCheck(
            "release_reinstated_by_entitled",
            tables=("inventory_release",),
            violation=REINSTATED,
            message="a release is reinstated by somebody entitled who did not suspend it",
        ),
    ]
