"""Exceptions for a unit or a tier: whom they reach is shown first, each system has its own, all are decided at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.policy.decide import Status
from governance.validation.models import Waiver
from governance.validation.reach import reached
from governance.validation.services import decide_waivers, request_waivers
from inventory.models import System
from inventory.services import answer_questionnaire
from tests.governance.access.people import appoint, system, unit
from tests.governance.validation.scene import LOW, Scene
from tests.governance.validation.test_waivers import answer, defective
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def crowd(scene: Scene) -> dict[str, System]:
    """Beside the scene's high-tier system: one of a low tier, one somebody else owns, one in another unit."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        made = {name: system(name, scene.unit) for name in ("low", "foreign")}
        made["elsewhere"] = system("elsewhere", unit("treasury"))
    for name in ("low", "elsewhere"):
        appoint(scene["owner"], Role.OWNER, system=made[name])
    appoint(scene["outsider"], Role.OWNER, system=made["foreign"])
    appoint(scene["owner"], Role.VIEWER, system=made["foreign"])
    made["low"] = answer_questionnaire(actor=scene["owner"], system=made["low"], answers=LOW)
    return made


def ask(scene: Scene, *, tier: str = "", here: bool = True, seen: str = "") -> list[Waiver]:
    where = scene.unit if here else None
    shown = seen or reached(scene["owner"], where, tier, most=200).digest
    return request_waivers(
        actor=scene["owner"], unit=where, tier=tier, requirement="findings", reason="A tool is down.",
        until=portal_now() + timedelta(days=5), seen=shown,
    )  # fmt: skip


def test_it_reaches_what_the_person_may_ask_for_and_says_what_it_leaves_out(scene: Scene) -> None:
    crowd(scene)
    of_unit = reached(scene["owner"], scene.unit, "", most=200)
    assert [found.slug for found in of_unit.systems] == ["scorer", "low"]
    assert (of_unit.left_out, of_unit.words) == (1, "Cards" if scene.unit.name == "Cards" else scene.unit.name)
    assert [found.slug for found in reached(scene["owner"], None, "low", most=200).systems] == ["low"]
    assert [found.slug for found in reached(scene["owner"], scene.unit, "high", most=200).systems] == ["scorer"]
    assert reached(scene["owner"], None, "", most=200).systems == ()
    assert reached(scene["owner"], scene.unit, "", most=1).more


def test_a_gate_opens_once_all_are_granted_and_names_the_exception(scene: Scene) -> None:
    crowd(scene)
    release = defective(scene)
    made = ask(scene)
    assert not answer(release).allowed
    assert made[0].together is not None
    decide_waivers(actor=scene["riskofficer"], together=made[0].together, verb="grant", reason="For the week.")
    seal_now()
    decision = answer(release)
    assert decision.allowed
    assert [line.id for line in decision.lines if line.status is Status.WAIVED] == ["findings"]


def test_a_system_that_comes_later_has_none(scene: Scene) -> None:
    made = ask(scene)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        late = system("late", scene.unit)
    assert not Waiver.objects.filter(system=late).exists()
    assert {waiver.system.slug for waiver in made} == {"scorer"}


def test_what_was_not_shown_is_not_asked_for(scene: Scene) -> None:
    shown = reached(scene["owner"], scene.unit, "", most=200).digest
    crowd(scene)
    with pytest.raises(Conflict) as caught:
        ask(scene, seen=shown)
    assert caught.value.reasons[0].code == "stale"
    assert not Waiver.objects.exists()


def test_who_asked_or_builds_one_of_them_decides_none(scene: Scene) -> None:
    made = ask(scene)
    assert made[0].together is not None
    for name in ("owner", "developer", "viewer"):
        with pytest.raises(Forbidden):
            decide_waivers(actor=scene[name], together=made[0].together, verb="grant", reason="Mine.")
    assert set(Waiver.objects.values_list("state", flat=True)) == {"requested"}


def test_neither_unit_nor_tier_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        ask(scene, here=False)


def test_the_page_shows_first_and_asks_then(scene: Scene, client: Client) -> None:
    crowd(scene)
    client.force_login(scene["owner"])
    until = f"{portal_now() + timedelta(days=5):%Y-%m-%d}"
    typed = {"unit": scene.unit.slug, "tier": "", "requirement": "findings", "environment": "",
             "reason": "A tool is down.", "until": until}  # fmt: skip
    shown = client.post("/waivers/new/", {**typed, "seen": ""})
    assert shown.status_code == 200
    assert "It reaches 2 systems" in shown.content.decode()
    assert not Waiver.objects.exists()
    seen = reached(scene["owner"], scene.unit, "", most=200).digest
    assert seen in shown.content.decode()
    asked = client.post("/waivers/new/", {**typed, "seen": seen})
    assert asked.status_code == 302
    assert Waiver.objects.count() == 2
    client.force_login(scene["riskofficer"])
    page = client.get(asked["Location"])
    assert page.content.decode().count("data-row") == 2
    granted = client.post(f"{asked['Location']}grant/", {"reason": "For the week."})
    assert granted.status_code == 302
    assert set(Waiver.objects.values_list("state", flat=True)) == {"granted"}
    client.force_login(scene["developer"])
    assert client.get("/waivers/together/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_the_same_over_the_interface(scene: Scene) -> None:
    owner, officer = Caller(scene["owner"]), Caller(scene["riskofficer"])
    told = good(owner.get(f"waivers/together/reach/?unit={scene.unit.slug}&tier=high"))
    assert (told["systems"], told["left_out"]) == (["scorer"], 0)
    wanted = {
        "unit": scene.unit.slug, "tier": "high", "requirement": "findings", "reason": "A tool is down.",
        "until": f"{portal_now() + timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}", "seen": told["seen"],
    }  # fmt: skip
    problem(owner.post("waivers/together/", {**wanted, "seen": "sha256:0"}), 409)
    made = good(owner.post("waivers/together/", wanted), 201)
    where = f"waivers/together/{made['together']}/"
    problem(owner.post(f"{where}grant/", {"reason": "Mine."}), 403)
    assert [line["state"] for line in good(officer.post(f"{where}grant/", {"reason": "Yes."}))["waivers"]] == [
        "granted"
    ]
    problem(officer.post(f"{where}refuse/", {"reason": "No."}), 409)
    problem(Caller(scene["outsider"]).get(where), 404)


def test_who_asked_hears_once_what_was_decided_together(scene: Scene) -> None:
    crowd(scene)
    made = ask(scene)
    assert made[0].together is not None
    decide_waivers(actor=scene["riskofficer"], together=made[0].together, verb="grant", reason="For the week.")
    told = Notice.objects.get(topic=Topic.WAIVER_DECIDED)
    assert (told.people, told.href) == ([scene["owner"].pk], f"/waivers/together/{made[0].together}/")
