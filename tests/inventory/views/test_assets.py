"""Assets through the web, the admin and the API: one answer, whichever door."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from governance.access.vocabulary import Scope
from governance.ledger.models import Denial
from inventory.models import Asset, Dependency
from inventory.services.assets import add_asset_version, create_asset, withdraw_asset
from inventory.services.dependencies import create_dependency
from tests.inventory.scene import Scene, mint
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEW = {"name": "Customer master", "permission": "granted", "personal_data": "yes", "synthetic": "not_stated"}


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)  # type: ignore[arg-type]
    return client


@pytest.fixture
def asset(scene: Scene) -> Asset:
    made = create_asset(actor=scene.owner, unit=scene.cards, kind="dataset", name="Customer master")
    add_asset_version(actor=scene.owner, asset=made, version="1")
    return made


def test_an_owner_registers_an_asset_on_the_page_of_its_kind(scene: Scene) -> None:
    client = signed_in(scene.owner)
    page = client.get("/assets/new/?kind=dataset").content.decode()
    assert "What the permission rests on" in page
    assert "Contract" not in page
    answer = client.post("/assets/new/?kind=dataset", {**NEW, "unit": scene.cards.pk})
    assert answer["Location"] == "/assets/customer-master/"
    assert client.get("/assets/customer-master/").status_code == 200
    assert client.post("/assets/new/?kind=dataset", {**NEW, "unit": scene.foreign.unit_id}).status_code == 400


def test_who_may_not_register_is_told_and_noted(scene: Scene) -> None:
    assert signed_in(scene.viewer).get("/assets/new/?kind=dataset").status_code == 403
    assert signed_in(scene.viewer).post("/assets/new/?kind=dataset", NEW).status_code == 403
    assert Denial.objects.filter(verb="asset.create").count() == 1
    assert signed_in(scene.owner).get("/assets/new/?kind=castle").status_code == 400
    assert "Prompt" in signed_in(scene.owner).get("/assets/new/").content.decode()


def test_pages_of_an_asset_are_shown_to_who_may_see_it_and_to_nobody_else(scene: Scene, asset: Asset) -> None:
    pages = ("", "edit/", "versions/new/", "dependencies/new/", "blast-radius/")
    for path in pages:
        assert signed_in(scene.owner).get(f"/assets/{asset.slug}/{path}").status_code == 200, path
        assert signed_in(scene.stranger).get(f"/assets/{asset.slug}/{path}").status_code == 404, path
        expected = 200 if path in {"", "blast-radius/"} else 403
        assert signed_in(scene.viewer).get(f"/assets/{asset.slug}/{path}").status_code == expected, path


def test_the_list_is_filtered_and_searched(scene: Scene, asset: Asset) -> None:
    create_asset(actor=scene.owner, unit=scene.cards, kind="library", name="Solver", licence="MIT")
    client = signed_in(scene.owner)
    assert "Customer master" in client.get("/assets/?q=custom&unit=bank&kind=dataset").content.decode()
    assert "Customer master" not in client.get("/assets/?kind=library").content.decode()
    assert "Solver" in client.get("/assets/?q=MIT").content.decode()
    assert client.get("/assets/?colour=red").status_code == 400
    assert "Customer master" not in signed_in(scene.stranger).get("/assets/").content.decode()


def test_a_dependency_is_said_on_the_system_page_and_ended_there(scene: Scene, asset: Asset) -> None:
    client = signed_in(scene.owner)
    said = {"on_asset": asset.slug, "relation": "trained_on", "version": "", "note": "", "on_system": ""}
    answer = client.post("/systems/scorer/dependencies/new/", said)
    assert answer["Location"] == "/systems/scorer/?tab=dependencies"
    tab = client.get("/systems/scorer/?tab=dependencies").content.decode()
    assert "Customer master" in tab
    assert "newest: 1" in tab
    assert client.post("/systems/scorer/dependencies/new/", said).status_code == 409
    both = {**said, "on_system": "scorer"}
    assert client.post("/systems/scorer/dependencies/new/", both).status_code == 400
    unknown = client.post("/systems/scorer/dependencies/new/", {**said, "on_asset": "none"})
    assert "No asset you may see has this address." in unknown.content.decode()
    edge = Dependency.objects.get()
    assert signed_in(scene.viewer).post(f"/dependencies/{edge.pk}/end/").status_code == 403
    assert signed_in(scene.stranger).post(f"/dependencies/{edge.pk}/end/").status_code == 404
    assert client.post(f"/dependencies/{edge.pk}/end/").status_code == 302
    assert "Nothing is recorded." in client.get("/systems/scorer/?tab=dependencies").content.decode()


def test_an_asset_is_withdrawn_on_its_page_with_a_reason(scene: Scene, asset: Asset) -> None:
    client = signed_in(scene.owner)
    assert client.post(f"/assets/{asset.slug}/move/", {"verb": "withdraw", "reason": ""}).status_code == 400
    assert client.post(f"/assets/{asset.slug}/move/", {"verb": "withdraw", "reason": "Ended."}).status_code == 302
    page = client.get(f"/assets/{asset.slug}/").content.decode()
    assert "Ended." in page
    assert client.post(f"/assets/{asset.slug}/move/", {"verb": "withdraw", "reason": "Again."}).status_code == 409
    assert client.post(f"/assets/{asset.slug}/move/", {"verb": "explode", "reason": "x"}).status_code == 400


def test_the_graph_is_drawn_without_anything_inline_and_the_list_says_the_same(scene: Scene, asset: Asset) -> None:
    create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="trained_on")
    create_dependency(actor=scene.governor, source=scene.foreign, target=scene.scorer, relation="calls")
    page = signed_in(scene.viewer).get(f"/assets/{asset.slug}/blast-radius/").content.decode()
    graph = re.search(r"<svg class=\"graph\".*?</svg>", page, re.DOTALL)
    assert graph is not None
    assert graph[0].count("<rect") == 2
    assert graph[0].count("<path") == 1
    assert "style=" not in graph[0]
    assert "1 of them you may not see." in page
    assert "Foreign" not in page
    assert "Foreign" in signed_in(scene.governor).get(f"/assets/{asset.slug}/blast-radius/").content.decode()
    assert signed_in(scene.governor).get("/systems/foreign/blast-radius/").status_code == 200


def test_the_api_registers_changes_stops_and_restores(scene: Scene) -> None:
    owner, governor = Caller(scene.owner), Caller(scene.governor)
    made = good(owner.post("assets/", {"name": "Features", "kind": "dataset", "unit": "cards", "retention": "1y"}), 201)
    here = f"assets/{made['id']}/"
    assert made["state"] == "active"
    assert good(owner.patch(here, {"contact": "data@example.org"}))["contact"] == "data@example.org"
    assert problem(owner.patch(here, {"contract": "1"}), 400)["errors"].keys() == {"contract"}
    problem(owner.call("PATCH", here, {"contact": "x"}, If_Match='"old"'), 412)
    good(owner.post(f"{here}versions/", {"version": "1", "sha256": "a" * 64}), 201)
    assert [row["version"] for row in good(owner.get(f"{here}versions/"))["results"]] == ["1"]
    assert good(owner.post(f"{here}withdraw/", {"reason": "Ended."}))["state_by"]["username"] == "owner"
    problem(owner.post(f"{here}withdraw/", {"reason": "Ended."}), 409, "state")
    problem(owner.post(f"{here}restore/", {"reason": "No."}), 403)
    assert good(governor.post(f"{here}restore/", {"reason": "Granted."}))["state"] == "active"
    assert [row["slug"] for row in good(owner.get("assets/?kind=dataset&search=feat"))["results"]] == ["features"]


def test_the_api_hides_assets_from_strangers(scene: Scene, asset: Asset) -> None:
    stranger, viewer = Caller(scene.stranger), Caller(scene.viewer)
    assert good(stranger.get("assets/"))["results"] == []
    problem(stranger.get(f"assets/{asset.pk}/"), 404)
    problem(stranger.post(f"assets/{asset.pk}/withdraw/", {"reason": "x"}), 404)
    problem(viewer.post(f"assets/{asset.pk}/withdraw/", {"reason": "x"}), 403)
    problem(viewer.post("assets/", {"name": "x", "kind": "dataset", "unit": "cards"}), 403)
    problem(stranger.post("assets/", {"name": "x", "kind": "dataset", "unit": "cards"}), 403)


def test_a_token_reads_assets_and_changes_none(scene: Scene, asset: Asset) -> None:
    machine = Caller(token=mint(scene, Scope.RELEASE_WRITE))
    assert [row["id"] for row in good(machine.get("assets/"))["results"]] == [asset.pk]
    problem(machine.post(f"assets/{asset.pk}/withdraw/", {"reason": "x"}), 403, "scope")


def test_the_api_says_and_ends_dependencies(scene: Scene, asset: Asset) -> None:
    owner = Caller(scene.owner)
    edge = good(owner.post("dependencies/", {"system": "scorer", "on_asset": asset.slug, "relation": "uses"}), 201)
    assert (edge["version"], edge["pinned"]) == ("1", False)
    problem(owner.post("dependencies/", {"system": "scorer", "on_asset": asset.slug, "relation": "uses"}), 409)
    problem(owner.post("dependencies/", {"system": "scorer", "on_system": "foreign", "relation": "calls"}), 400)
    problem(owner.post("dependencies/", {"on_asset": asset.slug, "relation": "calls"}), 400)
    viewer = Caller(scene.viewer)
    problem(viewer.post("dependencies/", {"system": "scorer", "on_asset": asset.slug, "relation": "uses"}), 403)
    assert [row["id"] for row in good(viewer.get("dependencies/?system=scorer"))["results"]] == [edge["id"]]
    problem(viewer.post(f"dependencies/{edge['id']}/end/", {}), 403)
    problem(Caller(scene.stranger).get(f"dependencies/{edge['id']}/"), 404)
    assert good(owner.post(f"dependencies/{edge['id']}/end/", {}))["ended_at"]
    assert good(viewer.get("dependencies/"))["results"] == []


def test_the_api_tells_the_blast_radius(scene: Scene, asset: Asset) -> None:
    create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="trained_on")
    create_dependency(actor=scene.governor, source=scene.foreign, target=scene.scorer, relation="calls")
    told = good(Caller(scene.viewer).get(f"assets/{asset.pk}/blast-radius/"))
    assert [(row["slug"], row["depth"], row["owner"]) for row in told["systems"]] == [("scorer", 1, "owner")]
    assert (told["owners"], told["releases"]) == ([{"username": "owner", "name": "Owner"}], [])
    assert (told["depth"], told["total"], told["hidden"]) == (2, 2, 1)
    assert good(Caller(scene.viewer).get("systems/scorer/blast-radius/"))["hidden"] == 1


def test_an_end_one_may_not_see_is_not_named(scene: Scene, asset: Asset) -> None:
    create_dependency(actor=scene.governor, source=scene.scorer, target=scene.foreign, relation="calls")
    assert (
        "a system you may not see" in signed_in(scene.viewer).get("/systems/scorer/?tab=dependencies").content.decode()
    )
    (edge,) = good(Caller(scene.viewer).get("dependencies/"))["results"]
    assert edge["on_system"] is None


def test_the_office_withdraws_and_another_returns(scene: Scene, asset: Asset) -> None:
    withdraw_asset(actor=scene.owner, asset=asset, reason="Ended.")
    office = signed_in(scene.governor)
    assert office.get("/admin/inventory/asset/").status_code == 200
    assert office.get("/admin/inventory/dependency/").status_code == 200
    assert office.post(f"/admin/inventory/asset/{asset.pk}/restore/", {"reason": "Granted."}).status_code == 302
    assert Asset.objects.get().state == "active"
