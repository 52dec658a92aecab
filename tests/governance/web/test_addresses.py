"""Every HTML address, walked from the resolver: signed in or not, and no state is ever changed by GET."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter

from governance.ledger.models import Event
from governance.web.pages import ActionPage, Declared, Page, WritingPage
from tests.inventory.scene import Scene

KNOWN = {"slug": "scorer", "template": "model-card"}


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, type[Page]]]:
    """Address (with made-up arguments) and page class of every page of ours."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            page = getattr(entry.callback, "view_class", None)
            if isinstance(page, type) and issubclass(page, Page):
                yield filled(prefix, entry), page


def filled(prefix: str, entry: URLPattern) -> str:
    """The address with values that name the scene's system where they can."""
    route = prefix + str(entry.pattern)
    for name, converter in entry.pattern.converters.items():
        value = "1" if isinstance(converter, IntConverter) else KNOWN.get(name, "x")
        kind = {IntConverter: "int", SlugConverter: "slug", StringConverter: "str"}.get(type(converter), "uuid")
        value = "00000000-0000-4000-8000-000000000000" if kind == "uuid" else value
        route = route.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
    return f"/{route}"


PAGES = sorted(walk(get_resolver()), key=lambda pair: pair[0])


def test_there_are_pages_to_walk() -> None:
    assert len(PAGES) > 20


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address for address, _ in PAGES])
def test_strangers_are_sent_to_sign_in(db: None, client: Client, address: str, view: type[Page]) -> None:
    for method in ("get", "post"):
        response = getattr(client, method)(address)
        if view.permission is Declared.PUBLIC:
            assert response.status_code != 500
        else:
            assert response.status_code == 302
            assert response["Location"].startswith("/accounts/login/")


def status(answer: Any) -> int:
    """The status of an answer nobody reads; the files behind it are let go, as a server does."""
    for close in answer._resource_closers:
        close()
    return int(answer.status_code)


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address for address, _ in PAGES])
def test_get_changes_nothing_and_wrong_methods_are_refused(
    scene: Scene, client: Client, address: str, view: type[Page]
) -> None:
    client.force_login(scene.governor)
    before = Event.objects.count()
    assert status(client.get(address)) in (
        {405} if issubclass(view, ActionPage) else {200, 302, 400, 403, 404, 405, 409, 503}
    )
    assert status(client.head(address)) != 500
    for method in ("put", "patch", "delete", "options", "trace"):
        assert getattr(client, method)(address).status_code == 405
    assert Event.objects.count() == before
    if not issubclass(view, WritingPage):
        assert client.post(address).status_code == 405


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address for address, _ in PAGES])
def test_a_post_without_the_token_of_the_session_is_refused(scene: Scene, address: str, view: type[Page]) -> None:
    if not issubclass(view, WritingPage):
        return
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.governor)
    before = Event.objects.count()
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert Event.objects.count() == before
