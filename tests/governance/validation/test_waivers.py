"""Waivers: one person asks, an independent one grants, the gate says so, and each ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.ledger.models import Denial
from governance.lifecycle import Conflict, Forbidden
from governance.policy.decide import Decision, Status, decide
from governance.policy.queries import facts_of, pack_in_force, rules
from governance.validation.models import Waiver
from governance.validation.services import (
    grant_waiver,
    raise_finding,
    refuse_waiver,
    request_waiver,
    revoke_waiver,
    withdraw_waiver,
)
from inventory.models import Assignment, Release
from inventory.services.assignments import end_assignment
from inventory.services.releases import create_release, discard_release
from tests.clocks import Clock
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.loosening import loosen
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO validation_waiver (system_id, requirement, title, environment, reason, until, state, requested_by_id,
    requested_at, decided_by_id, decided_at, decision_reason, revoke_reason)
VALUES (%(system)s, 'findings', 'x', '', 'x', portal_now() + interval '5 days', %(state)s, %(by)s, portal_now(),
    NULL, NULL, '', '')
"""
AHEAD = """
INSERT INTO validation_waiver (system_id, requirement, title, environment, reason, until, state, requested_by_id,
    requested_at, decision_reason, revoke_reason, {columns})
VALUES (%(system)s, 'findings', 'x', '', 'x', portal_now() + interval '90 days', %(state)s, %(by)s, portal_now(),
    '', '', {ahead})
"""
GRANT = "UPDATE validation_waiver SET state = 'granted', decided_by_id = %(by)s, decided_at = portal_now()"


def asked(scene: Scene, *, by: str = "owner", days: int = 5, environment: str = "production") -> Waiver:
    """A request to live with blocking findings for a while."""
    return request_waiver(
        actor=scene[by], system=scene.system, requirement="findings", environment=environment,
        reason="Mended on Monday.", until=portal_now() + timedelta(days=days),
    )  # fmt: skip


def defective(scene: Scene) -> Release:
    """An approved release with a blocking finding: its gate is shut by that alone."""
    release = scene.approved().release
    raise_finding(
        actor=scene["validator"], release=release, title="Leak", text="t", severity="critical", category="data"
    )
    return release


def answer(release: Release, environment: str = "production") -> Decision:
    """What the gate says now."""
    pack = pack_in_force()
    assert pack is not None
    found = rules(pack)
    facts = facts_of([release])[release.pk]
    return decide(facts, found, found.document.environment(environment), portal_now())


def line(decision: Decision) -> Status:
    """How the findings requirement stands."""
    return next(each.status for each in decision.lines if each.id == "findings")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_granted_exception_opens_the_gate_until_it_ends_and_says_so(scene: Scene, clock: Clock) -> None:
    release = defective(scene)
    waiver = asked(scene)
    assert line(answer(release)) is Status.UNMET
    grant_waiver(actor=scene["riskofficer"], waiver=waiver, reason="Small, and watched.")
    decision = answer(release)
    assert decision.allowed
    assert line(decision) is Status.WAIVED
    assert decision.closes_at == waiver.until
    assert "Small, and watched." in (decision.closes_because or "")
    assert line(answer(release, "staging")) is Status.UNMET
    clock.move(timedelta(days=5))
    assert line(answer(release)) is Status.UNMET


def test_an_exception_taken_back_no_longer_counts(scene: Scene) -> None:
    release = defective(scene)
    waiver = grant_waiver(actor=scene["riskofficer"], waiver=asked(scene), reason="x")
    revoke_waiver(actor=scene["riskofficer"], waiver=waiver, reason="It got worse.")
    assert not answer(release).allowed


def test_who_asked_does_not_decide(scene: Scene) -> None:
    appoint(scene["owner"], Role.RISK_OFFICER, system=scene.system)
    waiver = asked(scene)
    with pytest.raises(Forbidden) as refused:
        grant_waiver(actor=scene["owner"], waiver=waiver, reason="x")
    assert {reason.code for reason in refused.value.reasons} == {"sod.requester", "sod.owner"}
    assert Waiver.objects.get().state == "requested"
    assert Denial.objects.filter(verb="waiver.grant").count() == 1


def test_who_builds_the_system_does_not_decide(scene: Scene) -> None:
    appoint(scene["developer"], Role.RISK_OFFICER, system=scene.system)
    with pytest.raises(Forbidden) as refused:
        grant_waiver(actor=scene["developer"], waiver=asked(scene), reason="x")
    assert [reason.code for reason in refused.value.reasons] == ["sod.owner"]


@pytest.mark.parametrize("name", ["developer", "deputy"])
def test_who_built_until_yesterday_does_not_grant_today(scene: Scene, clock: Clock, name: str) -> None:
    if name == "developer":
        scene.release()
    else:
        create_release(actor=scene["owner"], system=scene.system, version="9.0", artifacts=[])
    clock.move(timedelta(days=1))
    waiver = asked(scene)
    for role in Assignment.objects.unended().filter(person=scene[name]):
        end_assignment(actor=Command("test"), assignment=role, door=Door.COMMAND)
    appoint(scene[name], Role.RISK_OFFICER, unit=scene.unit)
    clock.move(timedelta(days=1))
    with pytest.raises(Forbidden) as refused:
        grant_waiver(actor=scene[name], waiver=waiver, reason="x")
    assert [reason.code for reason in refused.value.reasons] == ["sod.owner"]
    act_as(scene[name])
    assert refusal(lambda: execute(GRANT, {"by": scene[name].pk})) == "waiver_decided_by_entitled"


def test_who_built_only_what_can_ship_no_more_grants(scene: Scene, clock: Clock) -> None:
    discard_release(actor=scene["owner"], release=scene.release())
    clock.move(timedelta(days=1))
    for role in Assignment.objects.unended().filter(person=scene["developer"]):
        end_assignment(actor=Command("test"), assignment=role, door=Door.COMMAND)
    appoint(scene["developer"], Role.RISK_OFFICER, unit=scene.unit)
    clock.move(timedelta(days=1))
    assert grant_waiver(actor=scene["developer"], waiver=asked(scene), reason="x").state == "granted"


@pytest.mark.parametrize("name", ["viewer", "validator", "approver", "governor", "superuser", "owner"])
def test_only_a_risk_officer_decides(scene: Scene, name: str) -> None:
    waiver = asked(scene)
    with pytest.raises(Forbidden):
        grant_waiver(actor=scene[name], waiver=waiver, reason="x")
    with pytest.raises(Forbidden):
        refuse_waiver(actor=scene[name], waiver=waiver, reason="x")


@pytest.mark.parametrize("requirement", ["holds", "digest", "technical-validation", "approval-current", "nonsense"])
def test_what_no_pack_lets_be_waived_cannot_be_asked_for(scene: Scene, requirement: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        request_waiver(
            actor=scene["owner"], system=scene.system, requirement=requirement, reason="x",
            until=portal_now() + timedelta(days=1),
        )  # fmt: skip
    assert set(refused.value.errors) == {"requirement"}


@pytest.mark.parametrize(("days", "sentence"), [(31, "at most 30 days"), (0, "in the future")])
def test_the_end_lies_ahead_and_within_the_packs_longest_time(scene: Scene, days: int, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(scene, days=days)
    assert sentence in refused.value.errors["until"][0]


def test_a_request_whose_end_has_passed_is_not_granted(scene: Scene, clock: Clock) -> None:
    waiver = asked(scene)
    clock.move(timedelta(days=6))
    with pytest.raises(Conflict):
        grant_waiver(actor=scene["riskofficer"], waiver=waiver, reason="x")


def test_only_who_asked_withdraws(scene: Scene) -> None:
    waiver = asked(scene)
    with pytest.raises(Forbidden):
        withdraw_waiver(actor=scene["deputy"], waiver=waiver)
    assert withdraw_waiver(actor=scene["owner"], waiver=waiver).state == "withdrawn"


def test_the_database_lets_only_an_independent_risk_officer_grant(scene: Scene) -> None:
    asked(scene)
    for name in ("outsider", "viewer", "governor", "superuser", "deputy", "approver"):
        act_as(scene[name])
        assert refusal(lambda name=name: execute(GRANT, {"by": scene[name].pk})) == "waiver_decided_by_entitled", name  # type: ignore[misc]
    act_as(scene["outsider"])
    granted = {"by": scene["riskofficer"].pk}
    assert refusal(lambda: execute(GRANT, granted)) == "waiver_decided_by_entitled"
    act_as(scene["owner"])
    assert refusal(lambda: execute(GRANT, {"by": scene["owner"].pk})) == "waiver_decided_by_another"
    act_as(scene["riskofficer"])
    execute(GRANT, granted)
    seal_now()


def test_the_database_lets_no_builder_decide_though_a_risk_officer(scene: Scene) -> None:
    asked(scene)
    appoint(scene["deputy"], Role.RISK_OFFICER, system=scene.system)
    act_as(scene["deputy"])
    given = {"by": scene["deputy"].pk}
    assert refusal(lambda: execute(GRANT, given)) == "waiver_decided_by_entitled"
    loosen("waiver_decided_by_entitled")
    execute(GRANT, given)
    seal_now()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("until = until + interval '1 year'", "waiver_frozen"),
        ("requirement = 'conditions'", "waiver_frozen"),
        ("decided_at = portal_now() + interval '9 days'", "waiver_dated_now"),
        ("revoked_by_id = requested_by_id, revoked_at = NULL", "waiver_decided_by_entitled"),
    ],
)
def test_what_was_asked_and_decided_never_changes(scene: Scene, change: str, constraint: str) -> None:
    grant_waiver(actor=scene["riskofficer"], waiver=asked(scene), reason="x")
    act_as(scene["riskofficer"])
    statement: Any = f"UPDATE validation_waiver SET {change}"
    assert refusal(lambda: execute(statement)) == constraint


def test_nobody_asks_in_anothers_name_or_begins_granted(scene: Scene) -> None:
    values = {"system": scene.system.pk, "by": scene["owner"].pk, "state": "requested"}
    act_as(scene["viewer"])
    assert refusal(lambda: execute(INSERT, values)) == "waiver_asked_by_entitled"
    assert refusal(lambda: execute(INSERT, {**values, "by": scene["viewer"].pk})) == "waiver_asked_by_entitled"
    act_as(scene["owner"])
    assert refusal(lambda: execute(INSERT, {**values, "state": "granted"}))
    execute(INSERT, values)
    seal_now()


def test_asked_for_and_granted_by_form(scene: Scene) -> None:
    defective(scene)
    owner, officer = browser(scene["owner"]), browser(scene["riskofficer"])
    ends = f"{portal_now() + timedelta(days=5):%Y-%m-%d}"
    page = f"/systems/{scene.system.slug}/waivers/new/"
    form = {"requirement": "findings", "environment": "", "reason": "Mended on Monday.", "until": ends}
    assert "at most 30 days" in owner.get(page).content.decode()
    assert owner.post(page, {**form, "until": ""}).status_code == 400
    assert browser(scene["viewer"]).get(page).status_code == 403
    assert browser(scene["outsider"]).get(page).status_code == 404
    assert owner.post(page, form).status_code == 302
    waiver = Waiver.objects.get()
    own = owner.get(f"/waivers/{waiver.pk}/").content.decode()
    assert "Withdraw the request" in own
    assert owner.post(f"/waivers/{waiver.pk}/grant/", {"reason": "x"}).status_code == 403
    assert "Decide on the exception" in officer.get("/").content.decode()
    assert officer.post(f"/waivers/{waiver.pk}/grant/", {"reason": ""}).status_code == 400
    assert officer.post(f"/waivers/{waiver.pk}/grant/", {"reason": "Watched."}).status_code == 302
    assert "Granted" in officer.get("/waivers/?state=granted").content.decode()
    assert "Exceptions (waivers)" in owner.get(f"/systems/{scene.system.slug}/").content.decode()
    assert "Waived" in owner.get(f"/releases/{Release.objects.get().pk}/").content.decode()
    assert officer.post(f"/waivers/{waiver.pk}/refuse/", {"reason": "x"}).status_code == 409


def test_asked_for_and_granted_over_rest(scene: Scene) -> None:
    owner, officer = Caller(scene["owner"]), Caller(scene["riskofficer"])
    body = {
        "system": scene.system.slug, "requirement": "findings", "reason": "x",
        "until": (portal_now() + timedelta(days=5)).isoformat(),
    }  # fmt: skip
    problem(Caller(scene["outsider"]).post("waivers/", body), 400)
    problem(Caller(scene["viewer"]).post("waivers/", body), 403)
    problem(owner.post("waivers/", {**body, "state": "granted"}), 400)
    made = good(owner.post("waivers/", body), 201)
    assert (made["state"], made["environment"]) == ("requested", "")
    assert {one["verb"]: one["open"] for one in made["available_actions"]}["withdraw"] is True
    address = f"waivers/{made['id']}/"
    problem(owner.post(address + "grant/", {"reason": "x"}), 403)
    assert good(officer.post(address + "grant/", {"reason": "x"}))["state"] == "granted"
    problem(officer.post(address + "grant/", {"reason": "x"}), 409)
    assert good(officer.post(address + "revoke/", {"reason": "x"}))["state"] == "revoked"
    assert good(Caller(scene["outsider"]).get("waivers/"))["results"] == []
    problem(Caller(scene["outsider"]).get(address), 404)


def test_an_exception_of_one_system_says_nothing_about_another(scene: Scene) -> None:
    release = defective(scene)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("other", scene.unit)
    appoint(scene["developer"], Role.DEVELOPER, system=other)
    elsewhere = create_release(actor=scene["developer"], system=other, version="1.0", artifacts=[])
    waiver = grant_waiver(actor=scene["riskofficer"], waiver=asked(scene), reason="x")
    found = facts_of([release, elsewhere])
    assert [each.id for each in found[release.pk].waivers] == [waiver.pk]
    assert found[elsewhere.pk].waivers == ()


def test_nobody_asks_with_a_decision_written_ahead(scene: Scene) -> None:
    values = {"system": scene.system.pk, "by": scene["owner"].pk, "state": "requested"}
    act_as(scene["owner"])
    for columns, ahead in (
        ("decided_at", "portal_now() + interval '60 days'"),
        ("decided_by_id", str(scene["riskofficer"].pk)),
        ("revoked_at", "portal_now() + interval '60 days'"),
        ("revoked_by_id", str(scene["riskofficer"].pk)),
    ):
        statement: Any = AHEAD.format(columns=columns, ahead=ahead)
        assert refusal(lambda statement=statement: execute(statement, values)) == "waiver_undecided_at_first", columns  # type: ignore[misc]
