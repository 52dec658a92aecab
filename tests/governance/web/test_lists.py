"""One machinery for the lists people work in: columns and filters in the address, kept under names, shared."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.web.lists import LISTINGS, listing
from inventory.list_views import views_of
from inventory.models import SavedView
from inventory.services.list_views import save_view
from tests.inventory.scene import Scene
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db

PAGES = {
    "systems": ("/systems/", "vendor", "phase=pilot"),
    "risks": ("/risks/", "area", "state=treated"),
    "findings": ("/findings/", "verified", "category=data"),
    "changes": ("/changes/", "ratification", "materiality=minor"),
    "incidents": ("/incidents/", "resolved", "led=me"),
}


def test_the_five_lists_are_declared_and_no_other() -> None:
    assert [one.key for one in LISTINGS] == list(PAGES)


@pytest.mark.parametrize("key", PAGES)
def test_each_list_takes_columns_and_keeps_views_and_refuses_what_it_has_not(scene: Scene, key: str) -> None:
    page, column, narrowed = PAGES[key]
    client = Client()
    client.force_login(scene.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"{page}?columns={column}").status_code == 200
    assert client.get(f"{page}?columns=colour").status_code == 400
    told = {"of": key, "name": "Mine", "query": f"{narrowed}&columns={column}&after=x", "shared": "unit"}
    answer = client.post("/views/save/", {**told, "unit": scene.cards.slug})
    assert answer["Location"] == f"{page}?{narrowed}&columns={column}"
    shown = client.get(answer["Location"]).content.decode()
    assert "Mine" in shown
    assert "Remove filter" in shown
    assert [view.name for view in views_of(scene.developer, key)] == ["Mine"]
    for other in PAGES.keys() - {key}:
        assert not views_of(scene.owner, other)
    assert client.post("/views/save/", {**told, "shared": "nobody", "query": "colour=red"}).status_code == 400
    dropped = client.post(f"/views/{SavedView.objects.get().pk}/drop/")
    assert dropped["Location"] == page


def test_the_usual_columns_are_columns_of_the_list() -> None:
    for one in LISTINGS:
        assert set(one.usual) <= set(one.columns)
        assert list(one.shown(["state"]) or ()) == (["state"] if "state" in one.columns else [])
    assert listing("people") is None


def test_views_of_any_list_over_rest(scene: Scene) -> None:
    caller = Caller(scene.owner)
    made = good(caller.post("list-views/", {"of": "risks", "name": "Late", "query": "late=on"}), 201)
    assert made["of"] == "risks"
    problem(caller.post("list-views/", {"of": "people", "name": "x", "query": ""}), 400)
    save_view(person=scene.owner, of="changes", name="All", query="state=all")
    assert [one["name"] for one in good(caller.get("list-views/?of=changes"))["results"]] == ["All"]
