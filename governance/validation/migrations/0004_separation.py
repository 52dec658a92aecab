"""What must hold over several rows when a transaction is sealed: separation of duties and the story's consistency.

These checks run after the head lock, so two transactions that are each harmless cannot commit side by side what
they may not do together. They hold for raw SQL of the runtime role and for superusers alike.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck

# The portal's present when the head lock was taken: portal_now() stands still since the COMMIT began.
PRESENT = "(portal_now() + (clock_timestamp() - statement_timestamp()))"

SIGNED = """
        SELECT FROM touched t
        JOIN validation_signoff s ON t.table_name = 'validation_signoff' AND s.id = t.key::bigint
        JOIN validation_review w ON w.id = s.review_id
        JOIN validation_submission b ON b.id = s.submission_id
        JOIN inventory_release r ON r.id = b.release_id
        JOIN inventory_system y ON y.id = r.system_id
"""


def held(person: str, roles: str) -> str:
    """Whether the person held one of the roles on system `y`, directly or by unit, since release `r` was created."""
    return f"""EXISTS (
            SELECT FROM inventory_assignment a
            WHERE a.person_id = {person} AND a.role IN ({roles}) AND a.since <= {PRESENT}
              AND (a.until IS NULL OR (a.until > r.created_at AND a.until > a.since))
              AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure c
                   WHERE c.ancestor_id = a.unit_id AND c.descendant_id = y.unit_id)))"""


BY_SUBMITTER = f"""{SIGNED}
        WHERE EXISTS (SELECT FROM validation_submission o WHERE o.release_id = r.id AND o.submitter_id = s.person_id)
           OR EXISTS (SELECT FROM validation_contribution c
                      WHERE c.release_id = r.id AND c.person_id = s.person_id AND c.kind = 'submission')"""
BY_OWNER = SIGNED + "        WHERE " + held("s.person_id", "'owner', 'deputy_owner'")
BY_DEVELOPER = SIGNED + "        WHERE " + held("s.person_id", "'developer'")
BY_CONTRIBUTOR = f"""{SIGNED}
        WHERE EXISTS (SELECT FROM validation_contribution c WHERE c.release_id = r.id AND c.person_id = s.person_id)"""
WITHOUT_RIGHT = f"""{SIGNED}
        WHERE NOT EXISTS (
            SELECT FROM inventory_systemuserobjectpermission g JOIN auth_permission p ON p.id = g.permission_id
            WHERE g.user_id = s.person_id AND g.content_object_id = y.id AND p.codename = w.permission)"""

# A signature counts while its submission is open, or is the newest approved one of a release still approved.
COUNTS = f"""(b.state = 'open' OR (
            b.state = 'approved' AND r.state IN ('approved', 'suspended') AND b.valid_until > {PRESENT}
            AND NOT EXISTS (SELECT FROM validation_submission newer
                WHERE newer.release_id = r.id AND newer.state = 'approved' AND newer.number > b.number)))"""
BUILDER_SIGNED = f"""
        SELECT FROM touched t
        JOIN inventory_assignment a ON t.table_name = 'inventory_assignment' AND t.op = 'I' AND a.id = t.key::bigint
        JOIN validation_signoff s ON s.person_id = a.person_id
        JOIN validation_submission b ON b.id = s.submission_id
        JOIN inventory_release r ON r.id = b.release_id
        JOIN inventory_system y ON y.id = r.system_id
        WHERE a.role IN ('owner', 'deputy_owner', 'developer')
          AND (a.until IS NULL OR (a.until > r.created_at AND a.until > a.since))
          AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure c
               WHERE c.ancestor_id = a.unit_id AND c.descendant_id = y.unit_id))
          AND {COUNTS}"""
CONTRIBUTOR_SIGNED = """
        SELECT FROM touched t
        JOIN validation_contribution c ON t.table_name = 'validation_contribution' AND c.id = t.key::bigint
        JOIN validation_submission b ON b.release_id = c.release_id AND b.state = 'open'
        JOIN validation_signoff s ON s.submission_id = b.id AND s.person_id = c.person_id"""

# --- the story agrees with itself -----------------------------------------------------------------------------

TOUCHED_SUBMISSIONS = """
        SELECT FROM (WITH packages AS (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'validation_submission'
            UNION SELECT w.submission_id FROM touched t JOIN validation_review w
                ON t.table_name = 'validation_review' AND w.id = t.key::bigint
            UNION SELECT s.submission_id FROM touched t JOIN validation_signoff s
                ON t.table_name = 'validation_signoff' AND s.id = t.key::bigint
        )"""
REVIEW_DISAGREES = f"""{TOUCHED_SUBMISSIONS}, stages AS (
            SELECT w.*,
                (SELECT count(DISTINCT s.person_id) FROM validation_signoff s WHERE s.review_id = w.id
                    AND s.digest = b.digest AND s.decision IN ('approve', 'approve_with_conditions')) AS approvals,
                (SELECT count(*) FROM validation_signoff s WHERE s.review_id = w.id AND s.decision = 'reject') AS rejections,
                (SELECT count(*) FROM validation_signoff s WHERE s.review_id = w.id AND s.decision = 'return') AS returns,
                EXISTS (SELECT FROM validation_review e WHERE e.submission_id = w.submission_id
                    AND e."order" < w."order" AND e.state <> 'signed') AS comes_later
            FROM validation_review w JOIN packages p ON p.id = w.submission_id
            JOIN validation_submission b ON b.id = w.submission_id
        )
        SELECT w.id FROM stages w
        WHERE w.rejections <> (w.state = 'rejected')::int OR w.returns <> (w.state = 'returned')::int
           OR w.approvals > w.quorum OR (w.approvals = w.quorum) <> (w.state = 'signed')
           OR (w.comes_later AND w.state IN ('open', 'signed', 'rejected', 'returned'))
           OR (NOT w.comes_later AND w.state = 'waiting')) AS violations"""
# Days are 24 hours; where the pack names a time zone they count to the end of the last one there.
DAYS = "(k.document->'approvals'->'validity_days'->>b.tier)::int"
ZONE = "k.document->'approvals'->>'time_zone'"
APPROVAL_ENDS = f"""CASE WHEN {ZONE} IS NULL THEN b.closed_at + make_interval(hours => 24 * {DAYS})
                ELSE ((b.closed_at AT TIME ZONE ({ZONE}))::date + {DAYS} + 1)::timestamp AT TIME ZONE ({ZONE}) END"""
SUBMISSION_DISAGREES = f"""{TOUCHED_SUBMISSIONS}
        SELECT b.id FROM validation_submission b
        JOIN packages p ON p.id = b.id
        JOIN policy_pack k ON k.id = b.pack_id
        WHERE b.digest <> 'sha256:' || encode(sha256(convert_to(b.manifest, 'UTF8')), 'hex')
           OR b.pack_digest <> k.digest
           OR (b.state = 'open') <> EXISTS (
                SELECT FROM validation_review w WHERE w.submission_id = b.id AND w.state IN ('open', 'waiting'))
           OR (b.state = 'approved') <> NOT EXISTS (
                SELECT FROM validation_review w WHERE w.submission_id = b.id AND w.state <> 'signed')
           OR (b.state = 'rejected') <> EXISTS (
                SELECT FROM validation_review w WHERE w.submission_id = b.id AND w.state = 'rejected')
           OR (b.state = 'returned') <> EXISTS (
                SELECT FROM validation_review w WHERE w.submission_id = b.id AND w.state = 'returned')
           OR b.closed_at > {PRESENT} OR b.closed_at < b.submitted_at
           OR (b.state = 'approved' AND b.valid_until IS DISTINCT FROM {APPROVAL_ENDS})
           OR (b.state <> 'approved' AND b.valid_until IS NOT NULL)
           OR (SELECT jsonb_agg(jsonb_build_array(w.stage, w.role, w.permission, w.quorum, w."order") ORDER BY w.stage)
                FROM validation_review w WHERE w.submission_id = b.id)
              IS DISTINCT FROM
              (SELECT jsonb_agg(jsonb_build_array(m->'id', m->'role', m->'permission', m->'quorum', m->'order')
                ORDER BY m->>'id') FROM jsonb_array_elements(b.manifest::jsonb->'stages') m)) AS violations"""
RELEASE_DISAGREES = """
        SELECT FROM (WITH releases AS (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'inventory_release'
            UNION SELECT b.release_id FROM touched t JOIN validation_submission b
                ON t.table_name = 'validation_submission' AND b.id = t.key::bigint
        ), story AS (
            SELECT r.*,
                EXISTS (SELECT FROM validation_submission b
                    WHERE b.release_id = r.id AND b.state = 'open' AND NOT b.renewal) AS first_open,
                EXISTS (SELECT FROM validation_submission b
                    WHERE b.release_id = r.id AND b.state = 'open' AND b.renewal) AS renewal_open,
                EXISTS (SELECT FROM validation_submission b
                    WHERE b.release_id = r.id AND b.state = 'approved') AS ever_approved,
                EXISTS (SELECT FROM validation_submission b
                    WHERE b.release_id = r.id AND b.state = 'rejected' AND NOT b.renewal) AS first_rejected
            FROM inventory_release r JOIN releases USING (id)
        )
        SELECT r.id FROM story r
        WHERE (r.state = 'in_review') <> r.first_open
           OR (r.renewal_open AND r.state NOT IN ('approved', 'suspended'))
           OR (r.state IN ('approved', 'suspended', 'revoked')) > r.ever_approved
           OR (r.state = 'rejected' AND NOT r.first_rejected)
           OR (r.state IN ('draft', 'discarded') AND (r.ever_approved OR r.first_rejected))) AS violations"""

_STORY = ("validation_submission", "validation_review", "validation_signoff")


class Migration(migrations.Migration):
    """Checks the seal runs."""

    dependencies = [
        ("validation", "0003_guards"),
        ("inventory", "0002_units_and_standing"),
        ("policy", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        SealCheck(
            "signoff_by_submitter",
            tables=("validation_signoff",),
            violation=BY_SUBMITTER,
            message="a person who submitted a release signed it",
        ),
        SealCheck(
            "signoff_by_owner",
            tables=("validation_signoff",),
            violation=BY_OWNER,
            message="an owner of the system signed its release",
        ),
        SealCheck(
            "signoff_by_developer",
            tables=("validation_signoff",),
            violation=BY_DEVELOPER,
            message="a developer of the system signed its release",
        ),
        SealCheck(
            "signoff_by_contributor",
            tables=("validation_signoff",),
            violation=BY_CONTRIBUTOR,
            message="a person who contributed to a release signed it",
        ),
        SealCheck(
            "signoff_without_right",
            tables=("validation_signoff",),
            violation=WITHOUT_RIGHT,
            message="a person without the stage’s role signed it",
        ),
        SealCheck(
            "assignment_beside_signature",
            tables=("inventory_assignment",),
            violation=BUILDER_SIGNED,
            message="a reviewer became a builder of what they signed",
        ),
        SealCheck(
            "contribution_beside_signature",
            tables=("validation_contribution",),
            violation=CONTRIBUTOR_SIGNED,
            message="a reviewer contributed to what they signed",
        ),
        SealCheck(
            "review_agrees",
            tables=_STORY,
            violation=REVIEW_DISAGREES,
            message="a review does not agree with its signatures",
        ),
        SealCheck(
            "submission_agrees",
            tables=_STORY,
            violation=SUBMISSION_DISAGREES,
            message="a submission does not agree with its reviews",
        ),
        SealCheck(
            "release_agrees",
            tables=("inventory_release", "validation_submission"),
            violation=RELEASE_DISAGREES,
            message="a release does not agree with its submissions",
        ),
    ]
