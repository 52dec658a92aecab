"""What runs, on pages: beside what was approved, on a system, on a release, and as one reports it by hand."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from governance.database.clock import portal_now
from governance.gate import reconciliation
from governance.policy.packs import parse, shipped
from governance.policy.schema import PackDocument
from incidents.models import Alert, Incident
from inventory.deployments import document_in_force, enforcing
from inventory.models import Deployment
from inventory.services.deployments import report_deployment
from tests.governance.gate.asking import Pipeline, token
from tests.governance.gate.test_answers import answers
from tests.governance.validation.scene import SHA, Scene, build
from tests.incidents.test_pages import text

pytestmark = pytest.mark.django_db
UNKNOWN = "f" * 64


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def visit(scene: Scene, name: str, address: str) -> str:
    """A page as somebody reads it."""
    return text(scene[name], address)


def runs(scene: Scene, *digests: str, environment: str = "production", release: str = "") -> Deployment:
    """Report it as the developer."""
    given = {"sha256": list(digests), "release": release}
    told = report_deployment(actor=scene["developer"], system=scene.system, environment=environment, **given)  # type: ignore[arg-type]
    return told.running[0]


def test_what_runs_is_set_beside_what_was_approved(scene: Scene) -> None:
    first = scene.approved().release
    assert list(reconciliation.absent(scene["viewer"])) == [first]
    assert "Nothing is reported to run yet." in visit(scene, "viewer", "/deployments/")
    runs(scene, SHA, release=first.version)
    assert not reconciliation.absent(scene["viewer"]).exists()
    newest = scene.approved().release
    assert list(reconciliation.absent(scene["viewer"])) == [newest]
    bad = runs(scene, UNKNOWN, release="7.7")
    runs(scene, UNKNOWN, environment="dev")
    found = list(reconciliation.unapproved(scene["viewer"], document_in_force()))
    assert found == [bad]  # development is only observed
    page = visit(scene, "viewer", "/deployments/")
    assert "reported as 7.7" in page
    assert f"INC-{Incident.objects.get().pk}" in page
    assert not reconciliation.unapproved(scene["outsider"], document_in_force()).exists()
    assert "reported as 7.7" not in visit(scene, "outsider", "/deployments/")
    assert first.version in visit(scene, "viewer", "/deployments/?state=ended&environment=production")


def test_the_pages_say_where_it_runs_since_when_and_what_the_gate_had_said(scene: Scene) -> None:
    approved = scene.approved().release
    asked = Pipeline(token(scene["owner"], scene.system))
    question = {"system": scene.system.slug, "release": approved.version, "environment": "production"}
    assert asked.post(question).status_code == 200
    assert "No report says that" in visit(scene, "viewer", f"/releases/{approved.pk}/")
    assert "api/v1/deployments/" in visit(scene, "owner", f"/systems/{scene.system.slug}/")
    assert "let through" in answers(scene)["Which release runs where, since when?"]
    runs(scene, SHA, release=approved.version)
    assert f"Production : {approved.version} , runs since" in answers(scene)["Which release runs where, since when?"]
    row = reconciliation.told(list(reconciliation.of_release(approved, document_in_force())), {})[0]
    assert row.check is not None
    assert (row.check.decision, row.enforces, row.approved) == ("allow", True, True)
    assert "Allow" in visit(scene, "viewer", f"/releases/{approved.pk}/")
    assert "Production" in visit(scene, "viewer", f"/systems/{scene.system.slug}/")


def test_a_person_reports_and_ends_by_hand(scene: Scene) -> None:
    approved = scene.approved().release
    client = Client()
    client.force_login(scene["developer"])
    address = f"/systems/{scene.system.slug}/deployments/new/"
    assert client.get(address).status_code == 200
    sent = {"environment": "production", "release": approved.version, "sha256": f"{SHA}\n", "hosting": "on_premises"}
    assert client.post(address, {**sent, "sha256": "abc"}).status_code == 400
    assert client.post(address, sent).status_code == 302
    row = Deployment.objects.get()
    assert (row.source, row.release, row.hosting) == ("person", approved, "on_premises")
    viewer = Client()
    viewer.force_login(scene["viewer"])
    assert viewer.post(f"/deployments/{row.pk}/end/", {"reason": "x"}).status_code == 403
    assert viewer.get(address).status_code == 403
    assert client.post(f"/deployments/{row.pk}/end/", {"reason": "Switched off."}).status_code == 302
    assert client.post(f"/deployments/{row.pk}/end/", {"reason": "Again."}).status_code == 404
    assert "Nothing runs now" in visit(scene, "viewer", f"/systems/{scene.system.slug}/")


def test_where_enforcing_begins_later_or_elsewhere_nothing_is_opened(scene: Scene) -> None:
    written = parse(shipped("baseline")).model_dump(mode="json", exclude_unset=True)
    for place in written["environments"]:
        if place["id"] == "production":
            place["starts"] = [
                {"since": "2100-01-01T00:00:00Z"}, {"since": "2020-01-01T00:00:00Z", "units": ["elsewhere"]},
                {"since": "2020-01-01T00:00:00Z", "tiers": ["low"]},
            ]  # fmt: skip
    runs(scene, UNKNOWN)
    everywhere = Deployment.objects.all()
    document = PackDocument.model_validate_json(json.dumps(written))
    assert not everywhere.filter(enforcing(document, portal_now())).exists()
    written["environments"][3]["starts"] = [{"since": "2020-01-01T00:00:00Z", "units": [scene.unit.slug]}]
    document = PackDocument.model_validate_json(json.dumps(written))
    assert everywhere.filter(enforcing(document, portal_now())).count() == 1
    assert Alert.objects.count() == 1  # by the pack in force, which enforces in production
