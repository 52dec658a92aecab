"""Idempotency-Key on creation: the same call twice, also at once, has one effect and one answer.

The key is inserted first in the creation's own transaction, so that a second call waits for the first to commit and
then finds its answer; if the first is refused, its key vanishes with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from governance.access.models import User
from governance.canonical import digest
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Reason
from governance.rest.models import IdempotentAnswer

KEPT = timedelta(days=1)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a creation answered: enough to answer again."""

    status: int
    location: str
    etag: str
    body: Any


def key_of(request: Request | HttpRequest) -> str | None:
    """The caller's key, or None. Raises InvalidInput for one that is no short printable word."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput({"Idempotency-Key": ["Must be 1 to 200 printable characters without blanks."]})
    return key


def once(person: User, key: str, path: str, body: Any, create: Callable[[], Answer]) -> Answer:
    """Run `create` the first time `key` comes with this path and body; afterwards give the same answer.

    Must run inside the creation's transaction. Raises Conflict `idempotency` when the key came with another request.
    """
    now = portal_now()
    asked = digest([path, json.dumps(body, sort_keys=True)])
    IdempotentAnswer.objects.filter(person=person, created_at__lte=now - KEPT).delete()
    kept = IdempotentAnswer(person=person, key=key, request_digest=asked, created_at=now)
    IdempotentAnswer.objects.bulk_create([kept], ignore_conflicts=True)
    row = IdempotentAnswer.objects.select_for_update().get(person=person, key=key)
    if row.request_digest != asked:
        raise Conflict(Reason("idempotency", "This Idempotency-Key was used for another request; take a new one."))
    if row.status:
        return Answer(row.status, row.location, row.etag, json.loads(row.body))
    answer = create()
    row.status, row.location, row.etag = answer.status, answer.location, answer.etag
    row.body = JSONRenderer().render(answer.body).decode()
    row.save(update_fields=["status", "location", "etag", "body"])
    return answer
