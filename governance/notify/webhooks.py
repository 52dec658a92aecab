"""Webhooks: what is sent to other systems, signed, and to chat services in the form they read."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from django.conf import settings

from governance.notify import handoffs, outgoing
from governance.notify.mail import NotSent, Unsure
from governance.notify.models import Delivery, Endpoint, Notice
from governance.notify.outgoing import Answer
from governance.notify.spreading import about
from governance.notify.topics import Topic
from governance.web.days import last_day

FORM = Endpoint.Form
HAND_OFFS = frozenset({FORM.PAGERDUTY, FORM.TICKET, FORM.WIKI})
UNAVAILABLE = 503
PURPOSE = b"governance.notify.webhook 1"


def secret(endpoint: Endpoint) -> str:
    """What the endpoint's signatures are made with: derived, so that it is kept nowhere."""
    key = (settings.WEBHOOK_KEY or settings.SECRET_KEY).encode()
    return "whsec_" + hmac.new(key, PURPOSE + endpoint.seed.bytes, hashlib.sha256).hexdigest()


def signature(text: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, as hexadecimal digits."""
    return hmac.new(text.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def body_of(delivery: Delivery) -> bytes:
    """What is sent: the same bytes at every attempt, but for a wiki, which gets the page as it reads by then, and
    an on-call tool, which hears how grave the thing is by then.

    Raises NotSent, finally, for a topic the wiki has no page for.
    """
    endpoint, notice = delivery.endpoint, delivery.notice
    assert endpoint is not None  # noqa: S101  a delivery is to a person or to an endpoint
    if endpoint.form == FORM.WIKI:
        page = handoffs.document(notice, about(notice))
        if page is None:
            raise NotSent("There is no page of this topic.", final=True)
        return page.encode()
    value = _value(delivery, endpoint, notice)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _value(delivery: Delivery, endpoint: Endpoint, notice: Notice) -> Any:
    if endpoint.form == FORM.SLACK:
        return _slack(notice)
    if endpoint.form == FORM.TEAMS:
        return _teams(notice)
    if endpoint.form == FORM.PAGERDUTY:
        return handoffs.page(endpoint, notice, about(notice))
    if endpoint.form == FORM.TICKET:
        return handoffs.filled(endpoint.template, handoffs.fields_of(notice))
    return _document(delivery, notice)


def post(delivery: Delivery, body: bytes, now: datetime) -> Answer:
    """Hand it over once. Raises NotSent for every answer that is not a 2xx, and for none.

    The receiver tells a repetition by the delivery's id, or by what it is about, so a lost answer is no reason not to
    try again. A ticket tool cannot tell: where a ticket may have been opened, Unsure is raised.
    """
    endpoint = delivery.endpoint
    assert endpoint is not None  # noqa: S101
    timestamp = str(int(now.timestamp()))
    wiki, ticket = endpoint.form == FORM.WIKI, endpoint.form == FORM.TICKET
    kind = "text/markdown; charset=utf-8" if wiki else "application/json"
    headers = {"Content-Type": kind, "User-Agent": "Countersign"}
    if (wiki or ticket) and endpoint.credential:
        headers["Authorization"] = endpoint.credential
    if endpoint.form == Endpoint.Form.JSON:
        headers |= {
            "Countersign-Delivery": str(delivery.pk),
            "Countersign-Event": delivery.notice.topic,
            "Countersign-Timestamp": timestamp,
            "Countersign-Signature": f"v1={signature(secret(endpoint), timestamp, body)}",
        }
    url = endpoint.url.replace("{id}", str(delivery.notice.about_id)) if wiki else endpoint.url
    try:
        answer = outgoing.send("PUT" if wiki else "POST", url, body=body, headers=headers)
    except (outgoing.Refused, outgoing.Unreachable) as error:
        silent = isinstance(error, outgoing.Unreachable)
        if ticket and isinstance(error, outgoing.Unheard):
            raise Unsure(str(error), silent=silent) from error
        raise NotSent(str(error), silent=silent) from error
    if not 200 <= answer.status < 300:
        words = f"{endpoint.host} answered {answer.status}."
        if ticket and answer.status >= 500 and answer.status != UNAVAILABLE:
            raise Unsure(words)
        handed_over = endpoint.form in HAND_OFFS
        raise NotSent(words, final=answer.status == 410 or (handed_over and 400 <= answer.status < 429))
    return answer


def _document(delivery: Delivery, notice: Notice) -> dict[str, Any]:
    return {
        "delivery": str(delivery.pk),
        "topic": notice.topic,
        "occurred_at": f"{notice.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
        "title": notice.title,
        "text": notice.text,
        "due": f"{notice.due:%Y-%m-%dT%H:%M:%SZ}" if notice.due else None,
        "href": settings.PORTAL_URL + notice.href,
        "about": {"kind": notice.about_model, "id": notice.about_id},
    }


def _slack(notice: Notice) -> dict[str, Any]:
    link = f"<{settings.PORTAL_URL}{notice.href}|{_for_slack(notice.title)}>"
    lines = [f"*{Topic(notice.topic).words}*", link, _for_slack(notice.text), _due(notice)]
    return {
        "text": f"{Topic(notice.topic).words}: {_for_slack(notice.title)}",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(line for line in lines if line)[:3000]}}
        ],
    }


def _for_slack(text: str) -> str:
    """Words of people cannot mention, link or format."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")
    return "".join(f"\u200b{c}" if c in "*_~`@" else c for c in plain)


def _teams(notice: Notice) -> dict[str, Any]:
    """An adaptive card; texts are shown as they are, because a rich text block knows no markup."""
    lines = [Topic(notice.topic).words, notice.title, notice.text, _due(notice)]
    blocks = [
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": line, "weight": "Default" if n else "Bolder"}],
        }
        for n, line in enumerate(line for line in lines if line)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": settings.PORTAL_URL + notice.href}],
    }  # fmt: skip
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _due(notice: Notice) -> str:
    return f"Due {last_day(notice.due):%-d %b %Y}" if notice.due else ""
