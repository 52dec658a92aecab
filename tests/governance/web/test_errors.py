"""Refusals and faults as pages: the right status, the reasons, and nothing of the inside."""

from __future__ import annotations

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.web.errors import Precondition
from governance.web.middleware import RefusalMiddleware
from tests.governance.access.people import person

WHY = Reason("sod.owner", "You own this system.")


def answer_to(error: Exception, path: str = "/somewhere/") -> HttpResponse | None:
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    return middleware.process_exception(RequestFactory().get(path), error)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotVisible(), 404), (Http404("secret"), 404), (Forbidden(WHY), 403), (PermissionDenied("secret"), 403),
        (Conflict(WHY), 409), (IntegrityError("secret"), 409), (InvalidInput({"name": ["Is required."]}), 400),
        (BadRequest("secret"), 400), (DataError("secret"), 400), (RequestDataTooBig("secret"), 413),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "secret"), 400), (Precondition(), 428),
        (OperationalError("secret"), 503), (InterfaceError("secret"), 503),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)  # fmt: skip
def test_every_refusal_has_its_status_and_tells_nothing_of_the_inside(error: Exception, status: int) -> None:
    response = answer_to(error)
    assert response is not None
    assert response.status_code == status
    assert b"secret" not in response.content


def test_a_refusal_page_says_why() -> None:
    for error in (Forbidden(WHY), Conflict(WHY)):
        response = answer_to(error)
        assert response is not None
        assert b"You own this system." in response.content


def test_a_fault_of_ours_is_not_dressed_up_as_a_refusal() -> None:
    assert answer_to(KeyError("bug")) is None


def test_the_api_answers_for_itself() -> None:
    assert answer_to(Conflict(WHY), "/api/v1/systems/") is None


def test_an_absent_database_says_when_to_come_back() -> None:
    response = answer_to(OperationalError("gone"))
    assert response is not None
    assert response["Retry-After"] == "5"


@pytest.mark.django_db
def test_unknown_addresses_get_the_same_bytes_signed_in_or_not(client: Client) -> None:
    first, second = client.get("/no/such/page/"), client.get("/another/one/")
    assert first.status_code == 404
    assert first.content == second.content


@pytest.mark.parametrize("address", ["/?q=%00", "/a%00b/"])
def test_a_nul_in_the_address_is_bad_input(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_my_work_sends_strangers_to_sign_in_and_remembers_where_they_wanted_to_go(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/"


def test_the_theme_is_not_changed_by_get_nor_with_fields_that_do_not_exist(client: Client) -> None:
    assert User.Theme.values == ["light", "dark"]
    assert client.get("/preferences/theme/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/password/reset/", "/admin/", "/healthz"])
def test_no_page_answers_another_method(path: str, method: str) -> None:
    response = Client(enforce_csrf_checks=True).generic(method.upper(), path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/systems/", "/ledger/", "/accounts/password/change/", "/admin/", "/nowhere/"])
def test_no_browser_or_proxy_keeps_a_copy_of_a_page(client: Client, path: str) -> None:
    client.force_login(person("reader"))
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/"])
def test_a_body_nobody_needed_does_not_end_the_connection(path: str) -> None:
    request = RequestFactory().post(path, b"x" * 100_000, content_type="text/plain")
    RefusalMiddleware(lambda _: HttpResponse(status=404))(request)
    assert request.read(1) == b""
