"""Certifications: a campaign asks, the owner certifies what was shown or says what is not right, the rest lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.reminders import remind
from governance.notify.topics import Topic
from governance.policy.checking import Purpose
from governance.policy.decide import decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.certifications import open_ones
from governance.validation.models import Campaign, Certification
from governance.validation.services import certify, end_campaign, refuse_certification, start_campaign
from inventory.models import Release
from inventory.services import change_system
from inventory.services.systems import system_version
from tests.clocks import Clock
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def started(scene: Scene, **more: object) -> Campaign:
    due = portal_now() + timedelta(days=30)
    wanted = {"title": "High-tier systems by March", "tier": "high", "due": due, **more}
    return start_campaign(actor=scene["governor"], **wanted)  # type: ignore[arg-type]


def asked(scene: Scene) -> Certification:
    return started(scene).certifications.select_related("system").get()


def test_a_campaign_asks_the_owners_of_its_tier_and_unit(scene: Scene) -> None:
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        system("untiered", scene.unit)
    assert [one.system.slug for one in started(scene).certifications.all()] == ["scorer"]
    assert started(scene, title="All", tier="", unit=scene.unit).certifications.count() == 2
    with pytest.raises(Conflict):
        started(scene, tier="low")
    with pytest.raises(InvalidInput):
        started(scene, tier="highest")
    with pytest.raises(InvalidInput):
        started(scene, due=portal_now())
    with pytest.raises(Forbidden):
        start_campaign(actor=scene["owner"], title="Mine", due=portal_now() + timedelta(days=1))


def test_an_owner_certifies_the_record_as_it_was_shown(scene: Scene) -> None:
    one, seen = asked(scene), system_version(scene.system)
    scene.system = change_system(actor=scene["owner"], system=scene.system, purpose="Something else.")
    with pytest.raises(Conflict) as stale:
        certify(actor=scene["owner"], certification=one, seen=seen)
    assert stale.value.reasons[0].code == "stale"
    done = certify(actor=scene["owner"], certification=one, seen=system_version(scene.system))
    seal_now()
    assert (done.state, done.record) == ("certified", system_version(scene.system))
    with pytest.raises(Conflict):
        refuse_certification(actor=scene["owner"], certification=one, statement="No.")


def test_who_does_not_answer_for_the_system_certifies_nothing(scene: Scene) -> None:
    one, seen = asked(scene), system_version(scene.system)
    for name in ("developer", "validator", "governor", "superuser"):
        with pytest.raises(Forbidden):
            certify(actor=scene[name], certification=one, seen=seen)


def test_a_refusal_says_why_and_can_be_mended(scene: Scene) -> None:
    one = asked(scene)
    with pytest.raises(InvalidInput):
        refuse_certification(actor=scene["owner"], certification=one, statement="")
    refuse_certification(actor=scene["owner"], certification=one, statement="The vendor is wrong.")
    seen = system_version(scene.system)
    assert certify(actor=scene["deputy"], certification=one, seen=seen).state == "certified"


def test_the_database_lets_nobody_certify_in_anothers_name(scene: Scene) -> None:
    one = asked(scene)
    sql = "UPDATE validation_certification SET state = 'certified', decided_at = portal_now(), decided_by_id = %(by)s"
    for actor, named in (("developer", "owner"), ("validator", "validator")):
        act_as(scene[actor])
        values = {"by": scene[named].pk}
        assert refusal(lambda values=values: execute(sql, values)) == "certification_given_by_entitled"  # type: ignore[misc]
    one.refresh_from_db()
    assert one.state == "asked"


def test_it_waits_on_the_owners_list_and_shows_as_lapsed(scene: Scene, client: Client, clock: Clock) -> None:
    one = asked(scene)
    client.force_login(scene["owner"])
    assert f"/certifications/{one.pk}/" in client.get("/").content.decode()
    assert "Lapsed" not in client.get(f"/certifications/campaigns/{one.campaign_id}/").content.decode()
    clock.move(timedelta(days=31))
    for page in (f"/certifications/campaigns/{one.campaign_id}/", f"/certifications/{one.pk}/", "/systems/scorer/"):
        assert "Lapsed" in client.get(page).content.decode()


def test_pages_start_certify_and_refuse(scene: Scene, client: Client) -> None:
    client.force_login(scene["governor"])
    day = f"{portal_now() + timedelta(days=30):%Y-%m-%d}"
    made = client.post("/certifications/campaigns/new/", {"title": "By March", "tier": "high", "due": day})
    assert made.status_code == 302
    assert "0 of 1 certified" in client.get(made["Location"]).content.decode()
    one = Certification.objects.get()
    client.force_login(scene["owner"])
    refused = client.post(f"/certifications/{one.pk}/refuse/", {"statement": "The vendor is wrong."})
    assert refused.status_code == 302
    seen = system_version(scene.system)
    assert client.post(f"/certifications/{one.pk}/certify/", {"seen": "other"}).status_code == 409
    assert client.post(f"/certifications/{one.pk}/certify/", {"seen": seen}).status_code == 302
    assert "1 of 1" in client.get("/certifications/").content.decode()
    client.force_login(scene["outsider"])
    assert client.get(f"/certifications/{one.pk}/").status_code == 404


def test_the_same_over_the_interface(scene: Scene) -> None:
    governor, owner = Caller(scene["governor"]), Caller(scene["owner"])
    wanted = {"title": "By March", "tier": "high", "due": f"{portal_now() + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"}
    problem(owner.post("certifications/campaigns/", wanted), 403)
    campaign = good(governor.post("certifications/campaigns/", wanted), 201)
    assert campaign["progress"] == {"total": 1, "asked": 1, "certified": 0, "refused": 0}
    (line,) = good(owner.get(f"certifications/?campaign={campaign['id']}"))["results"]
    where = f"certifications/{line['id']}/"
    problem(Caller(scene["validator"]).post(f"{where}certify/", {"seen": "x"}), 403)
    good(owner.post(f"{where}refuse/", {"statement": "The vendor is wrong."}))
    seen = good(owner.get(where))["seen"]
    assert good(owner.post(f"{where}certify/", {"seen": seen}))["state"] == "certified"
    assert good(owner.get(f"certifications/campaigns/{campaign['id']}/"))["progress"]["certified"] == 1
    assert [each["id"] for each in good(owner.get("certifications/campaigns/"))["results"]] == [campaign["id"]]


def test_a_campaign_costs_the_same_for_ten_and_for_two_hundred_systems(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"])
    counts = []
    for number in (10, 190):
        with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
            for each in range(number):
                appoint(scene["owner"], Role.OWNER, system=system(f"more-{number}-{each}", scene.unit))
        campaign = started(scene, tier="")
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(f"/certifications/campaigns/{campaign.pk}/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def said(scene: Scene) -> tuple[str, str]:
    """What the gate's line says of the record of the scene's system, whatever its release."""
    release = Release.objects.first() or scene.release()
    facts = facts_of([release])[release.pk]
    _, rules = rules_in_force()
    decision = decide(facts, rules, rules.document.environment("production"), portal_now(), Purpose.DEPLOY)
    line = next(line for line in decision.lines if line.id == "certified")
    return line.status, line.reason


def test_the_gate_asks_only_where_a_campaign_does_and_closes_on_refusal_and_lapse(scene: Scene, clock: Clock) -> None:
    assert said(scene)[0] == "not_applicable"
    one = asked(scene)
    assert said(scene)[0] == "met"
    refuse_certification(actor=scene["owner"], certification=one, statement="The vendor is wrong.")
    assert said(scene) == ("unmet", "Its owner says that the record is not right: The vendor is wrong.")
    certify(actor=scene["owner"], certification=one, seen=system_version(scene.system))
    assert said(scene)[0] == "met"
    second = started(scene, title="Again").certifications.get()
    clock.move(timedelta(days=31))
    status, reason = said(scene)
    assert (status, "Nobody certified the record by" in reason) == ("unmet", True)
    certify(actor=scene["owner"], certification=second, seen=system_version(scene.system))
    assert said(scene)[0] == "met"


def test_a_later_certification_settles_what_was_refused_before(scene: Scene) -> None:
    first = asked(scene)
    refuse_certification(actor=scene["owner"], certification=first, statement="The vendor is wrong.")
    second = started(scene, title="Again").certifications.get()
    certify(actor=scene["owner"], certification=second, seen=system_version(scene.system))
    assert not open_ones().exists()
    assert said(scene)[0] == "met"


def test_an_ended_campaign_waits_for_nobody(scene: Scene, client: Client, clock: Clock) -> None:
    one = asked(scene)
    with pytest.raises(Forbidden):
        end_campaign(actor=scene["owner"], campaign=one.campaign, reason="Enough.")
    client.force_login(scene["governor"])
    page = f"/certifications/campaigns/{one.campaign_id}/"
    assert client.post(f"{page}end/", {"reason": "Merged with the audit."}).status_code == 302
    assert "No longer asked for" in client.get(page).content.decode()
    with pytest.raises(Conflict):
        end_campaign(actor=scene["governor"], campaign=one.campaign, reason="Twice.")
    with pytest.raises(Conflict):
        certify(actor=scene["owner"], certification=one, seen=system_version(scene.system))
    clock.move(timedelta(days=31))
    assert said(scene)[0] == "not_applicable"
    act_as(scene["governor"])
    assert refusal(lambda: execute("UPDATE validation_campaign SET ended_reason = 'Other'")) == "campaign_frozen"
    assert refusal(lambda: execute("UPDATE validation_campaign SET due = due + interval '1 day'")) == "campaign_frozen"


def test_owners_are_told_once_and_reminded_before_the_day(scene: Scene) -> None:
    campaign = started(scene, due=portal_now() + timedelta(days=3))
    told = Notice.objects.get(topic=Topic.CERTIFICATION_ASKED)
    assert (told.people, told.href) == ([scene["owner"].pk], f"/certifications/campaigns/{campaign.pk}/")
    remind()
    remind()
    due = Notice.objects.filter(topic=Topic.CERTIFICATION_DUE, people=[scene["owner"].pk])
    assert [notice.due for notice in due] == [campaign.due]
    refuse_certification(actor=scene["owner"], certification=campaign.certifications.get(), statement="Wrong.")
    assert Notice.objects.get(topic=Topic.CERTIFICATION_REFUSED).people == [scene["governor"].pk]


def test_list_page_and_interface_show_a_record_that_is_not_right(scene: Scene, client: Client, clock: Clock) -> None:
    one = asked(scene)
    client.force_login(scene["owner"])
    assert "Not certified" not in client.get("/systems/").content.decode()
    clock.move(timedelta(days=31))
    assert "Not certified" in client.get("/systems/").content.decode()
    refuse_certification(actor=scene["owner"], certification=one, statement="The vendor is wrong.")
    assert "Record wrong" in client.get("/systems/").content.decode()
    assert "The vendor is wrong." in client.get("/systems/scorer/").content.decode()
    (shown,) = good(Caller(scene["owner"]).get("systems/scorer/"))["certifications"]
    assert (shown["state"], shown["statement"]) == ("refused", "The vendor is wrong.")
    governor = Caller(scene["governor"])
    where = f"certifications/campaigns/{one.campaign_id}/end/"
    problem(Caller(scene["owner"]).post(where, {"reason": "Enough."}), 403)
    assert good(governor.post(where, {"reason": "Enough."}))["ended_reason"] == "Enough."
    problem(governor.post(where, {"reason": "Enough."}), 409)
