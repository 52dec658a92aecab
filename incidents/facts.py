"""What incidents tell the policy: those that are open and name the release, or its whole system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance.policy.facts import Fragment, IncidentFact, MonitoringFact, contribute

# An incident that names releases concerns only these; the release it names as remedy passes.
INCIDENTS = """
SELECT json_agg(json_build_object(
    'id', i.id, 'title', i.title, 'severity', i.severity, 'state', i.state,
    'remedy', coalesce(i.remedy_release_id = target.release_id, false),
    'measure', m.text, 'measure_until', m.until) ORDER BY i.id)
FROM incidents_incident i
LEFT JOIN LATERAL (
    SELECT t.text, t.until FROM incidents_temporarymeasure t
    WHERE t.incident_id = i.id AND t.ended_at IS NULL ORDER BY t.until, t.id LIMIT 1) m ON true
WHERE i.system_id = target.system_id AND i.state IN ('reported', 'triaged', 'contained')
  AND (NOT EXISTS (SELECT FROM incidents_affectedrelease a WHERE a.incident_id = i.id)
       OR i.remedy_release_id = target.release_id
       OR EXISTS (SELECT FROM incidents_affectedrelease a
                  WHERE a.incident_id = i.id AND a.release_id = target.release_id))
"""


# Every line of a plan has a limit, a longest silence or an alert rule: none of them watches nothing.
MONITORING = """
SELECT json_agg(json_build_object('metric', p.metric, 'slice', p.slice, 'silence', p.longest_silence_hours,
    'kind', p.kind, 'newest', (SELECT m.at FROM incidents_measurement m
        WHERE m.system_id = p.system_id AND m.metric = p.metric AND m.slice = p.slice ORDER BY m.at DESC LIMIT 1))
    ORDER BY p.metric, p.slice, p.id)
FROM incidents_monitoringplan p WHERE p.system_id = target.system_id AND p.ended_at IS NULL
"""


def read_monitoring(rows: list[Mapping[str, Any]]) -> tuple[MonitoringFact, ...]:
    """What is watched now, and when it was heard of last."""
    return tuple(
        MonitoringFact(row["metric"], row["slice"], row["silence"], row["kind"], _instant(row["newest"]))
        for row in rows
    )


def read_incidents(rows: list[Mapping[str, Any]]) -> tuple[IncidentFact, ...]:
    """Open incidents."""
    return tuple(
        IncidentFact(
            r["id"],
            r["title"],
            r["severity"],
            r["state"],
            r["remedy"],
            r["measure"] or "",
            _instant(r["measure_until"]),
        )
        for r in rows
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def register() -> None:
    """Tell the policy; called once at start."""
    contribute(Fragment("incidents", INCIDENTS, read_incidents))
    contribute(Fragment("monitoring", MONITORING, read_monitoring))
