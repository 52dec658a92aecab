"""A move in the tree of units is judged like a role: nobody comes to build what they signed by being moved there."""

from django.db import migrations

from governance.ledger.operations import SealCheck

# The portal's present when the head lock was taken: portal_now() stands still since the COMMIT began.
PRESENT = "(portal_now() + (clock_timestamp() - statement_timestamp()))"

# A signature counts while its submission is open, or is the newest approved one of a release still approved.
COUNTS = f"""(b.state = 'open' OR (
            b.state = 'approved' AND r.state IN ('approved', 'suspended') AND b.valid_until > {PRESENT}
            AND NOT EXISTS (SELECT FROM validation_submission newer
                WHERE newer.release_id = r.id AND newer.state = 'approved' AND newer.number > b.number)))"""
MOVED = f"""
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t
            WHERE t.table_name = 'inventory_system' AND t.op = 'U'
              AND t.before->>'unit_id' IS DISTINCT FROM t.after->>'unit_id'
            UNION
            SELECT y.id FROM touched t
            JOIN inventory_unitclosure c ON c.ancestor_id = t.key::bigint
            JOIN inventory_system y ON y.unit_id = c.descendant_id
            WHERE t.table_name = 'inventory_unit' AND t.op = 'U'
              AND t.before->>'parent_id' IS DISTINCT FROM t.after->>'parent_id'
        ) moved
        JOIN inventory_system y ON y.id = moved.id
        JOIN inventory_release r ON r.system_id = y.id
        JOIN validation_submission b ON b.release_id = r.id
        JOIN validation_signoff s ON s.submission_id = b.id
        JOIN inventory_unitclosure above ON above.descendant_id = y.unit_id
        JOIN inventory_assignment a ON a.unit_id = above.ancestor_id AND a.person_id = s.person_id
        WHERE a.role IN ('owner', 'deputy_owner', 'developer')
          AND a.since <= {PRESENT} AND (a.until IS NULL OR a.until > {PRESENT})
          AND {COUNTS}"""


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0004_separation"), ("inventory", "0002_units_and_standing")]
    operations = [
        SealCheck(
            "move_beside_signature",
            tables=("inventory_system", "inventory_unit"),
            violation=MOVED,
            message="by a move a reviewer would become a builder of what they signed",
        ),
    ]
