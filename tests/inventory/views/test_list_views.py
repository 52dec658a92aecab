"""Lists people like: columns chosen, kept under a name, shared, and in the file as on the page."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.lifecycle import Forbidden
from inventory.list_views import views_of
from inventory.models import SavedView
from inventory.services.list_views import drop_view, save_view
from tests.governance.access.people import appoint, join, person
from tests.inventory.scene import Scene
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def names(who: User) -> list[str]:
    return [view.name for view in views_of(who, "systems")]


def streamed(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_columns_stand_in_the_address_and_files_have_the_same(scene: Scene) -> None:
    client = browser(scene.owner)
    page = client.get("/systems/?columns=vendor&columns=impact").content.decode()
    assert '<th scope="col">Vendor</th>' in page
    assert '<th scope="col">Tier</th>' not in page
    assert client.get("/systems/?columns=colour").status_code == 400
    assert client.get("/systems/?phase=pilot&phase=planned").status_code == 400
    rows = list(csv.reader(io.StringIO(streamed(client.get("/systems/export/?columns=vendor&columns=release")))))
    assert rows[0] == ["System", "Name", "Latest release", "State of it", "Vendor"]
    told = json.loads(streamed(client.get("/systems/export/json/?columns=owner")))
    assert told == [{"System": "scorer", "Name": "Scorer", "Owner": "Owner"}]
    assert "Purpose" in streamed(client.get("/systems/export/"))


def test_a_view_is_kept_for_oneself_opened_replaced_and_dropped(scene: Scene) -> None:
    client, before = browser(scene.owner), Event.objects.count()
    saved = {"of": "systems", "name": "My pilots", "query": "phase=pilot&columns=vendor&columns=tier&after=x"}
    answer = client.post("/views/save/", saved)
    assert answer["Location"] == "/systems/?phase=pilot&columns=vendor&columns=tier"
    assert "My pilots" in client.get(answer["Location"]).content.decode()
    client.post("/views/save/", {**saved, "query": "phase=planned"})
    view = SavedView.objects.get()
    assert (view.query, names(scene.owner), names(scene.developer)) == ("phase=planned", ["My pilots"], [])
    assert browser(scene.developer).post(f"/views/{view.pk}/drop/").status_code == 404
    assert client.post(f"/views/{view.pk}/drop/").status_code == 302
    assert not SavedView.objects.exists()
    assert Event.objects.count() == before, "nothing of it is governed"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"query": "colour=red"}, {"query": "phase=asleep"}, {"of": "people"}, {"shared": "unit"},
     {"shared": "world"}, {"query": "q=" + "x" * 3000}],
)  # fmt: skip
def test_only_what_the_list_takes_is_kept(scene: Scene, wrong: dict[str, str]) -> None:
    answer = browser(scene.owner).post("/views/save/", {"of": "systems", "name": "x", "query": "", **wrong})
    assert answer.status_code == 400
    assert not SavedView.objects.exists()


def test_a_unit_sees_what_is_shared_with_it_and_nobody_sees_more_rows(scene: Scene) -> None:
    save_view(person=scene.owner, of="systems", name="Cards", query="", shared="unit", unit=scene.cards)
    assert names(scene.developer) == ["Cards"]
    assert names(scene.stranger) == []
    elsewhere = person("elsewhere")
    appoint(elsewhere, Role.VIEWER, system=scene.foreign)
    assert names(elsewhere) == []
    with pytest.raises(InvalidInput):
        save_view(person=elsewhere, of="systems", name="Cards", query="", shared="unit", unit=scene.cards)
    with pytest.raises(Forbidden):
        drop_view(person=scene.developer, view=SavedView.objects.get())
    drop_view(person=scene.governor, view=SavedView.objects.get())


def test_only_governance_shares_with_everybody(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        save_view(person=scene.owner, of="systems", name="All", query="", shared="everybody")
    save_view(person=scene.governor, of="systems", name="All", query="order=name", shared="everybody")
    assert names(scene.stranger) == ["All"]
    assert names(join(person("eve"), OrganisationRole.EXAMINER)) == ["All"]


def test_the_same_over_rest(scene: Scene) -> None:
    caller = Caller(scene.owner)
    body = {"of": "systems", "name": "Pilots", "query": "phase=pilot"}
    made = good(caller.post("list-views/", {**body, "shared": "unit", "unit": "cards"}), 201)
    assert (made["query"], made["unit"], made["person"]) == ("phase=pilot", "cards", "owner")
    assert [row["name"] for row in good(Caller(scene.viewer).get("list-views/?of=systems"))["results"]] == ["Pilots"]
    problem(Caller(scene.viewer).call("DELETE", f"list-views/{made['id']}/"), 403)
    problem(Caller(scene.stranger).call("DELETE", f"list-views/{made['id']}/"), 404)
    problem(caller.post("list-views/", {**body, "query": "colour=red"}), 400)
    assert caller.call("DELETE", f"list-views/{made['id']}/").status_code == 204
