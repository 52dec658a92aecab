"""Signatures under a lent role: whose seat they take is on record, and one seat is one signature of a submission."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

_acts = import_module("governance.validation.migrations.0020_acts")
_routes = import_module("governance.validation.migrations.0018_shorter_routes")
_separation = import_module("governance.validation.migrations.0004_separation")

LENT = f"""{_separation.SIGNED}
        JOIN inventory_assignment lent ON lent.id = s.delegation_id
        JOIN inventory_assignment f ON f.id = lent.delegated_from_id"""
STANDS = """EXISTS (
            SELECT FROM inventory_standing g
            JOIN access_rolepermission h ON h.role = g.role JOIN auth_permission p ON p.id = h.permission_id
            WHERE g.person_id = s.person_id AND p.codename = w.permission
              AND (g.system_id = y.id OR g.unit_id = y.unit_id)"""
UNDER_ANOTHER = f"""{_separation.SIGNED}
        WHERE NOT CASE WHEN s.delegation_id IS NULL THEN {STANDS} AND g.delegated_from_id IS NULL)
            ELSE {STANDS} AND g.delegated_from_id IS NOT NULL AND g.assignment_id = s.delegation_id) END"""
FOR_A_BUILDER = f"""{LENT}
        WHERE {_separation.held("f.person_id", "'owner', 'deputy_owner', 'developer'")}
           OR EXISTS (SELECT FROM validation_contribution c WHERE c.release_id = r.id AND c.person_id = f.person_id)
           OR EXISTS (SELECT FROM validation_submission o
                      WHERE o.release_id = r.id AND o.submitter_id = f.person_id)"""
SEAT = """coalesce((SELECT f.person_id FROM inventory_assignment lent
                    JOIN inventory_assignment f ON f.id = lent.delegated_from_id
                    WHERE lent.id = {0}.delegation_id), {0}.person_id)"""
TWICE = f"""
        SELECT FROM touched t
        JOIN validation_signoff s ON t.table_name = 'validation_signoff' AND s.id = t.key::bigint
        JOIN validation_signoff o ON o.submission_id = s.submission_id AND o.id <> s.id
        WHERE {SEAT.format("s")} IN (o.person_id, {SEAT.format("o")}) OR s.person_id = {SEAT.format("o")}"""
ACTS = _routes.changed(
    _routes.changed(_acts.ACTS, "CREATE VIEW", "CREATE OR REPLACE VIEW"),
    "w.title || ': ' || replace(x.decision, '_', ' ')",
    """w.title || ': ' || replace(x.decision, '_', ' ') || coalesce((
        SELECT ' on behalf of ' || o.name || ' under delegation ' || x.delegation_id
        FROM inventory_assignment lent JOIN inventory_assignment f ON f.id = lent.delegated_from_id
        JOIN access_user o ON o.id = f.person_id WHERE lent.id = x.delegation_id), '')""",
)


class Migration(migrations.Migration):
    """Records the new column; three more checks of the seal, and the report says on whose behalf."""

    dependencies = [("validation", "0024_lowered_tiers"), ("inventory", "0013_delegations")]
    operations = [
        Govern("validation_signoff", scope="submission__release__system"),
        migrations.RunSQL(ACTS, migrations.RunSQL.noop),
        SealCheck(
            "signoff_without_right_of_own",
            tables=("validation_signoff",),
            violation=UNDER_ANOTHER,
            message="a signature does not say under which role it was made, or that role gives no right",
        ),
        SealCheck(
            "signoff_delegator_independent",
            tables=("validation_signoff",),
            violation=FOR_A_BUILDER,
            message="a signature on behalf of a person who had a hand in the release",
        ),
        SealCheck(
            "signoff_one_for_both",
            tables=("validation_signoff",),
            violation=TWICE,
            message="one person is counted twice in a submission",
        ),
    ]
