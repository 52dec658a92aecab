"""A release takes a shorter way than a full review only beside one that was fully reviewed and still counts.

What the services decide, the seal decides again from the packages and the recorded values themselves: a light review
opens the stages the pack names, a release in an envelope differs from what was signed in nothing the envelope does
not let through, and neither counts for longer than the review it leans on.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_separation = import_module("governance.validation.migrations.0004_separation")
_packages = import_module("governance.validation.migrations.0006_packages")
PRESENT = _separation.PRESENT


def changed(text: str, old: str, new: str) -> str:
    """A statement with one part put differently. Raises ValueError where the part does not stand once."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} stands {text.count(old)} times")
    return text.replace(old, new)


LIGHT = changed(
    _packages.DEMANDED,
    "WHERE s->'tiers' ? b.tier OR NOT EXISTS (",
    "WHERE coalesce(k.document->'changes'->'light_stages' ? (s->>'id'), false) AND (s->'tiers' ? b.tier OR NOT EXISTS (",
)
LIGHT = changed(LIGHT, "o WHERE o->>'id' = b.tier))", "o WHERE o->>'id' = b.tier)))")
STAGES = f"""({_packages.DEMANDED} IS NULL
            OR (b.route = 'full' AND {_packages.OPENED} IS DISTINCT FROM {_packages.DEMANDED})
            OR (b.route = 'light' AND ({LIGHT} IS NULL OR {_packages.OPENED} IS DISTINCT FROM {LIGHT}))
            OR (b.route NOT IN ('full', 'light') AND {_packages.OPENED} IS NOT NULL)
            OR p.manifest->'release'->'envelope' IS DISTINCT FROM r.envelope)"""
UNTRUE = changed(
    _packages.UNTRUE,
    f"{_packages.DEMANDED} IS NULL\n           OR {_packages.OPENED} IS DISTINCT FROM {_packages.DEMANDED}",
    STAGES,
)
# What went a shorter way was not looked at in every stage: its authors keep their hand in what follows.
UNTRUE = changed(UNTRUE, "AND o.state = 'approved'", "AND o.state = 'approved' AND o.route = 'full'")

ENVELOPE_OF = """(SELECT x.manifest::jsonb->'release'->'envelope' FROM validation_submission x
                 WHERE x.id = b.carried_by_id)"""
ENDS = f"""least({_separation.APPROVAL_ENDS},
                (SELECT x.valid_until FROM validation_submission x WHERE x.id = b.carried_by_id),
                CASE WHEN b.route = 'envelope' THEN ({ENVELOPE_OF}->>'until')::timestamptz END)"""
SUBMISSION_DISAGREES = changed(_separation.SUBMISSION_DISAGREES, _separation.APPROVAL_ENDS, ENDS)

ROUTED = """
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND b.id = t.key::bigint
        JOIN inventory_release r ON r.id = b.release_id
        LEFT JOIN validation_submission c ON c.id = b.carried_by_id
        LEFT JOIN inventory_release cr ON cr.id = c.release_id
        CROSS JOIN LATERAL (SELECT b.manifest::jsonb AS now, c.manifest::jsonb AS before,
                                   c.manifest::jsonb->'release'->'envelope' AS envelope) p
        WHERE (t.op = 'I' OR (b.state = 'approved' AND t.before->>'state' = 'open'))"""
LEANS_ON_NOTHING = f"""{ROUTED}
          AND (b.route NOT IN ('full', 'light', 'envelope')
            OR (b.route = 'full') <> (b.carried_by_id IS NULL)
            OR (b.route <> 'full' AND (
                p.now->'route'->>'name' IS DISTINCT FROM b.route OR b.renewal OR c.state <> 'approved' OR c.route <> 'full' OR cr.state <> 'approved'
                OR cr.system_id <> r.system_id OR (c.valid_until > {PRESENT}) IS NOT TRUE
                OR (b.tier, b.pack_digest) IS DISTINCT FROM (c.tier, c.pack_digest)
                OR p.now->'route'->>'carried_by' IS DISTINCT FROM c.digest
                OR EXISTS (SELECT FROM validation_submission n JOIN inventory_release nr ON nr.id = n.release_id
                           WHERE nr.system_id = r.system_id AND n.state = 'approved' AND n.route = 'full'
                             AND (n.closed_at, n.id) > (c.closed_at, c.id))
                OR EXISTS (SELECT FROM validation_signoff s JOIN validation_contribution h ON h.person_id = s.person_id
                           WHERE s.submission_id = c.id AND h.release_id = r.id))))"""
LOOSE = "ARRAY['phase', 'links', 'responsibilities', 'unit']::text[]"
# Every other part of a package stays as it was reviewed, whatever it is.
JUDGED = "ARRAY['submission', 'release', 'artifacts', 'evaluations', 'system', 'stages', 'route']::text[]"
OUTSIDE = f"""{ROUTED}
          AND b.route = 'envelope'
          AND ((p.envelope->>'until')::timestamptz > {PRESENT} IS NOT TRUE
            OR coalesce(jsonb_array_length(p.envelope->'limits'), 0) = 0
            OR p.now->'release'->'envelope' IS DISTINCT FROM '{{}}'::jsonb
            OR (p.now - {JUDGED}) IS DISTINCT FROM (p.before - {JUDGED})
            OR (p.now->'system') - {LOOSE} IS DISTINCT FROM (p.before->'system') - {LOOSE}
            OR EXISTS (
                SELECT FROM jsonb_array_elements(p.now->'artifacts') AS n (line)
                FULL JOIN jsonb_array_elements(p.before->'artifacts') AS o (line) ON n.line->>'name' = o.line->>'name'
                WHERE n.line IS DISTINCT FROM o.line
                  AND (n.line->>'kind' IS DISTINCT FROM o.line->>'kind'
                    OR NOT coalesce(p.envelope->'artifacts' ? (n.line->>'kind'), false)
                    OR (n.line->'vendor', n.line->'model_id', n.line->'region')
                       IS DISTINCT FROM (o.line->'vendor', o.line->'model_id', o.line->'region')))
            OR EXISTS (
                SELECT FROM jsonb_array_elements(p.envelope->'limits') AS l (line)
                WHERE NOT EXISTS (
                        SELECT FROM inventory_evaluation e WHERE e.release_id = r.id AND e.metric = l.line->>'metric'
                          AND e.slice = coalesce(l.line->>'slice', ''))
                   OR EXISTS (
                        SELECT FROM inventory_evaluation e WHERE e.release_id = r.id AND e.metric = l.line->>'metric'
                          AND e.slice = coalesce(l.line->>'slice', '')
                          AND (e.value < (l.line->>'lowest')::numeric OR e.value > (l.line->>'highest')::numeric)))
            OR EXISTS (
                SELECT FROM inventory_evaluation e WHERE e.release_id = r.id
                  AND CASE WHEN e.direction = 'higher' THEN e.value < e.threshold ELSE e.value > e.threshold END)
            OR EXISTS (
                SELECT FROM jsonb_array_elements(p.before->'evaluations') AS v (line)
                WHERE NOT EXISTS (
                    SELECT FROM inventory_evaluation e WHERE e.release_id = r.id AND e.metric = v.line->>'metric'
                      AND e.slice = v.line->>'slice')))"""


class Migration(migrations.Migration):
    """Two checks put differently, two more."""

    dependencies = [("validation", "0017_builders_of_late"), ("inventory", "0010_evaluations")]
    operations = [
        SealCheck(
            "package_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say what is so, or not under the rules in force",
        ),
        SealCheck(
            "submission_agrees",
            tables=("validation_submission", "validation_review", "validation_signoff"),
            violation=SUBMISSION_DISAGREES,
            message="a submission does not agree with its reviews",
        ),
        SealCheck(
            "submission_carried",
            tables=("validation_submission",),
            violation=LEANS_ON_NOTHING,
            message="an approval leans on a review that does not count for it",
        ),
        SealCheck(
            "submission_in_envelope",
            tables=("validation_submission",),
            violation=OUTSIDE,
            message="a release leaves the envelope it ships in",
        ),
    ]
