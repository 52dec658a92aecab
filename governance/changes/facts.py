"""What changes tell the policy: those carried out but not settled, and those the release asked about is part of;
and, before a review, what was approved last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.policy.drift import content_of
from governance.policy.facts import ChangeFact, FollowUpFact, Fragment, PredecessorFacts, contribute, instant

# A draft bears on nothing until it is submitted, unless it was sent back.
# A rejected change, or one that was rolled back, stops its release until a newer request names that release; an
# emergency, which one person declares, lifts nothing before it is ratified.
NEWER = """EXISTS (SELECT FROM changes_change n WHERE n.target_release_id = target.release_id
                AND n.id > c.id AND n.state NOT IN ('draft', 'withdrawn', 'rejected', 'rolled_back')
                AND n.ratification NOT IN ('due', 'refused'))"""
CHANGES = f"""
SELECT json_agg(json_build_object(
    'id', c.id, 'title', c.title, 'state', c.state, 'materiality', c.materiality, 'kind', c.kind,
    'emergency', c.emergency,
    'ratification', c.ratification, 'ratify_due', c.ratify_due, 'verify_due', c.verify_due,
    'carries_out', coalesce(c.target_release_id = target.release_id, false)
                   AND (c.state <> 'rolled_back' OR NOT {NEWER}),
    'rolls_back', coalesce(c.rollback_release_id = target.release_id, false),
    'deciders', json_build_array(c.decided_by_id, c.ratified_by_id, c.overridden_by_id)) ORDER BY c.id)
FROM changes_change c
WHERE c.system_id = target.system_id
  AND (c.state = 'implemented'
       OR (c.state = 'rolled_back' AND (c.ratification = 'due' OR c.rollback_release_id = target.release_id))
       OR (c.target_release_id = target.release_id AND (c.state IN ('in_approval', 'approved', 'closed')
                                                       OR (c.state = 'draft' AND c.decision <> '')))
       OR (c.target_release_id = target.release_id AND c.state IN ('rejected', 'rolled_back')
           AND NOT {NEWER}))
"""  # noqa: S608  composed of our own words

# What a coming policy asks for is judged by that policy once it is in force, and an approval ends by itself.
FOLLOW_UPS = """
SELECT json_agg(json_build_object('id', f.id, 'title', f.title, 'due', f.due) ORDER BY f.due, f.id)
FROM changes_followup f
WHERE f.system_id = target.system_id AND f.state = 'open' AND f.due IS NOT NULL
  AND f.cause NOT IN ('policy', 'revalidation', 'engagement')
"""

# Only for a release that is not approved yet: the gate's answer for an approved one does not pay for it.
PREDECESSOR = """
SELECT CASE WHEN r.state IN ('draft', 'in_review') THEN (
    SELECT json_build_object(
        'version', p.version,
        'before', json_build_object('artifacts', m.doc -> 'artifacts', 'system', m.doc -> 'system'),
        'now', json_build_object(
            'artifacts', (SELECT coalesce(json_agg(json_build_object(
                              'name', a.name, 'kind', a.kind, 'sha256', a.sha256)), '[]')
                          FROM inventory_artifact a WHERE a.release_id = r.id),
            'system', json_build_object('intended_use', y.intended_use, 'affected_groups', y.affected_groups)))
    FROM validation_submission s JOIN inventory_release p ON p.id = s.release_id
    CROSS JOIN LATERAL (SELECT s.manifest::jsonb AS doc) m
    WHERE p.system_id = r.system_id AND p.id <> r.id AND s.state = 'approved'
    ORDER BY s.closed_at DESC, s.id DESC LIMIT 1) END
FROM inventory_release r JOIN inventory_system y ON y.id = r.system_id WHERE r.id = target.release_id
"""


def read_predecessor(row: Mapping[str, Any]) -> PredecessorFacts:
    """What was approved last beside what the release holds."""
    return PredecessorFacts(row["version"], content_of(row["before"]), content_of(row["now"]))


def read_follow_ups(rows: list[Mapping[str, Any]]) -> tuple[FollowUpFact, ...]:
    """Open work on the system that has a date."""
    dated = ((row, instant(row["due"])) for row in rows)
    return tuple(FollowUpFact(row["id"], row["title"], due) for row, due in dated if due is not None)


def read_changes(rows: list[Mapping[str, Any]]) -> tuple[ChangeFact, ...]:
    """Changes that bear on the release."""
    return tuple(
        ChangeFact(
            id=row["id"], title=row["title"], state=row["state"], materiality=row["materiality"], kind=row["kind"],
            emergency=row["emergency"], ratification=row["ratification"], ratify_due=instant(row["ratify_due"]),
            verify_due=instant(row["verify_due"]), carries_out=row["carries_out"], rolls_back=row["rolls_back"],
            deciders=frozenset(person for person in row["deciders"] if person is not None),
        )
        for row in rows
    )  # fmt: skip


def register() -> None:
    """Tell the policy; called once at start."""
    contribute(Fragment("changes", CHANGES, read_changes))
    contribute(Fragment("follow_ups", FOLLOW_UPS, read_follow_ups))
    contribute(Fragment("predecessor", PREDECESSOR, read_predecessor))
