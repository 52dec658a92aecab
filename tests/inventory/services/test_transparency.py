"""Transparency pages: drafted without names, written by one, approved by another, public only then, gone at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from inventory.models import System, TransparencyVersion
from inventory.services.transparency import (
    approve_transparency,
    refuse_transparency,
    withdraw_transparency,
    write_transparency,
)
from inventory.transparency import draft_of, public_version
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, build
from tests.rest import Caller, good, problem

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS: dict[str, Any] = {
    "title": "Checks of card payments", "contact": "payments@bank.example",
    "text": "## What it is for\n\nIt finds fraud.",
}  # fmt: skip


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people, the owner under a full name."""
    scene = build()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        User.objects.filter(pk=scene["owner"].pk).update(name="Amara Okafor")
    return scene


def written(scene: Scene, **more: Any) -> TransparencyVersion:
    return write_transparency(actor=scene["owner"], system=scene.system, **{**WORDS, **more})


def outside(address: str = "/transparency/scorer/") -> Any:
    """Somebody who never signed in."""
    return Client().get(address)


def test_a_draft_tells_the_record_without_names(scene: Scene) -> None:
    system = System.objects.select_related("unit").get(pk=scene.system.pk)
    system.purpose, system.personal_data = "Amara Okafor has Scorer find fraud.", "yes"
    system.human_oversight = "Ask amara@bank.example."
    draft = draft_of(system)
    assert "a member of staff has the system find fraud." in draft
    assert ("an internal address" in draft, "- Personal data: yes" in draft, "Not stated yet." in draft) == (True,) * 3
    assert "Amara" not in draft


def test_nothing_is_public_before_somebody_else_approves_it(scene: Scene) -> None:
    version = written(scene)
    assert (outside().status_code, outside("/transparency/nothing/").status_code) == (404, 404)
    with pytest.raises(Forbidden, match="decide what people outside"):
        approve_transparency(actor=scene["owner"], version=version)
    approve_transparency(actor=scene["approver"], version=version)
    page = outside()
    body = page.content.decode()
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    for words in ("Checks of card payments", "It finds fraud.", "payments@bank.example", "approved on"):
        assert words in body, words
    for inside in ("Amara", "Approver", "Scorer", "My work"):
        assert inside not in body, inside


def test_who_wrote_it_does_not_approve_it_whatever_their_roles(scene: Scene) -> None:
    version = written(scene)
    appoint(scene["owner"], Role.RISK_OFFICER, unit=scene.unit)
    with pytest.raises(Forbidden) as refused:
        approve_transparency(actor=scene["owner"], version=version)
    assert refused.value.reasons[0].code == "sod.same_person"
    refuse_transparency(actor=scene["riskofficer"], version=version, reason="Too short.")
    with pytest.raises(Conflict, match="decided on before"):
        approve_transparency(actor=scene["approver"], version=version)


def test_an_older_version_stays_until_a_newer_is_approved_and_none_returns_after_a_withdrawal(scene: Scene) -> None:
    approve_transparency(actor=scene["approver"], version=written(scene))
    newer = written(scene, text="It finds fraud and refuses payments.")
    with pytest.raises(Conflict, match="waits to be decided"):
        written(scene)
    assert "refuses payments" not in outside().content.decode()
    approve_transparency(actor=scene["riskofficer"], version=newer)
    assert "refuses payments" in outside().content.decode()
    with pytest.raises(Forbidden):
        withdraw_transparency(actor=scene["viewer"], system=scene.system, reason="No.")
    withdraw_transparency(actor=scene["owner"], system=scene.system, reason="It says too much.")
    assert (outside().status_code, public_version("scorer")) == (404, None)
    with pytest.raises(Conflict, match="Nothing about this system is public"):
        withdraw_transparency(actor=scene["owner"], system=scene.system, reason="Again.")


def test_a_text_that_names_somebody_or_the_system_is_refused(scene: Scene) -> None:
    for wrong in ({"text": "Amara  okafor runs it."}, {"text": "Scorer decides."}, {"text": "Ask a@bank.example."},
                  {"title": "Amara Okafor's tool"}, {"contact": "Amara Okafor"}, {"slug": "Not A Slug"},
                  {"contact": ""}):  # fmt: skip
        with pytest.raises(InvalidInput) as found:
            written(scene, **wrong)
        assert set(found.value.errors) == set(wrong)
    chosen = written(scene, title="Scorer", text="Scorer decides.", slug="card-checks")
    assert chosen.page.slug == "card-checks"
    refuse_transparency(actor=scene["approver"], version=chosen, reason="Not yet.")
    with pytest.raises(InvalidInput, match="stays as it was chosen"):
        written(scene, slug="other")


def test_the_database_keeps_words_decisions_and_names(scene: Scene) -> None:
    version = written(scene)

    def by_hand(actor: User, **values: Any) -> None:
        with acting(actor, door=Door.WEB, verb="transparency.approve"):
            TransparencyVersion.objects.filter(pk=version.pk).update(**values)

    yes = {"approved": True, "decided_at": version.written_at}
    for values in ({"text": "Other."}, {**yes, "decided_by": scene["owner"]}):
        with pytest.raises((IntegrityError, Conflict, Forbidden)):
            by_hand(scene["approver"], **values)
    with pytest.raises(Forbidden, match="in one's own name only"):
        by_hand(scene["viewer"], **yes, decided_by=scene["approver"])
    approve_transparency(actor=scene["approver"], version=version)
    with pytest.raises((IntegrityError, Conflict)):
        by_hand(scene["approver"], approved=False)


def test_versions_go_their_way_over_rest(scene: Scene) -> None:
    owner, approver = Caller(scene["owner"]), Caller(scene["approver"])
    made = good(owner.post("transparency/", {"system": "scorer", "slug": "card-checks", **WORDS}), 201)
    at = f"transparency/{made['id']}/"
    assert (made["slug"], made["public"], made["approved"]) == ("card-checks", False, None)
    assert "Not stated yet." in good(owner.get(f"{at}draft/"))["text"]
    problem(owner.post(f"{at}approve/", {}), 403, "forbidden")
    assert good(approver.post(f"{at}approve/", {}))["public"] is True
    assert outside("/transparency/card-checks/").status_code == 200
    assert good(approver.post(f"{at}withdraw/", {"reason": "Out of date."}))["public"] is False
    assert outside("/transparency/card-checks/").status_code == 404
    assert [one["number"] for one in good(owner.get("transparency/?system=scorer"))["results"]] == [1]
    assert good(Caller(scene["outsider"]).get("transparency/"))["results"] == []
    problem(Caller(scene["viewer"]).post("transparency/", {"system": "scorer", **WORDS}), 403, "forbidden")


def test_pages_lead_from_the_draft_to_the_public_page_and_back(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"], backend=BACKEND)
    form = "/systems/scorer/transparency/new/"
    assert "Not stated yet." in client.get(form).content.decode()
    assert client.post(form, {**WORDS, "slug": ""})["Location"] == "/systems/scorer/transparency/"
    version = TransparencyVersion.objects.get()
    approve = f"/systems/scorer/transparency/{version.pk}/approve/"
    assert client.get(approve).status_code == 403
    client.force_login(scene["approver"], backend=BACKEND)
    assert "Transparency page of Scorer" in client.get("/").content.decode()
    assert client.get("/systems/scorer/transparency/999999/approve/").status_code == 404
    assert client.post(approve, {"reason": ""}).status_code == 302
    assert "As people outside see it" in client.get("/systems/scorer/transparency/").content.decode()
    assert outside().status_code == 200
    assert client.post("/systems/scorer/transparency/withdraw/", {"reason": "Wrong."}).status_code == 302
    assert outside().status_code == 404
