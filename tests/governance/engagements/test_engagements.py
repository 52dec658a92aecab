"""Audits tied to no release: a team from outside, what it may see and for how long, what it finds, how it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.access.rights import NotVisible, can
from governance.access.vocabulary import Permission, Role
from governance.changes.models import FollowUp
from governance.database.clock import portal_now
from governance.engagements.models import AuditFinding, Engagement
from governance.engagements.services import (
    add_member,
    cancel_engagement,
    close_engagement,
    plan_engagement,
    raise_audit_finding,
    remove_member,
    reopen_audit_finding,
    respond_to_audit_finding,
    start_engagement,
    verify_audit_finding,
    withdraw_audit_finding,
)
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.topics import Topic
from inventory.models import System
from inventory.services.assignments import assign
from tests.clocks import Clock
from tests.governance.access.people import person, system
from tests.governance.engagements.walk import found, led, planned, reported, running
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import post_judgement
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def test_governance_plans_audits_of_systems_and_of_units(scene: Scene) -> None:
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("other", scene.unit)
    assert list(planned(scene).covered.values_list("system", flat=True)) == [scene.system.pk]
    assert planned(scene, systems=[], unit=scene.unit).covered.filter(system=other).exists()
    wrongs: list[dict[str, object]] = [
        {"systems": []}, {"ends_at": portal_now()}, {"kind": "party"}, {"purpose": ""},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(InvalidInput):
            planned(scene, **wrong)
    with pytest.raises(Forbidden):
        plan_engagement(
            actor=scene["owner"], kind="model", title="Mine", purpose="Mine", systems=[scene.system],
            ends_at=portal_now() + timedelta(days=1),
        )  # fmt: skip


def test_an_outsider_sees_what_is_in_scope_until_the_day_and_nothing_else(scene: Scene, clock: Clock) -> None:
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("other", scene.unit)
    engagement = planned(scene)
    member = led(scene, engagement, days=30)
    seal_now()
    outsider = scene["external"]
    assert can(outsider, Permission.SYSTEM_VIEW, scene.system)
    assert not can(outsider, Permission.SYSTEM_VIEW, other)
    assert member.rights.get().assignment.until == member.until
    assert Notice.objects.get(topic=Topic.ENGAGEMENT_JOINED).people == [outsider.pk]
    clock.move(timedelta(days=31))
    assert not can(outsider, Permission.SYSTEM_VIEW, scene.system)
    with pytest.raises(NotVisible):
        start_engagement(actor=outsider, engagement=engagement)


def test_who_leaves_the_team_sees_nothing_from_then_on(scene: Scene) -> None:
    engagement = planned(scene)
    member = led(scene, engagement)
    with pytest.raises(Forbidden):
        remove_member(actor=scene["owner"], member=member, reason="No.")
    remove_member(actor=scene["governor"], member=member, reason="Left the firm.")
    seal_now()
    assert not can(scene["external"], Permission.SYSTEM_VIEW, scene.system)
    with pytest.raises(Conflict):
        remove_member(actor=scene["governor"], member=member, reason="Twice.")


@pytest.mark.parametrize("name", ["owner", "deputy", "developer"])
def test_who_builds_a_system_is_not_on_the_team_that_audits_it(scene: Scene, name: str) -> None:
    engagement = planned(scene)
    with pytest.raises(Forbidden) as refused:
        add_member(actor=scene["governor"], engagement=engagement, person=scene[name])
    assert refused.value.reasons[0].code == "sod.builder"
    act_as(scene["governor"])
    sql = (
        "INSERT INTO engagements_member (engagement_id, person_id, leads, until, added_by_id, added_at, left_reason)"
        " VALUES (%(e)s, %(p)s, false, portal_now() + interval '9 days', %(b)s, portal_now(), '')"
    )
    values = {"e": engagement.pk, "p": scene[name].pk, "b": scene["governor"].pk}
    assert refusal(lambda: execute(sql, values)) == "engagement_team_independent"


def test_who_is_on_a_team_does_not_become_a_builder_meanwhile(scene: Scene) -> None:
    engagement = planned(scene)
    led(scene, engagement)
    with pytest.raises(Forbidden) as refused:
        assign(actor=scene["governor"], person=scene["external"], role=Role.DEVELOPER, system=scene.system)
    assert refused.value.reasons[0].code == "sod.builder"


def test_a_contributor_without_a_role_is_refused(scene: Scene) -> None:
    helper = person("helper")
    role = assign(actor=scene["governor"], person=helper, role=Role.DEVELOPER, system=scene.system)
    scene.people["helper"] = helper
    scene.release(by="helper")
    engagement = planned(scene)
    assert role.until is None
    with pytest.raises(Forbidden):
        add_member(actor=scene["governor"], engagement=engagement, person=helper)


def test_nobody_puts_themselves_on_a_team(scene: Scene) -> None:
    with pytest.raises(Forbidden) as refused:
        add_member(actor=scene["governor"], engagement=planned(scene), person=scene["governor"])
    assert refused.value.reasons[0].code == "sod.self"


def test_a_finding_is_answered_by_the_systems_people_and_verified_by_the_team(scene: Scene) -> None:
    engagement = running(scene)
    for name in ("owner", "governor", "validator"):
        with pytest.raises(Forbidden):
            raise_audit_finding(
                actor=scene[name], engagement=engagement, system=scene.system, title="x", text="x", severity="high"
            )
    finding = found(scene, engagement)
    with pytest.raises(Forbidden):
        respond_to_audit_finding(actor=scene["external"], finding=finding, response="Mine.")
    respond_to_audit_finding(actor=scene["owner"], finding=finding, response="A rota is in place.")
    for name in ("owner", "developer", "validator"):
        with pytest.raises(Forbidden):
            verify_audit_finding(actor=scene[name], finding=finding, verification="Fine.")
    reopen_audit_finding(actor=scene["external"], finding=finding, reason="The rota is empty.")
    respond_to_audit_finding(actor=scene["developer"], finding=finding, response="Filled.")
    assert verify_audit_finding(actor=scene["external"], finding=finding, verification="Seen.").state == "closed"
    seal_now()
    with pytest.raises(Conflict):
        withdraw_audit_finding(actor=scene["external"], finding=finding, reason="Late.")
    assert Notice.objects.filter(topic=Topic.AUDIT_FINDING).count() == 3


def test_the_database_lets_only_the_team_settle_a_finding(scene: Scene) -> None:
    finding = found(scene, running(scene))
    respond_to_audit_finding(actor=scene["owner"], finding=finding, response="A rota is in place.")
    seal_now()
    sql = "UPDATE engagements_auditfinding SET state = 'closed', verified_by_id = %(by)s"
    act_as(scene["validator"])
    assert refusal(lambda: execute(sql, {"by": scene["validator"].pk})) == "auditfinding_by_entitled"
    act_as(scene["owner"])
    assert refusal(lambda: execute(sql, {"by": scene["owner"].pk})) in {
        "auditfinding_by_entitled", "auditfinding_verified_by_another",
    }  # fmt: skip
    finding.refresh_from_db()
    assert finding.state == "answered"


def test_an_audit_is_settled_by_somebody_outside_the_team_once_all_is_settled(scene: Scene) -> None:
    engagement = running(scene)
    finding = found(scene, engagement)
    with pytest.raises(Conflict):
        close_engagement(actor=scene["governor"], engagement=engagement, note="Done.")
    with pytest.raises(Forbidden):
        reported(scene, engagement, by="validator")
    reported(scene, engagement)
    with pytest.raises(Conflict) as blocked:
        close_engagement(actor=scene["governor"], engagement=engagement, note="Done.")
    assert blocked.value.reasons[0].code == "blocked"
    withdraw_audit_finding(actor=scene["external"], finding=finding, reason="A mistake of ours.")
    again = portal_now() + timedelta(days=365)
    closed = close_engagement(actor=scene["governor"], engagement=engagement, note="One mistake.", next_at=again)
    seal_now()
    work = FollowUp.objects.get(cause="engagement")
    assert (closed.state, work.due, work.origin) == ("closed", again, f"/engagements/{engagement.pk}/")
    assert work.owner == scene["owner"]


def test_a_cancelled_audit_shows_nobody_anything_any_more(scene: Scene) -> None:
    engagement = running(scene)
    cancel_engagement(actor=scene["governor"], engagement=engagement, reason="The firm withdrew.")
    seal_now()
    assert not can(scene["external"], Permission.SYSTEM_VIEW, scene.system)
    act_as(scene["governor"])
    assert refusal(lambda: execute("UPDATE engagements_engagement SET title = 'Other'")) == "engagement_frozen"
    assert refusal(lambda: execute("DELETE FROM engagements_covered")) is not None


def test_pages_go_the_whole_way(scene: Scene, client: Client) -> None:
    person("external")
    client.force_login(scene["governor"])
    day = f"{portal_now() + timedelta(days=60):%Y-%m-%d}"
    wanted = {"kind": "security", "title": "Pen test", "purpose": "Break in.", "systems": "scorer", "ends_at": day}
    made = client.post("/engagements/new/", wanted)
    assert made.status_code == 302
    page = made["Location"]
    builder = client.post(f"{page}team/new/", {"person": "developer"})
    assert builder.status_code == 403
    assert client.post(f"{page}team/new/", {"person": "external", "leads": "on"}).status_code == 302
    assert client.post(f"{page}start/").status_code == 302
    engagement = Engagement.objects.get()
    scene.people["external"] = engagement.team.get().person
    client.force_login(scene["external"])
    assert "/systems/scorer/" in client.get("/systems/").content.decode()
    raised = {"system": "scorer", "title": "Open port", "severity": "high", "text": "22 answers."}
    assert client.post(f"{page}findings/new/", raised).status_code == 302
    finding = AuditFinding.objects.get()
    client.force_login(scene["owner"])
    assert f"/audit-findings/{finding.pk}/" in client.get("/").content.decode()
    assert client.post(f"/audit-findings/{finding.pk}/respond/", {"response": "Closed."}).status_code == 302
    verify = f"/audit-findings/{finding.pk}/verify/"
    assert post_judgement(scene["owner"], verify, verification="Fine.").status_code == 403
    assert post_judgement(scene["external"], verify, verification="Seen.").status_code == 302
    client.force_login(scene["external"])
    file = SimpleUploadedFile("report.pdf", b"%PDF-1.7 report")
    assert client.post(f"{page}report/", {"summary": "Sound.", "file": file}).status_code == 302
    client.force_login(scene["governor"])
    download = client.get(f"{page}report/file/")
    assert download.getvalue() == b"%PDF-1.7 report"
    assert client.post(f"{page}close/", {"note": "Settled.", "next_at": day}).status_code == 302
    assert "Settled" in client.get(page).content.decode()
    client.force_login(scene["outsider"])
    assert client.get(page).status_code == 404


def test_the_period_looked_at_begins_with_its_day_at_either_door(scene: Scene) -> None:
    day = f"{portal_now() + timedelta(days=60):%Y-%m-%d}"
    wanted = {"kind": "model", "title": "Yearly", "purpose": "All of it.", "systems": "scorer"}
    web = Client()
    web.force_login(scene["governor"])
    assert web.post("/engagements/new/", {**wanted, "period_from": "2026-01-01", "ends_at": day}).status_code == 302
    body = {**wanted, "systems": ["scorer"], "period_from": "2026-01-01T00:00:00Z", "ends_at": f"{day}T00:00:00Z"}
    good(Caller(scene["governor"]).post("engagements/", body), 201)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert list(Engagement.objects.values_list("period_from", flat=True)) == [since, since]
    assert web.post("/engagements/new/", {**wanted, "period_from": "0001-01-01", "ends_at": day}).status_code == 400


def test_the_same_over_the_interface(scene: Scene) -> None:
    person("external")
    governor, owner = Caller(scene["governor"]), Caller(scene["owner"])
    day = f"{portal_now() + timedelta(days=60):%Y-%m-%dT%H:%M:%SZ}"
    wanted = {"kind": "model", "title": "Yearly", "purpose": "All of it.", "systems": ["scorer"], "ends_at": day}
    problem(owner.post("engagements/", wanted), 403)
    audit = good(governor.post("engagements/", wanted), 201)
    where = f"engagements/{audit['id']}/"
    assert problem(governor.post(f"{where}team/", {"person": "developer"}), 403)["code"] == "sod.builder"
    problem(governor.post(f"{where}start/", {}), 409)
    team = good(governor.post(f"{where}team/", {"person": "external", "leads": True}))["team"]
    assert [member["person"]["username"] for member in team] == ["external"]
    assert good(governor.post(f"{where}start/", {}))["state"] == "running"
    scene.people["external"] = Engagement.objects.get().team.get().person
    external = Caller(scene["external"])
    body = {"system": "scorer", "title": "Gap", "text": "A gap.", "severity": "high"}
    problem(owner.post(f"{where}findings/", body), 403)
    finding = good(external.post(f"{where}findings/", body))
    at = f"audit-findings/{finding['id']}/"
    good(owner.post(f"{at}respond/", {"response": "Filled."}))
    problem(owner.post(f"{at}verify/", {"verification": "Fine."}), 403)
    assert good(external.post(f"{at}verify/", {"verification": "Seen."}))["state"] == "closed"
    left = good(governor.post(f"{where}leave/", {"person": "external", "reason": "Done."}))
    assert left["team"][0]["left_at"] is not None
    problem(external.get(at), 404)
    assert [one["id"] for one in good(owner.get("engagements/"))["results"]] == [audit["id"]]
    assert good(governor.post(f"{where}cancel/", {"reason": "Merged."}))["state"] == "cancelled"
    assert System.objects.filter(engagements__engagement=audit["id"]).exists()
