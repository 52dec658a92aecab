"""The short way answers as the usual way does, and only those who bring their own proof take it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections

from governance.access.models import User
from governance.gate import services
from governance.gate.front import ADDRESS, FOR_BROWSERS, Front
from governance.gate.models import GateCheck
from tests.governance.gate.asking import token
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
QUESTION = {"system": "fraud-scorer", "release": "1.0", "environment": "production"}
MOVING = ("evaluated_at", "valid_until", "request_id")
Answer = tuple[str, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's transaction open between calls, as the test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def text() -> str:
    records.pack()
    owner: User = records.person("olga")
    system = records.system(owner=owner)
    records.release(system, owner)
    return token(owner, system)


def asked(application: Any, header: str | None, query: Any = None, body: Any = None, **environ: Any) -> Answer:
    """One call as a server makes it: status, headers, content."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if body is None else "POST", "PATH_INFO": ADDRESS, "SCRIPT_NAME": "",
        "QUERY_STRING": urlencode(query or {}), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(data)), "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(), "wsgi.input": io.BytesIO(data),
    }  # fmt: skip
    if header is not None:
        given["HTTP_AUTHORIZATION"] = header
    told: list[tuple[str, dict[str, str]]] = []
    answer = application({**given, **environ}, lambda status, headers: told.append((status, dict(headers))))
    content = b"".join(answer)
    answer.close()
    return (*told[0], content)


def settled(answer: Answer) -> tuple[str, dict[str, str], Any]:
    """An answer without what differs from call to call, and without what is about cookies."""
    status, headers, content = answer
    told = {name: value for name, value in headers.items() if name not in {"Content-Length", "Vary", "Set-Cookie"}}
    if "json" not in headers.get("Content-Type", ""):
        return status, told, content
    return status, told, {name: value for name, value in json.loads(content).items() if name not in MOVING}


@pytest.mark.parametrize(
    ("status", "call"),
    [
        (200, {"query": QUESTION}),
        (400, {"query": {**QUESTION, "environment": "moon"}}),
        (404, {"query": {**QUESTION, "system": "nothing"}}),
        (400, {"query": {**QUESTION, "nonsense": "1"}}),
        (409, {"body": QUESTION}),
        (400, {"body": b"{"}),
        (415, {"body": b"a=b", "CONTENT_TYPE": "application/x-www-form-urlencoded"}),
        (200, {"query": QUESTION, "HTTP_ACCEPT": "text/plain"}),
        (406, {"query": QUESTION, "HTTP_ACCEPT": "image/png"}),
        (200, {"query": QUESTION, "REQUEST_METHOD": "HEAD"}),
        (405, {"REQUEST_METHOD": "DELETE"}),
        (400, {"query": QUESTION, "HTTP_HOST": "elsewhere.example"}),
        (200, {"query": QUESTION, "HTTP_COOKIE": "sessionid=made-up; csrftoken=made-up"}),
    ],
)
@pytest.mark.parametrize("presented", ["good", "Bearer x", "Basic b2xnYTpwdw=="])
def test_both_ways_give_the_same_answer(text: str, presented: str, status: int, call: dict[str, Any]) -> None:
    header = f"Bearer {text}" if presented == "good" else presented
    portal = WSGIHandler()
    usual, short = asked(portal, header, **call), asked(Front(portal), header, **call)
    assert settled(short) == settled(usual)
    assert "Set-Cookie" not in short[1]
    if presented == "good":
        assert short[0].startswith(str(status)), short


def test_the_short_way_is_for_calls_with_an_authorization_header_to_the_gate_alone() -> None:
    calls: list[str] = []

    def portal(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        calls.append(environ["PATH_INFO"])
        return []

    front = Front(portal)
    front.gate = lambda environ, start: calls.append("short") or []  # type: ignore[assignment, func-returns-value]
    for environ in (
        {"PATH_INFO": ADDRESS},
        {"PATH_INFO": "/api/v1/systems/", "HTTP_AUTHORIZATION": "Bearer x"},
        {"PATH_INFO": ADDRESS, "HTTP_AUTHORIZATION": "Bearer x"},
    ):
        front(environ, print)
    assert calls == [ADDRESS, "/api/v1/systems/", "short"]


def test_a_check_on_the_short_way_is_kept(text: str) -> None:
    status, _headers, _content = asked(Front(WSGIHandler()), f"Bearer {text}", body=QUESTION)
    assert status == "409 Conflict"
    assert GateCheck.objects.get().decision == "deny"


def test_an_absent_database_is_503_on_the_short_way(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(services, "ask_by_token", away)
    status, headers, _content = asked(Front(WSGIHandler()), f"Bearer {text}", QUESTION)
    assert status == "503 Service Unavailable"
    assert headers["Retry-After"] == "5"


def test_what_the_short_way_leaves_out_is_what_the_settings_have() -> None:
    assert set(settings.MIDDLEWARE) >= FOR_BROWSERS
    assert "django.middleware.security.SecurityMiddleware" not in FOR_BROWSERS
