"""What changes tell the policy: those carried out but not settled, and those the release asked about is part of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.policy.facts import ChangeFact, Fragment, contribute, instant

# A rejected change stops its release until a newer request names that release.
CHANGES = """
SELECT jsonb_agg(jsonb_build_object(
    'id', c.id, 'title', c.title, 'state', c.state, 'materiality', c.materiality, 'emergency', c.emergency,
    'ratification', c.ratification, 'ratify_due', c.ratify_due, 'verify_due', c.verify_due,
    'carries_out', coalesce(c.target_release_id = target.release_id, false),
    'rolls_back', coalesce(c.rollback_release_id = target.release_id, false)) ORDER BY c.id)
FROM changes_change c
WHERE c.system_id = target.system_id
  AND (c.state = 'implemented'
       OR (c.state = 'rolled_back' AND (c.ratification = 'due' OR c.rollback_release_id = target.release_id))
       OR (c.target_release_id = target.release_id AND c.state IN ('draft', 'in_approval', 'approved'))
       OR (c.target_release_id = target.release_id AND c.state = 'rejected'
           AND NOT EXISTS (SELECT FROM changes_change n WHERE n.target_release_id = target.release_id
                           AND n.id > c.id AND n.state NOT IN ('withdrawn', 'rejected'))))
"""


def read_changes(rows: list[Mapping[str, Any]]) -> tuple[ChangeFact, ...]:
    """Changes that bear on the release."""
    return tuple(
        ChangeFact(
            id=row["id"], title=row["title"], state=row["state"], materiality=row["materiality"],
            emergency=row["emergency"], ratification=row["ratification"], ratify_due=instant(row["ratify_due"]),
            verify_due=instant(row["verify_due"]), carries_out=row["carries_out"], rolls_back=row["rolls_back"],
        )
        for row in rows
    )  # fmt: skip


def register() -> None:
    """Tell the policy; called once at start."""
    contribute(Fragment("changes", CHANGES, read_changes))
