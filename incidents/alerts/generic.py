"""JSON of any other tool, in the portal's own words; a mapping names where a tool of your own keeps them.

    {"alerts": [{"fingerprint": …, "status": "firing", "starts_at": …, "name": …, "system": …, "severity": …}]}

With `mapping`, a list is taken from the place `alerts` names, and each field from its own place in an item:

    {"mapping": {"alerts": "data.events", "fingerprint": "id", "name": "rule.title", "starts_at": "time"}, "data": …}

For some tools the mapping is shipped; the address names it, and the body is what the tool posts anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from incidents.alerts import heard
from incidents.alerts.heard import Heard
from incidents.alerts.mappings import SHIPPED

FIELDS = (
    "fingerprint", "status", "starts_at", "ends_at", "name", "summary", "severity", "system", "metric", "slice", "link",
)  # fmt: skip
_LAST_SECOND = 200_000_000_000
OVER = frozenset({"resolved", "closed", "ok", "normal", "recovered", "inactive"})


def read(body: Mapping[str, Any]) -> Iterable[Heard]:
    """Every alert of a body. Raises InvalidInput."""
    mapping = body.get("mapping")
    if mapping is None:
        for place, item in enumerate(heard.listed(body, "alerts")):
            unknown = sorted(set(item) - {*FIELDS, "labels"})
            if unknown:
                raise heard.refuse(f"alerts.{place}.{unknown[0][:60]}", "Is no field of an alert.")
            yield _one(item, f"alerts.{place}", heard.labels(item.get("labels")))
        return
    places = _places(mapping)
    found = at(body, places["alerts"]) if "alerts" in places else [body]
    for place, item in enumerate(heard.listed({"alerts": found}, "alerts")):
        values = {name: at(item, path) for name, path in places.items() if name != "alerts"}
        yield _one(values, f"alerts.{place}", {})


def read_shipped(body: Mapping[str, Any], mapping: str) -> Iterable[Heard]:
    """Every alert of what a tool posts, by the mapping shipped for it. Raises InvalidInput."""
    known = SHIPPED.get(mapping)
    if known is None:
        raise heard.refuse("mapping", f"Must be one of: {', '.join(sorted(SHIPPED))}.")
    found = at(body, known.alerts) if known.alerts else [body]
    for place, item in enumerate(heard.listed({"alerts": found}, "alerts")):
        values = {name: _first(item, paths) for name, paths in known.places.items()}
        labels = heard.labels({name: _first(item, paths) for name, paths in known.labels.items()})
        for name in ("starts_at", "ends_at"):
            values[name] = _written(values[name])
        yield _one(values, f"alerts.{place}", labels)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path, numbers being places in lists; None where it leads nowhere."""
    for word in path.split("."):
        if isinstance(value, list) and word.isascii() and word.isdigit() and len(word) < 4:
            value = value[int(word)] if int(word) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(word)
        else:
            return None
    return value


def _first(item: Mapping[str, Any], paths: Iterable[str]) -> Any:
    """The first thing that stands at one of the paths."""
    return next((found for path in paths if (found := at(item, path)) not in (None, "")), None)


def _written(value: Any) -> Any:
    """Seconds since 1970 as an instant in words; anything else as it is."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LAST_SECOND:
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value


def _places(mapping: object) -> dict[str, str]:
    if not isinstance(mapping, Mapping) or not mapping:
        raise heard.refuse("mapping", "Must be an object of field and path.")
    for name, path in mapping.items():
        if name not in {*FIELDS, "alerts"} or not isinstance(path, str) or not 0 < len(path) <= 200:
            raise heard.refuse(f"mapping.{str(name)[:60]}", f"Must be the path of one of: alerts, {', '.join(FIELDS)}.")
    return dict(mapping)


def _one(item: Mapping[str, Any], where: str, labels: dict[str, str]) -> Heard:
    start = heard.instant(item.get("starts_at"), f"{where}.starts_at")
    end = heard.ended(item.get("ends_at"), f"{where}.ends_at", start)
    over = str(item.get("status", "firing")).lower() in OVER
    named = {name: heard.text(item.get(name), heard.LABEL) for name in ("system", "metric", "slice")}
    return Heard(
        fingerprint=heard.required(item.get("fingerprint"), f"{where}.fingerprint", 300),
        starts_at=start, ends_at=(end or start) if over else end,
        name=heard.text(item.get("name"), heard.NAME) or "Alert",
        summary=heard.text(item.get("summary"), heard.SUMMARY, lines=True),
        severity=heard.text(item.get("severity"), 60),
        labels=labels | {name: word for name, word in named.items() if word}, link=heard.link(item.get("link")),
    )  # fmt: skip
