"""What validation tells the policy: submissions with their reviews and conditions, findings, holds, waivers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance.policy.facts import (
    CarrierFact,
    CertificationFact,
    ConditionFact,
    FindingFact,
    Fragment,
    HoldFact,
    RecordFacts,
    ReviewFact,
    ShareFact,
    SubmissionFacts,
    WaiverFact,
    contribute,
    instant,
)

# The approved, the open and the newest one. A signature counts only for the digest of the submission it was given to;
# a promise outlives the approval it was made for: no renewal settles it, only who confirms it.
SUBMISSIONS = """
SELECT json_agg(json_build_object(
    'id', s.id, 'number', s.number, 'state', s.state, 'digest', s.digest, 'tier', s.tier,
    'intended_use_digest', s.intended_use_digest, 'answers_digest', s.answers_digest, 'pack_digest', s.pack_digest,
    'closed_at', s.closed_at, 'valid_until', s.valid_until,
    'artifacts', (SELECT json_agg(json_build_array(a ->> 'name', a ->> 'sha256'))
                  FROM jsonb_array_elements(s.manifest::jsonb -> 'artifacts') a),
    'dependencies', s.dependencies,
    'reviews', (SELECT json_agg(json_build_object(
                    'id', r.id, 'stage', r.stage, 'title', r.title, 'role', r.role, 'quorum', r.quorum,
                    'state', r.state, 'own', r.submission_id = s.id,
                    'approvals', (SELECT count(*) FROM validation_signoff o
                                  WHERE o.review_id = r.id
                                    AND o.digest = CASE WHEN r.submission_id = s.id THEN s.digest ELSE b.digest END
                                    AND o.decision IN ('approve', 'approve_with_conditions')))
                    ORDER BY r."order", r.id)
                FROM validation_review r
                WHERE r.submission_id = s.id
                   OR (r.submission_id = b.id AND NOT EXISTS (
                        SELECT FROM validation_review n WHERE n.submission_id = s.id AND n.stage = r.stage))),
    'route', s.route,
    'carrier', CASE WHEN b.id IS NOT NULL THEN json_build_object(
        'release', b.release_id, 'version', c.version, 'number', b.number, 'state', c.state,
        'crossed', CASE WHEN s.route = 'envelope' THEN (
            SELECT json_agg(DISTINCT e.metric) FROM inventory_evaluation e
            WHERE e.release_id = s.release_id AND (EXISTS (
                    SELECT FROM jsonb_array_elements(
                        b.manifest::jsonb -> 'release' -> 'envelope' -> 'limits') AS l (line)
                    WHERE e.metric = l.line ->> 'metric' AND e.slice = coalesce(l.line ->> 'slice', '')
                      AND (e.value < (l.line ->> 'lowest')::numeric OR e.value > (l.line ->> 'highest')::numeric))
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(b.manifest::jsonb -> 'evaluations') AS v (line)
                    WHERE e.metric = v.line ->> 'metric' AND e.slice = v.line ->> 'slice'
                      AND e.method = v.line ->> 'method'
                      AND CASE WHEN v.line ->> 'direction' = 'higher' THEN e.value < (v.line ->> 'threshold')::numeric
                               ELSE e.value > (v.line ->> 'threshold')::numeric END))) END) END,
    'conditions', (SELECT json_agg(json_build_object(
                       'id', c.id, 'text', c.text, 'state', c.state, 'due', c.due, 'environments', c.environments,
                       'owner', p.name, 'share', CASE WHEN c.check_kind = 'share_at_most' THEN (
                           SELECT json_build_object('environment', c.check_of, 'most', c.check_value,
                               'served', coalesce(sum(d.share), 0)::text, 'told', count(*) = count(d.share))
                           FROM inventory_deployment d
                           WHERE d.system_id = target.system_id AND d.environment = c.check_of AND d.runs
                             AND d.release_id = target.release_id
                             AND NOT EXISTS (SELECT FROM inventory_deployment n
                                 WHERE n.system_id = d.system_id AND n.environment = d.environment
                                   AND n.cluster = d.cluster AND n.at > d.at)) END)
                       ORDER BY c.due, c.id)
                   FROM validation_condition c JOIN access_user p ON p.id = coalesce(c.successor_id, c.owner_id)
                   WHERE c.submission_id = ANY (ARRAY(
                       SELECT unnest(ARRAY[e.id, e.carried_by_id]) FROM validation_submission e
                       WHERE e.release_id = s.release_id
                         AND (e.id = s.id OR (e.number < s.number AND e.state = 'approved')))))) ORDER BY s.number)
FROM validation_submission s
LEFT JOIN validation_submission b ON b.id = s.carried_by_id
LEFT JOIN inventory_release c ON c.id = b.release_id
WHERE s.release_id = target.release_id
  AND (s.state IN ('approved', 'open')
       OR s.number = (SELECT max(n.number) FROM validation_submission n WHERE n.release_id = target.release_id))
"""

FINDINGS = """
SELECT json_agg(json_build_object(
    'id', f.id, 'title', f.title, 'severity', f.severity, 'state', f.state, 'blocking', f.blocking, 'due', f.due,
    'accepted_until', f.accepted_until) ORDER BY f.id)
FROM validation_finding f
WHERE (f.release_id = target.release_id OR f.release_id IN (SELECT b.release_id
        FROM validation_submission s JOIN validation_submission b ON b.id = s.carried_by_id
        WHERE s.release_id = target.release_id AND s.state IN ('open', 'approved')))
  AND f.state NOT IN ('closed', 'withdrawn')
"""

HOLDS = """
SELECT json_agg(json_build_object(
    'id', h.id, 'reason', h.reason, 'placed_by', p.name, 'whole_system', h.release_id IS NULL)
    ORDER BY h.placed_at, h.id)
FROM validation_hold h JOIN access_user p ON p.id = h.placed_by_id
WHERE h.state = 'placed' AND h.system_id = target.system_id
  AND (h.release_id IS NULL OR h.release_id = target.release_id OR h.release_id IN (SELECT b.release_id
        FROM validation_submission s JOIN validation_submission b ON b.id = s.carried_by_id
        WHERE s.release_id = target.release_id AND s.state IN ('open', 'approved')))
"""

WAIVERS = """
SELECT json_agg(json_build_object(
    'id', w.id, 'requirement', w.requirement, 'environment', w.environment, 'until', w.until,
    'granted_at', w.decided_at, 'granted_by', p.name, 'reason', w.decision_reason,
    'check', (SELECT q ->> 'check'
              FROM (SELECT k.document FROM policy_pack k
                    WHERE k.state = 'adopted' AND k.effective_from <= w.decided_at
                    ORDER BY k.effective_from DESC, k.id DESC LIMIT 1) o,
                   jsonb_array_elements(o.document -> 'requirements') q
              WHERE q ->> 'id' = w.requirement)) ORDER BY w.id)
FROM validation_waiver w JOIN access_user p ON p.id = w.decided_by_id
WHERE w.state = 'granted' AND w.system_id = target.system_id AND w.until > portal_now()
"""

# What an owner said later settles what was refused or had lapsed before; an ended campaign waits for nobody.
RECORD = """
SELECT json_build_object(
    'open', (SELECT json_agg(json_build_object(
                 'id', c.id, 'state', c.state, 'campaign', g.title, 'due', g.due, 'statement', c.statement)
                 ORDER BY g.due, c.id)
             FROM validation_certification c JOIN validation_campaign g ON g.id = c.campaign_id
             WHERE c.system_id = target.system_id AND c.state <> 'certified'
               AND (c.state = 'refused' OR g.ended_at IS NULL)
               AND NOT EXISTS (SELECT FROM validation_certification n
                               WHERE n.system_id = c.system_id AND n.state = 'certified'
                                 AND n.decided_at > coalesce(c.decided_at, g.due))),
    'certified_at', max(x.decided_at))
FROM validation_certification x WHERE x.system_id = target.system_id AND x.state = 'certified'
"""


def read_submissions(rows: list[Mapping[str, Any]]) -> tuple[SubmissionFacts, ...]:
    """Submissions."""
    return tuple(_submission(row) for row in rows)


def _submission(row: Mapping[str, Any]) -> SubmissionFacts:
    return SubmissionFacts(
        id=row["id"], number=row["number"], state=row["state"], digest=row["digest"], tier=row["tier"],
        intended_use_digest=row["intended_use_digest"], answers_digest=row["answers_digest"],
        pack_digest=row["pack_digest"], closed_at=instant(row["closed_at"]), valid_until=instant(row["valid_until"]),
        artifacts=frozenset((name, sha256) for name, sha256 in row["artifacts"] or ()),
        dependencies=frozenset((end, version) for end, version in row["dependencies"] or ()),
        reviews=tuple(ReviewFact(**review) for review in row["reviews"] or ()),
        conditions=tuple(_condition(condition) for condition in row["conditions"] or ()),
        route=row["route"], carrier=_carrier(row["carrier"]),
    )  # fmt: skip


def _carrier(row: Mapping[str, Any] | None) -> CarrierFact | None:
    return CarrierFact(**{**row, "crossed": tuple(row["crossed"] or ())}) if row else None


def _condition(row: Mapping[str, Any]) -> ConditionFact:
    return ConditionFact(
        id=row["id"], text=row["text"], state=row["state"], due=datetime.fromisoformat(row["due"]),
        environments=tuple(row["environments"]), owner=row["owner"], share=_share(row["share"]),
    )  # fmt: skip


def _share(row: Mapping[str, Any] | None) -> ShareFact | None:
    return ShareFact(row["environment"], Decimal(row["most"]), Decimal(row["served"]), row["told"]) if row else None


def read_findings(rows: list[Mapping[str, Any]]) -> tuple[FindingFact, ...]:
    """Findings that are not settled for good."""
    return tuple(
        FindingFact(
            id=row["id"], title=row["title"], severity=row["severity"], state=row["state"], blocking=row["blocking"],
            due=instant(row["due"]), accepted_until=instant(row["accepted_until"]),
        )
        for row in rows
    )  # fmt: skip


def read_holds(rows: list[Mapping[str, Any]]) -> tuple[HoldFact, ...]:
    """Holds that are placed."""
    return tuple(HoldFact(row["id"], row["reason"], row["placed_by"], row["whole_system"]) for row in rows)


def read_waivers(rows: list[Mapping[str, Any]]) -> tuple[WaiverFact, ...]:
    """Exceptions that are granted and have not ended."""
    return tuple(
        WaiverFact(
            id=row["id"], requirement=row["requirement"], environment=row["environment"],
            until=datetime.fromisoformat(row["until"]), granted_at=datetime.fromisoformat(row["granted_at"]),
            granted_by=row["granted_by"], check=row["check"] or "", reason=row["reason"],
        )
        for row in rows
    )  # fmt: skip


def read_record(row: Mapping[str, Any]) -> RecordFacts:
    """What stands open about the record."""
    return RecordFacts(
        open=tuple(
            CertificationFact(
                one["id"], one["state"], one["campaign"], datetime.fromisoformat(one["due"]), one["statement"]
            )
            for one in row["open"] or ()
        ),
        certified_at=instant(row["certified_at"]),
    )


def register() -> None:
    """Tell the policy; called once at start."""
    contribute(Fragment("submissions", SUBMISSIONS, read_submissions))
    contribute(Fragment("findings", FINDINGS, read_findings))
    contribute(Fragment("holds", HOLDS, read_holds))
    contribute(Fragment("waivers", WAIVERS, read_waivers))
    contribute(Fragment("record", RECORD, read_record))
