"""A pipeline for tests: a token, and questions to the gate with it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client

from governance.access.models import Token, User
from governance.access.tokens import fresh_token
from governance.database.clock import portal_now
from inventory.models import System, TokenLimit, Unit
from tests.governance.policy import records

ADDRESS = "/api/v1/gate/"


def token(sponsor: User, *reach: System | Unit, scopes: tuple[str, ...] = ("gate:check",), days: int = 30) -> str:
    """A machine's token for these systems or units."""
    fresh = fresh_token()
    with records.write():
        now = portal_now()
        name = f"ci-{User.objects.count()}"
        machine = User.objects.create(username=name, name=name, kind="machine", sponsor=sponsor)
        made = Token.objects.create(
            digest=fresh.digest, token_key=fresh.key, user=machine, name=name, scopes=list(scopes), minted_by=sponsor,
            created=now, expiry=now + timedelta(days=days),
        )  # fmt: skip
        for where in reach:
            TokenLimit.objects.create(token=made, **{"system" if isinstance(where, System) else "unit": where})
    return fresh.text


class Pipeline:
    """Asks with one token (None: with none, or the client's session)."""

    def __init__(self, text: str | None, client: Client | None = None) -> None:
        self.headers = {"Authorization": f"Bearer {text}"} if text is not None else {}
        self.client = client or Client()

    def get(self, query: dict[str, Any], **headers: str) -> Any:
        """Report."""
        sent = self.headers | headers
        return self.client.get(ADDRESS, query, headers=sent)

    def post(self, body: Any, *, content_type: str = "application/json", **headers: str) -> Any:
        """Enforce."""
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(ADDRESS, data, content_type=content_type, headers=sent)

    def decision(self, **question: Any) -> dict[str, Any]:
        """The document GET and POST agree on, after checking that they do."""
        told = self.get(question)
        assert told.status_code == 200, told.content
        document: dict[str, Any] = json.loads(told.content)
        enforced = self.post(question)
        refused = document["decision"] == "deny" and document["enforced"]
        assert enforced.status_code == (409 if refused else 200), enforced.content
        moving = {"evaluated_at", "valid_until"}
        body = json.loads(enforced.content)
        assert {k: v for k, v in body.items() if k not in moving} == {
            k: v for k, v in document.items() if k not in moving
        }
        text = self.get(question, Accept="text/plain").content.decode()
        assert text.split()[0] == document["decision"].upper()
        unmet = [line["id"] for line in document["requirements"] if line["status"] == "unmet"]
        assert [line.split(":")[0] for line in text.splitlines()[1:] if not line.startswith("closes ")] == unmet
        return document


def unmet(document: dict[str, Any]) -> dict[str, str]:
    """Unmet requirement → reason."""
    return {line["id"]: line["reason"] for line in document["requirements"] if line["status"] == "unmet"}
