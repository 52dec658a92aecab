"""What the proof of independence asks of audits: who verified an answer they gave."""

from __future__ import annotations

from governance.validation import independence

RULES = {
    "audit_finding.responder": (
        "verified their own answer to what an audit found",
        f"""SELECT y.slug, '', x.verified_by_id, moment.at, 'engagements_auditfinding', x.id
        FROM engagements_auditfinding x JOIN inventory_system y ON y.id = x.system_id
        {independence.settled("engagements_auditfinding", "'closed'")}
        WHERE x.verified_by_id = x.responded_by_id""",
    ),
}


def register() -> None:
    """Have this proven too; called once at start."""
    independence.add(RULES)
