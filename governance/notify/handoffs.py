"""Hand-offs to tools other teams work in: pages of an on-call tool, tickets, and pages of a wiki.

A ticket is written by a template, a JSON document whose texts name fields like `{title}`. The template is filled text
by text and written as JSON afterwards, so that no word of a person becomes structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Model

from governance.inputs import Checks
from governance.notify.models import Endpoint, Notice
from governance.notify.topics import Topic

FORM = Endpoint.Form
# What an on-call tool does about an incident, by what happened to it.
PAGED = {
    Topic.INCIDENT_REPORTED: "trigger",
    Topic.INCIDENT_REOPENED: "trigger",
    Topic.INCIDENT_TAKEN_ON: "acknowledge",
    Topic.INCIDENT_OVER: "resolve",
}
FIELDS = ("about", "due", "href", "number", "occurred_at", "text", "title", "topic")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """A tool answered a hand-off: under which key and address the thing is known there."""

    about_model: str
    about_id: int
    tool: str
    key: str
    url: str


# How grave a thing is, in the words of on-call tools, the gravest first.
GRAVITIES = ("critical", "error", "warning", "info")
USUAL = "error"
_documents: dict[Topic, Callable[[Model], str]] = {}
_gravities: dict[str, Callable[[Model], str]] = {}


def write_document(topic: Topic, write: Callable[[Model], str]) -> None:
    """Say how the document of a topic is written, as Markdown, for the wikis that want it; called once at start."""
    _documents[topic] = write


def document(notice: Notice, thing: Model) -> str | None:
    """The document of a notice as it reads now; None where its topic has none."""
    write = _documents.get(Topic(notice.topic))
    return write(thing) if write else None


def grade(label: str, gravity: Callable[[Model], str]) -> None:
    """Say how grave a thing of a model is, one of GRAVITIES; called once at start."""
    _gravities[label] = gravity


def gravity_of(thing: Model) -> str:
    """How grave it is now; `error` where nobody grades such things."""
    judge = _gravities.get(thing._meta.label_lower)
    return judge(thing) if judge else USUAL


def topics_of(form: str) -> frozenset[Topic] | None:
    """The only topics a form has words for; None where it has words for all."""
    if form == FORM.PAGERDUTY:
        return frozenset(PAGED)
    return frozenset(_documents) if form == FORM.WIKI else None


def page(endpoint: Endpoint, notice: Notice, thing: Model) -> dict[str, Any]:
    """An event of PagerDuty's Events API, version 2; all events of one thing have one `dedup_key`."""
    host = settings.PORTAL_URL
    event: dict[str, Any] = {
        "routing_key": endpoint.credential, "event_action": PAGED[Topic(notice.topic)],
        "dedup_key": f"{host.partition('://')[2]}/{notice.about_model}/{notice.about_id}"[:255],
    }  # fmt: skip
    if event["event_action"] != "trigger":
        return event
    return event | {
        "payload": {
            "summary": notice.title[:1024], "source": host, "severity": gravity_of(thing),
            "timestamp": f"{notice.occurred_at:%Y-%m-%dT%H:%M:%SZ}", "custom_details": {"text": notice.text},
        },
        "links": [{"href": host + notice.href, "text": "Open in Countersign"}],
        "client": "Countersign", "client_url": host + notice.href,
    }  # fmt: skip


def fields_of(notice: Notice) -> dict[str, str]:
    """The values a template may name."""
    return {
        "about": f"{notice.about_model} {notice.about_id}", "number": str(notice.about_id), "title": notice.title,
        "text": notice.text, "topic": notice.topic, "href": settings.PORTAL_URL + notice.href,
        "occurred_at": f"{notice.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
        "due": f"{notice.due:%Y-%m-%d}" if notice.due else "",
    }  # fmt: skip


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its fields filled in, once: what a value holds is never read as a field again."""
    if isinstance(template, str):
        return _FIELD.sub(lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, list):
        return [filled(one, values) for one in template]
    if isinstance(template, dict):
        return {name: filled(one, values) for name, one in template.items()}
    return template


def check_template(checks: Checks, template: object) -> Any:
    """A template as it may be kept: a small JSON object that names known fields only."""
    kept = checks.data("template", template)
    if not isinstance(kept, dict) or not kept:
        checks.refuse("template", "Must be a JSON object.")
        return None
    unknown = {name for name in _FIELD.findall(json.dumps(kept)) if name not in FIELDS}
    if unknown:
        checks.refuse(
            "template", f"Names no such field: {', '.join(sorted(unknown))[:200]}. Known: {', '.join(FIELDS)}."
        )
    return kept


def opened(endpoint: Endpoint, notice: Notice, answer: bytes) -> TicketOpened | None:
    """What a ticket tool's answer says about the new ticket; None where it says nothing of use."""
    try:
        found: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    for name in endpoint.answer_key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    key = str(found)
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable() or not endpoint.answer_link:
        return None
    url = endpoint.answer_link.replace("{key}", quote(key, safe=""))
    return TicketOpened(notice.about_model, notice.about_id, endpoint.name, key, url)
