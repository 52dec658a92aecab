"""What engagements tell the policy: what audits found on the system and nobody settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance.policy.facts import AuditFindingFact, Fragment, contribute

# What a cancelled audit raised was never brought to an end, and holds nothing up.
FOUND = """
SELECT json_agg(json_build_object(
    'id', f.id, 'title', f.title, 'severity', f.severity, 'state', f.state, 'due', f.due) ORDER BY f.due, f.id)
FROM engagements_auditfinding f JOIN engagements_engagement g ON g.id = f.engagement_id
WHERE f.system_id = target.system_id AND f.state IN ('open', 'answered') AND g.state <> 'cancelled'
"""


def read_found(rows: list[Mapping[str, Any]]) -> tuple[AuditFindingFact, ...]:
    """Findings that wait for an answer or for its verification."""
    return tuple(
        AuditFindingFact(row["id"], row["title"], row["severity"], row["state"], datetime.fromisoformat(row["due"]))
        for row in rows
    )


def register() -> None:
    """Tell the policy; called once at start."""
    contribute(Fragment("audit_findings", FOUND, read_found))
