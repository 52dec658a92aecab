"""PagerDuty's webhook, version 3: one event of one incident, signed with HMAC-SHA256 over the body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from incidents.alerts import heard
from incidents.alerts.heard import Heard

_OVER = frozenset({"incident.resolved"})


def signed(body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the signatures in the header (`v1=…, v1=…`) is of the body by one of the secrets."""
    given = [word.strip().removeprefix("v1=") for word in header.split(",")[:10] if word.strip().startswith("v1=")]
    ours = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in ours)


def read(body: Mapping[str, Any]) -> Iterable[Heard]:
    """The incident of the event; a test ping, and events that are no incident's, are none. Raises InvalidInput."""
    event = body.get("event")
    if not isinstance(event, Mapping) or not isinstance(event.get("event_type"), str):
        raise heard.refuse("event", "Must be an event of webhook version 3.")
    data = event.get("data")
    if not event["event_type"].startswith("incident.") or not isinstance(data, Mapping):
        return
    if data.get("type") not in ("incident", "incident_reference"):  # no set: a list has no hash
        return  # a note, a responder: says nothing about whether it fires
    service = data.get("service") if isinstance(data.get("service"), Mapping) else {}
    priority = data.get("priority") if isinstance(data.get("priority"), Mapping) else {}
    start = heard.instant(data.get("created_at"), "event.data.created_at")
    over = event["event_type"] in _OVER or data.get("status") == "resolved"
    end = heard.ended(event.get("occurred_at"), "event.occurred_at", start) if over else None
    labels = {"service": (service or {}).get("summary"), "urgency": data.get("urgency"), "number": data.get("number")}
    yield Heard(
        fingerprint=heard.required(data.get("id"), "event.data.id", 300), starts_at=start,
        ends_at=(end or start) if over else None, name=heard.text(data.get("title"), heard.NAME) or "Incident",
        severity=heard.text((priority or {}).get("summary") or data.get("urgency"), 60),
        labels=heard.labels(labels), link=heard.link(data.get("html_url")),
    )  # fmt: skip
