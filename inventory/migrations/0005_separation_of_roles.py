"""What must hold over several assignments, judged when a transaction is sealed, after the head lock.

Two transactions that are each harmless cannot commit side by side what they may not do together; raw SQL of the
runtime role is judged like the services.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import read_only

# The portal's present when the head lock was taken: portal_now() stands still since the COMMIT began.
PRESENT = "(portal_now() + (clock_timestamp() - statement_timestamp()))"
GIVEN = """
        SELECT FROM touched t
        JOIN inventory_assignment a ON t.table_name = 'inventory_assignment' AND t.op = 'I' AND a.id = t.key::bigint
"""
BUILDS = "IN ('owner', 'deputy_owner', 'developer')"
REVIEWS = "IN ('validator', 'auditor', 'approver')"
BOTH_SIDES = f"""{GIVEN}
        JOIN inventory_assignment b ON b.person_id = a.person_id AND b.system_id = a.system_id
        WHERE ((a.role {BUILDS} AND b.role {REVIEWS}) OR (a.role {REVIEWS} AND b.role {BUILDS}))
          AND tstzrange(a.since, a.until) && tstzrange(b.since, b.until)
          AND coalesce(a.until > {PRESENT}, true) AND coalesce(b.until > {PRESENT}, true)"""
# Who gives a role is who acts; nobody is named in another's place, and nobody is given a role by himself.
BY_SOMEBODY_ELSE = f"""{GIVEN}
        WHERE a.assigned_by_id IS DISTINCT FROM t.actor_id OR a.person_id = t.actor_id"""


class Migration(migrations.Migration):
    """Checks the seal runs."""

    dependencies = [("inventory", "0004_imports_ledger"), ("ledger", "0002_sealing")]
    operations = [
        SealCheck(
            "assignment_builds_or_reviews",
            tables=("inventory_assignment",),
            violation=BOTH_SIDES,
            message="a person would build and review one system",
        ),
        SealCheck(
            "assignment_given_by_the_actor",
            tables=("inventory_assignment",),
            violation=BY_SOMEBODY_ELSE,
            message="a role is given by the person who acts, to somebody else",
        ),
        migrations.RunSQL(read_only("inventory_unitclosure"), migrations.RunSQL.noop),
    ]
