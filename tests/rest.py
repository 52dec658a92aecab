"""A caller of the API for tests: JSON in, JSON out, as one person."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from governance.access.models import User

ROOT = "/api/v1/"


class Caller:
    """One person's session with the API, or one token's calls."""

    def __init__(self, person: User | None = None, *, csrf: bool = False, token: str = "") -> None:
        self.sent = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(enforce_csrf_checks=csrf)
        if person is not None:
            self.client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def call(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        """One call; a body that is no text is sent as JSON, header names are written with underscores."""
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        sent = self.sent | {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("/") else ROOT + path
        return self.client.generic(method, address, data, content_type=content_type, headers=sent)  # type: ignore[return-value]

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """POST."""
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """PATCH, on what is there now unless a header says what was seen."""
        if "If_Match" not in headers:
            headers["If_Match"] = self.get(path).headers.get("ETag", '"nothing"')
        return self.call("PATCH", path, body, **headers)


def problem(response: HttpResponse, status: int, code: str = "") -> dict[str, Any]:
    """The error document of an answer, after checking its form."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    if code:
        assert body["code"] == code, body
    return body


def good(response: HttpResponse, status: int = 200) -> Any:
    """The JSON of a good answer."""
    assert response.status_code == status, (response.status_code, response.content[:800])
    return json.loads(response.content)
