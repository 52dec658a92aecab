"""A review counts for the text it was asked with, and no material change takes a shorter way."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_guards = import_module("governance.changes.migrations.0003_guards")

# The text of a request stands still from its submission on.
UNREVIEWED = _guards.UNREVIEWED.replace(
    "s.submitted_at > c.created_at", "s.route = 'full' AND s.submitted_at > coalesce(c.submitted_at, c.created_at)"
)
UNASKED = """
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND b.id = t.key::bigint
        LEFT JOIN validation_submission carrier ON carrier.id = b.carried_by_id
        JOIN policy_pack k ON k.id = b.pack_id
        CROSS JOIN LATERAL (SELECT carrier.manifest::jsonb->'release'->'envelope' AS envelope) p
        WHERE b.route <> 'full' AND (t.op = 'I' OR (b.state = 'approved' AND t.before->>'state' = 'open'))
          AND (NOT EXISTS (SELECT FROM changes_change c WHERE c.target_release_id = b.release_id
                             AND c.state IN ('approved', 'implemented', 'closed'))
            OR EXISTS (
                SELECT FROM changes_change c
                WHERE c.target_release_id = b.release_id AND c.state IN ('approved', 'implemented', 'closed')
                  AND (c.materiality = 'material' OR (b.route = 'envelope' AND (
                        NOT coalesce(p.envelope->'kinds' ? c.kind, false)
                        OR NOT EXISTS (
                            SELECT FROM jsonb_array_elements(coalesce(k.document->'changes'->'envelopes', '[]')) v
                            WHERE v->'kinds' ? c.kind
                              AND (coalesce(v->'tiers', '[]') = '[]' OR v->'tiers' ? b.tier)))))))"""


class Migration(migrations.Migration):
    """One check put differently, one more."""

    dependencies = [("changes", "0003_guards"), ("validation", "0018_shorter_routes")]
    operations = [
        SealCheck(
            "change_release_reviewed",
            tables=("changes_change",),
            violation=UNREVIEWED,
            message="a change is carried out by a release that was not reviewed for it",
        ),
        SealCheck(
            "submission_of_a_change",
            tables=("validation_submission",),
            violation=UNASKED,
            message="a release takes a shorter way without an approved change it is open to",
        ),
    ]
