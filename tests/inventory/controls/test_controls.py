"""Control facts: recorded through every door, all or none, never changed; the newest counts, unknown is a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from governance.access.rights import NotVisible
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from governance.policy.checking import Case
from governance.policy.controlled import ControlParameters, controls
from governance.policy.facts import ControlFact as Said
from governance.policy.facts import Facts, SystemFacts
from governance.policy.packs import parse, shipped
from governance.policy.queries import facts_of
from inventory.controls import catalogue, controls_of
from inventory.controls.standing import standings
from inventory.models import Asset, ControlFact, EvidenceLink
from inventory.services.assets import create_asset
from inventory.services.controls import record_controls
from tests.governance.validation.scene import Scene, build
from tests.rest import Caller, good, problem

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def fact(control: str = "encryption-at-rest", state: str = "yes", **more: Any) -> dict[str, Any]:
    return {"control": control, "state": state, "stated_on": portal_now().date(), **more}


def dataset(scene: Scene) -> Asset:
    return create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Transactions")


def test_the_catalogue_names_what_is_asked_of_systems_and_assets() -> None:
    assert list(catalogue()) == [
        "encryption-at-rest", "encryption-in-transit", "access-control", "anonymisation", "consent",
        "records-of-processing", "disposal", "responsible-team", "training-environment", "model-protection",
        "staff-training",
    ]  # fmt: skip
    assert {one.id for one in controls_of("system")} - {one.id for one in controls_of("asset")} == {"staff-training"}


def test_the_newest_word_counts_and_the_ones_before_stay(scene: Scene) -> None:
    owner, said = scene["owner"], {}
    for state in ("unknown", "partly", "yes"):
        (made,) = record_controls(actor=owner, subject=scene.system, facts=[fact(state=state, note="By disk.")])
        said = {one.control.id: one.fact for one in standings(scene.system)}
        assert said["encryption-at-rest"] == made
    assert said["disposal"] is None
    assert ControlFact.objects.count() == 3
    assert Event.objects.filter(table_name="inventory_controlfact", verb="control.record").count() == 3
    with pytest.raises((IntegrityError, Conflict)), acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        ControlFact.objects.update(state="no")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"control": "magic"}, "control"), ({"state": "maybe"}, "state"), ({"stated_on": None}, "stated_on"),
    ({"state": "not_applicable"}, "note"), ({"url": "http://plain.example"}, "url"),
    ({"url": "javascript:alert(1)"}, "url"), ({"evidence": 999_999}, "evidence"), ({"evidence": True}, "evidence"),
    ({"colour": "red"}, "colour"), ({"note": "\0"}, "note"),
]  # fmt: skip


def test_what_cannot_be_a_word_on_a_control_is_refused_whole(scene: Scene) -> None:
    for wrong, field in WRONG:
        with pytest.raises(InvalidInput) as found:
            record_controls(actor=scene["owner"], subject=scene.system, facts=[fact("disposal"), {**fact(), **wrong}])
        assert set(found.value.errors) == {f"facts.1.{field}"}
    assert not ControlFact.objects.exists()


def test_a_day_to_come_and_a_file_of_an_asset_are_refused(scene: Scene) -> None:
    tomorrow = portal_now().date() + timedelta(days=1)
    for subject, more in ((scene.system, {"stated_on": tomorrow}), (dataset(scene), {"evidence": 1})):
        with pytest.raises(InvalidInput):
            record_controls(actor=scene["owner"], subject=subject, facts=[{**fact(), **more}])


def test_only_who_may_describe_it_says_how_its_controls_stand(scene: Scene) -> None:
    asset = dataset(scene)
    for subject in (scene.system, asset):
        with pytest.raises(Forbidden):
            record_controls(actor=scene["viewer"], subject=subject, facts=[fact()])
        with pytest.raises(NotVisible):
            record_controls(actor=scene["outsider"], subject=subject, facts=[fact()])
        record_controls(actor=scene["developer"], subject=subject, facts=[fact()])


def test_controls_are_recorded_and_listed_over_rest(scene: Scene) -> None:
    owner, asset = Caller(scene["owner"]), dataset(scene)
    day = portal_now().date().isoformat()
    body = {
        "facts": [{"control": "access-control", "state": "partly", "stated_on": day, "url": "https://wiki.example/a"}]
    }
    made = good(owner.post("controls/", {**body, "system": "scorer"}), 201)["facts"]
    assert [(one["system"], one["asset"], one["state"], one["recorded_by"]["username"]) for one in made] == [
        ("scorer", None, "partly", "owner")
    ]
    good(owner.post("controls/", {**body, "asset": asset.slug}), 201)
    listed = good(owner.get("controls/?control=access-control"))["results"]
    assert [(one["system"], one["asset"]) for one in listed] == [(None, asset.slug), ("scorer", None)]
    assert good(owner.get(f"controls/{made[0]['id']}/"))["url"] == "https://wiki.example/a"
    assert len(good(owner.get("controls/catalogue/"))["controls"]) == len(catalogue())
    assert good(Caller(scene["outsider"]).get("controls/"))["results"] == []
    problem(owner.post("controls/", body), 400)
    problem(owner.post("controls/", {**body, "system": "scorer", "asset": asset.slug}), 400)
    problem(owner.post("controls/", {**body, "system": "nothing"}), 400)
    problem(Caller(scene["viewer"]).post("controls/", {**body, "system": "scorer"}), 403, "forbidden")


def test_the_tab_of_a_system_shows_each_control_and_its_form_keeps_a_file(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"], backend=BACKEND)
    address = "/systems/scorer/controls/encryption-at-rest/"
    assert "Is what is stored encrypted?" in client.get(address).content.decode()
    sent = {"state": "yes", "stated_on": portal_now().date().isoformat(), "note": "Disk and backup.", "url": ""}
    for _ in range(2):  # the same file again is the same evidence
        file = SimpleUploadedFile("audit.pdf", b"%PDF-1.4 nothing")
        assert client.post(address, {**sent, "file": file})["Location"] == "/systems/scorer/?tab=controls"
    page = client.get("/systems/scorer/?tab=controls").content.decode()
    assert ("audit.pdf" in page, "Disk and backup." in page, page.count("Nobody said")) == (True, True, 10)
    assert EvidenceLink.objects.count() == 1
    assert (
        "Say why it does not apply."
        in client.post(address, {**sent, "state": "not_applicable", "note": ""}).content.decode()
    )
    assert client.get("/systems/scorer/controls/magic/").status_code == 404


def test_an_asset_shows_its_controls_and_its_form_records_one(scene: Scene, client: Client) -> None:
    asset = dataset(scene)
    client.force_login(scene["owner"], backend=BACKEND)
    address = f"/assets/{asset.slug}/controls/disposal/"
    assert client.get(address).status_code == 200
    sent = {"state": "no", "stated_on": portal_now().date().isoformat(), "note": "", "url": "https://wiki.example/keep"}
    assert client.post(address, sent)["Location"] == f"/assets/{asset.slug}/"
    assert "https://wiki.example/keep" in client.get(f"/assets/{asset.slug}/").content.decode()
    client.force_login(scene["viewer"], backend=BACKEND)
    assert client.get(address).status_code == 403


def test_the_policy_hears_the_newest_word_on_each_control(scene: Scene) -> None:
    release = scene.release()
    for state in ("no", "yes"):
        facts = [fact(state=state, url="https://wiki.example/x"), fact("disposal", "unknown")]
        record_controls(actor=scene["owner"], subject=scene.system, facts=facts)
    assert facts_of([release])[release.pk].controls == (
        Said("disposal", "unknown"), Said("encryption-at-rest", "yes", shown=True),
    )  # fmt: skip


ASKED = """  - id: controls
    title: Controls are in place
    check: controls
    why: What is not protected leaks.
    parameters: {controls: [encryption-at-rest, disposal, consent], with_evidence: true}
    applies: {tiers: [high]}
    waivable: true
    longest_waiver_days: 30
  - id: dependencies
"""


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ((), "Encryption at rest: nobody said; Disposal: nobody said; Consent: nobody said"),
        ((Said("disposal", "unknown"), Said("encryption-at-rest", "yes"), Said("consent", "partly")),
         "Encryption at rest: no evidence; Disposal: not known; Consent: only partly"),
        ((Said("disposal", "yes", shown=True), Said("encryption-at-rest", "yes", shown=True),
          Said("consent", "not_applicable")), ""),
    ],
)  # fmt: skip
def test_a_pack_may_ask_for_controls_by_tier(said: tuple[Said, ...], lacking: str) -> None:
    document = parse(shipped("baseline").replace("  - id: dependencies\n", ASKED, 1))
    (asked,) = (one for one in document.requirements if one.id == "controls")
    facts = Facts(system=SystemFacts(id=1, slug="s", name="S", tier="high"), controls=said)
    case = Case(facts, document, "", None, datetime(2026, 11, 21, tzinfo=UTC))
    result = controls(case, ControlParameters(**asked.parameters))  # type: ignore[arg-type]
    assert (lacking or "3 controls are in place") in result.reason
    assert getattr(result, "href", "/systems/s/?tab=controls") == "/systems/s/?tab=controls"
