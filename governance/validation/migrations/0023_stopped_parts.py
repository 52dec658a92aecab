"""A shorter way keeps the thresholds of the review, and does not bring back what a review or a stop was about.

What the reviewers saw measured is measured by the same method and keeps the threshold it had there. Parts that were
rejected, sent back, suspended, revoked, held or are under review in one release do not ship with another.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_routes = import_module("governance.validation.migrations.0018_shorter_routes")

OUTSIDE = _routes.changed(
    _routes.OUTSIDE,
    """AND e.slice = v.line->>'slice')))""",
    """AND e.slice = v.line->>'slice' AND e.method = v.line->>'method')
                   OR EXISTS (
                    SELECT FROM inventory_evaluation e WHERE e.release_id = r.id AND e.metric = v.line->>'metric'
                      AND e.slice = v.line->>'slice' AND e.method = v.line->>'method'
                      AND CASE WHEN v.line->>'direction' = 'higher' THEN e.value < (v.line->>'threshold')::numeric
                               ELSE e.value > (v.line->>'threshold')::numeric END)))""",
)
STOPPED = f"""{_routes.ROUTED}
          AND b.route <> 'full'
          AND EXISTS (
            SELECT FROM inventory_release s
            WHERE s.system_id = r.system_id
              AND (s.id = r.id OR EXISTS (
                    SELECT FROM inventory_artifact a
                    JOIN jsonb_array_elements(p.now->'artifacts') AS n (line) ON a.sha256 = n.line->>'sha256'
                    WHERE a.release_id = s.id AND NOT EXISTS (
                        SELECT FROM jsonb_array_elements(p.before->'artifacts') AS o (line)
                        WHERE o.line->>'sha256' = a.sha256)))
              AND ((s.id <> r.id AND s.state IN ('in_review', 'rejected', 'suspended', 'revoked'))
                OR EXISTS (SELECT FROM validation_hold h WHERE h.release_id = s.id AND h.state = 'placed')
                OR EXISTS (
                    SELECT FROM validation_submission q
                    WHERE q.release_id = s.id AND q.id <> b.id AND q.state IN ('rejected', 'returned')
                      AND (q.state = 'rejected' OR q.route = 'full' OR b.route = 'envelope')
                      AND NOT EXISTS (SELECT FROM validation_submission l
                                      WHERE l.release_id = s.id AND l.id <> b.id AND l.number > q.number
                                        AND l.state <> 'withdrawn'))))"""


class Migration(migrations.Migration):
    """One check put differently, one more."""

    dependencies = [("validation", "0022_ethics")]
    operations = [
        SealCheck(
            "submission_in_envelope",
            tables=("validation_submission",),
            violation=OUTSIDE,
            message="a release leaves the envelope it ships in",
        ),
        SealCheck(
            "submission_of_nothing_stopped",
            tables=("validation_submission",),
            violation=STOPPED,
            message="a release brings back on a shorter way what was stopped or sent back",
        ),
    ]
