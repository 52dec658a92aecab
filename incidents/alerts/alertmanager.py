"""Prometheus Alertmanager's webhook, version 4; Grafana's contact point sends the same form with a few more fields.

The group's own status and `truncatedAlerts` say nothing about an alert that is not in the list: an inhibited alert
never gets a resolved call of its own. Only what each listed alert says of itself counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from incidents.alerts import heard
from incidents.alerts.heard import Heard


def read(body: Mapping[str, Any]) -> Iterable[Heard]:
    """Every alert of a notification. Raises InvalidInput."""
    for place, alert in enumerate(heard.listed(body, "alerts")):
        yield _one(alert, f"alerts.{place}")


def _one(alert: Mapping[str, Any], where: str) -> Heard:
    status = alert.get("status")
    if status not in ("firing", "resolved"):  # no set: a list has no hash
        raise heard.refuse(f"{where}.status", "Must be firing or resolved.")
    labels = heard.labels(alert.get("labels"))
    notes = heard.labels(alert.get("annotations"))
    start = heard.instant(alert.get("startsAt"), f"{where}.startsAt")
    end = heard.ended(alert.get("endsAt"), f"{where}.endsAt", start)
    return Heard(
        fingerprint=heard.required(alert.get("fingerprint"), f"{where}.fingerprint", 300),
        starts_at=start,
        # Grafana and Alertmanager put a time-out into `endsAt` of alerts that fire.
        ends_at=(end or start) if status == "resolved" else None,
        name=labels.get("alertname", "")[: heard.NAME] or "Alert",
        summary="\n".join(notes[name] for name in ("summary", "description", "message") if name in notes),
        severity=labels.get("severity", "")[:60],
        labels=labels,
        link=heard.link(notes.get("runbook_url"), alert.get("panelURL"), alert.get("generatorURL")),
    )
