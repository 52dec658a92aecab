"""Lent roles: a delegation is an assignment whose right runs only while the role it comes from does.

The views of rights know it, so every door does, with no job: the right stops with the period, with the delegator's
role and with either account. What a delegation may say is judged when it is sealed: whoever writes, and however.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

_views = import_module("inventory.migrations.0002_units_and_standing")
_separation = import_module("inventory.migrations.0005_separation_of_roles")


def changed(text: str, old: str, new: str) -> str:
    """The text with every occurrence replaced. Raises ValueError where there is none."""
    if old not in text:
        raise ValueError(f"{old!r} is not where it was")
    return text.replace(old, new)


PRESENT = _separation.PRESENT
RUNS = """ AND (a.delegated_from_id IS NULL OR EXISTS (
    SELECT FROM inventory_assignment f
    JOIN access_user o ON o.id = f.person_id AND o.is_active AND o.closed_at IS NULL AND o.kind = 'human'
    WHERE f.id = a.delegated_from_id AND f.since <= portal_now() AND (f.until IS NULL OR portal_now() < f.until)))"""
_STANDING = changed(_views.STANDING, "CREATE VIEW", "CREATE OR REPLACE VIEW")
_STANDING = changed(_STANDING, "NULL::bigint AS unit_id\n", "NULL::bigint AS unit_id,\n       a.delegated_from_id\n")
_STANDING = changed(_STANDING, "NULL::bigint, c.descendant_id\n", "NULL::bigint, c.descendant_id, a.delegated_from_id\n")
STANDING = changed(
    _STANDING,
    "AND (a.until IS NULL OR portal_now() < a.until)",
    f"AND (a.until IS NULL OR portal_now() < a.until){RUNS}",
)

# Whoever builds a system reviews it neither himself nor through somebody he chose.
BUILT_BY_THE_DELEGATOR = """ AND (s.delegated_from_id IS NULL OR NOT EXISTS (
    SELECT FROM inventory_assignment f
    JOIN inventory_standing b ON b.person_id = f.person_id AND b.role IN ('owner', 'deputy_owner', 'developer')
    WHERE f.id = s.delegated_from_id AND (b.system_id = y.id OR b.unit_id = y.unit_id)))"""
_GRANTS = changed(_views.GRANTS, "CREATE VIEW", "CREATE OR REPLACE VIEW")
_OWN = "(b.system_id = y.id OR b.unit_id = y.unit_id)))\n"
GRANTS = changed(_GRANTS, _OWN, f"{_OWN.rstrip()}{BUILT_BY_THE_DELEGATOR}\n")

GUARD = changed(_views.ASSIGNMENT.partition("CREATE TRIGGER")[0], "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
for _row in ("OLD", "NEW"):
    GUARD = changed(GUARD, f"{_row}.assigned_by_id)", f"{_row}.assigned_by_id, {_row}.delegated_from_id)")

LONGEST = f"""(SELECT (k.document->'cover'->>'delegation_days')::int FROM policy_pack k
            WHERE k.state = 'adopted' AND k.effective_from <= {PRESENT}
            ORDER BY k.effective_from DESC, k.id DESC LIMIT 1)"""
NOT_ONES_OWN = f"""{_separation.GIVEN}
        JOIN inventory_assignment f ON f.id = a.delegated_from_id
        WHERE f.delegated_from_id IS NOT NULL
           OR t.actor_id IS DISTINCT FROM f.person_id OR a.assigned_by_id IS DISTINCT FROM f.person_id
           OR (a.role, a.system_id, a.unit_id) IS DISTINCT FROM (f.role, f.system_id, f.unit_id)
           OR f.since > {PRESENT} OR f.until <= {PRESENT} OR a.until > f.until"""
TOO_LONG = f"""{_separation.GIVEN}
        WHERE a.delegated_from_id IS NOT NULL
          AND (a.until <= a.since + make_interval(hours => 24 * {LONGEST})) IS NOT TRUE"""


class Migration(migrations.Migration):
    """Views, guard and two more checks of the seal."""

    dependencies = [("inventory", "0012_lowered_tiers"), ("policy", "0003_adoption")]
    operations = [
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        Govern("inventory_assignment", scope="system"),
        SealCheck(
            "delegation_of_ones_own",
            tables=("inventory_assignment",),
            violation=NOT_ONES_OWN,
            message="a role is lent by the person who holds it, as it is held, and never lent on",
        ),
        SealCheck(
            "delegation_within_policy",
            tables=("inventory_assignment",),
            violation=TOO_LONG,
            message="a role is lent for longer than the policy in force allows",
        ),
    ]
