"""The matrix of doors: what each declares stands in a file, and each door is tried by people it must turn away."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.test import Client

from governance.access.models import User
from tests.architecture.doors import CLOSED, LIBRARY, UNDECLARED, DoorWay, as_toml, doorways
from tests.architecture.keys import filled
from tests.governance.access.people import person

PAGE = Path(__file__).parent / "matrix.toml"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
PUBLIC = {"/healthz", "/readyz", "/metrics"}


def written() -> set[DoorWay]:
    page = tomllib.loads(PAGE.read_text())
    return {DoorWay(route, method, said) for route, row in page.items() for method, said in row.items()}


def ours(*, but: tuple[str, ...] = (LIBRARY, CLOSED, "public")) -> list[DoorWay]:
    return [way for way in doorways() if way.declared not in but]


def method_of(way: DoorWay) -> str:
    return "GET" if way.method == "ANY" else way.method


def is_api(way: DoorWay) -> bool:
    return way.route.startswith(("/api/", "/^api/"))


def test_every_door_declares_who_may_use_it() -> None:
    assert [way for way in doorways() if UNDECLARED in way.declared] == []


def test_the_doors_and_the_page_agree() -> None:
    coded = set(doorways())
    assert {"new or changed": sorted(coded - written()), "gone": sorted(written() - coded)} == {
        "new or changed": [],
        "gone": [],
    }, f"if this is meant, the page reads:\n{as_toml(doorways())}"


def test_only_named_doors_are_open_to_everybody() -> None:
    assert {way.route for way in doorways() if way.declared == "public"} == PUBLIC


@pytest.mark.django_db
def test_nobody_gets_in_without_signing_in() -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for way in ours():
        address = filled(way.route, exists=False)
        answer = client.generic(method_of(way), address, data="{}", content_type="application/json")
        expected = 401 if is_api(way) else 302
        if answer.status_code != expected or (expected == 302 and "/login/" not in answer["Location"]):
            wrong.append((method_of(way), address, answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_a_page_that_changes_something_answers_no_get() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=person("operator", is_superuser=True, is_staff=True).pk), backend=BACKEND)
    by_route: dict[str, set[str]] = {}
    for way in ours():
        by_route.setdefault(way.route, set()).add(way.method)
    wrong = []
    for route, methods in by_route.items():
        if not methods <= set(WRITING):
            continue
        answer = client.get(filled(route, exists=False))
        if answer.status_code != 405:
            wrong.append((route, answer.status_code))
    assert wrong == []


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
