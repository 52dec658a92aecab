"""The risk register: graded by the policy's matrix, accepted by another person for a time, weighed at the gate."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden
from governance.policy.facts import RiskFact
from governance.policy.queries import facts_of
from governance.validation.models import Contribution
from governance.web import slots
from governance.web.slots import Group
from inventory.models import Risk
from inventory.services.risks import (
    accept_risk,
    analyse_risk,
    close_risk,
    identify_risk,
    reopen_risk,
    review_risk,
    risk_version,
    treat_risk,
)
from tests.clocks import Clock
from tests.governance.validation.scene import Scene, build
from tests.governance.validation.test_database_guards import refusal
from tests.governance.validation.test_dependencies import line
from tests.governance.validation.test_forged_packages import first, forge
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
__all__ = ["first"]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SOON = timedelta(days=30)


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def risk(scene: Scene, likelihood: str = "likely", consequence: str = "serious") -> Risk:
    """A graded risk: high, above what the tier may carry, unless said otherwise."""
    found = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="people", cause="Rain.")
    return analyse_risk(actor=scene["developer"], risk=found, likelihood=likelihood, consequence=consequence)


def treated(scene: Scene, found: Risk, **more: Any) -> Risk:
    values = {"residual_likelihood": "rare", "residual_consequence": "serious", "due": portal_now() + SOON, **more}
    return treat_risk(
        actor=scene["owner"], risk=found, treatment="mitigate", plan="Watch it.", owner=scene["developer"], **values
    )


def test_the_level_follows_from_the_matrix_of_the_policy(scene: Scene) -> None:
    assert risk(scene).level == "high"
    assert risk(scene, "rare", "small").level == "low"
    with pytest.raises(InvalidInput):
        risk(scene, "often", "small")


def test_what_an_ungraded_risk_does_to_the_gate_is_said_where_it_is_written(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"])
    where = f"/systems/{scene.system.slug}/risks/new/"
    assert "counts as too high" in client.get(where).content.decode()
    page = client.post(where, {"title": "It drifts", "area": "finance"}, follow=True).content.decode()
    assert "the gate of the system is closed" in page
    assert "counts as too high" in page
    found = Risk.objects.get(title="It drifts")
    analyse_risk(actor=scene["owner"], risk=found, likelihood="rare", consequence="small")
    assert "counts as too high" not in client.get(f"/risks/{found.pk}/").content.decode()


def test_who_has_no_right_writes_down_nothing(scene: Scene) -> None:
    for name, kind in (("viewer", Forbidden), ("validator", Forbidden), ("outsider", NotVisible)):
        with pytest.raises(kind):
            identify_risk(actor=scene[name], system=scene.system, title="x", area="people")


def test_a_treatment_says_who_when_what_it_costs_and_what_remains(scene: Scene) -> None:
    done = treated(scene, risk(scene), cost=Decimal("1000"), benefit=Decimal("2500.5"))
    assert (done.state, done.residual_level, done.cost, done.benefit) == (
        "treated", "medium", Decimal("1000.00"), Decimal("2500.50"),
    )  # fmt: skip
    again = review_risk(actor=scene["owner"], risk=done, residual_likelihood="expected", residual_consequence="grave")
    assert again.residual_level == "critical"
    fresh = identify_risk(actor=scene["owner"], system=scene.system, title="New", area="safety")
    with pytest.raises(Conflict):
        treated(scene, fresh)


def test_who_wrote_it_down_or_graded_it_neither_accepts_nor_closes_it(scene: Scene) -> None:
    mine = identify_risk(actor=scene["riskofficer"], system=scene.system, title="Mine", area="people")
    analyse_risk(actor=scene["developer"], risk=mine, likelihood="likely", consequence="grave")
    with pytest.raises(Forbidden) as refused:
        accept_risk(actor=scene["riskofficer"], risk=mine, until=portal_now() + SOON, reason="Small.")
    assert refused.value.code == "sod.same_person"
    with pytest.raises(Forbidden):
        close_risk(actor=scene["developer"], risk=mine, reason="Gone.")
    with pytest.raises(Forbidden):
        accept_risk(actor=scene["deputy"], risk=risk(scene), until=portal_now() + SOON, reason="Small.")
    assert close_risk(actor=scene["owner"], risk=mine, reason="Gone.").state == "closed"
    assert reopen_risk(actor=scene["owner"], risk=mine, reason="Back.").state == "identified"


def test_an_acceptance_needs_an_end_that_lies_ahead_and_ends_when_it_is_graded_anew(scene: Scene) -> None:
    found = risk(scene)
    with pytest.raises(InvalidInput):
        accept_risk(actor=scene["riskofficer"], risk=found, until=portal_now() - SOON, reason="Small.")
    accepted = accept_risk(actor=scene["riskofficer"], risk=found, until=portal_now() + SOON, reason="Small.")
    assert (accepted.treatment, accepted.accepted_by) == ("accept", scene["riskofficer"])
    assert treated(scene, accepted).accepted_by is None


def test_the_database_lets_nobody_accept_in_anothers_name(scene: Scene) -> None:
    found = risk(scene)
    values = {"accepted_until": portal_now() + SOON, "acceptance": "x"}

    def write(by: User, named: User) -> None:
        with acting(by, door=Door.WEB, verb="risk.accept"):
            Risk.objects.filter(pk=found.pk).update(accepted_by=named, **values)

    for by, named in ((scene["owner"], scene["riskofficer"]), (scene["owner"], scene["owner"])):
        with pytest.raises(Forbidden):
            write(by, named)


def test_facts_tell_what_the_orm_tells(scene: Scene) -> None:
    found = treated(scene, risk(scene))
    gone = risk(scene)
    close_risk(actor=scene["riskofficer"], risk=gone, reason="Gone.")
    release = scene.release()
    assert facts_of([release])[release.pk].risks[1:] == (  # after the scene's own
        RiskFact(found.pk, "It drifts", "treated", "likely", "serious", "rare", "serious", None),
    )


def test_a_risk_above_the_appetite_closes_the_gate_until_treated_or_accepted(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    assert line(release, "risks")[0] == "met"
    found = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="people")
    assert line(release, "risks") == ("unmet", "Above the appetite: “It drifts” (not graded).")
    analyse_risk(actor=scene["owner"], risk=found, likelihood="likely", consequence="serious")
    assert line(release, "risks") == ("unmet", "Above the appetite: “It drifts” (high).")
    end = portal_now() + SOON
    accept_risk(actor=scene["riskofficer"], risk=found, until=end, reason="Small.")
    assert line(release, "risks")[0] == "met"
    clock.set(end)
    assert line(release, "risks")[0] == "unmet"
    treated(scene, found)
    assert line(release, "risks")[0] == "met"


def test_the_package_names_open_risks_and_their_authors_have_a_hand_in_it(scene: Scene) -> None:
    found = treated(scene, risk(scene))
    submission = scene.submitted()
    _, told = json.loads(submission.manifest)["risks"]  # the first is the scene's own
    assert (told["id"], told["level"], told["residual_level"]) == (found.pk, "high", "medium")
    people = Contribution.objects.filter(release=submission.release, kind="risk").values_list("person", flat=True)
    assert set(people) == {scene["owner"].pk}


def test_a_package_that_hides_a_risk_is_refused(scene: Scene, first: Any) -> None:
    risk(scene, "rare", "small")
    assert refusal(lambda: forge(scene, first)) == "package_risks_agrees"


def test_who_treats_a_risk_finds_it_among_what_is_due(scene: Scene) -> None:
    treated(scene, risk(scene))
    assert any("It drifts" in item.title for item in slots.work(scene["developer"], Group.DUE))
    assert not any("It drifts" in item.title for item in slots.work(scene["auditor"], Group.DUE))


def test_pages_show_the_heat_map_and_lead_to_its_fields(scene: Scene) -> None:
    found = risk(scene)
    client = Client()
    client.force_login(scene["owner"], backend=BACKEND)
    assert "?likelihood=likely&amp;consequence=serious" in client.get("/risks/").content.decode()
    narrowed = client.get("/risks/?likelihood=likely&consequence=serious").content.decode()
    assert "It drifts" in narrowed
    assert "It drifts" not in client.get("/risks/?likelihood=rare").content.decode()
    assert "It drifts" in client.get("/systems/scorer/?tab=risks").content.decode()
    said = {"title": "Theft", "area": "security", "source": "", "cause": "", "effect": ""}
    where = client.post("/systems/scorer/risks/new/", said)["Location"]
    assert client.get(where).status_code == 200
    graded = {"likelihood": "rare", "consequence": "small", "consulted": "Legal."}
    assert client.post(f"{where}analyse/", graded).status_code == 302
    plan = {
        "treatment": "transfer", "plan": "Insure.", "owner": scene["deputy"].pk, "due": "2031-01-01T10:00",
        "cost": "10.50", "benefit": "", "residual_likelihood": "rare", "residual_consequence": "small", "review_at": "",
    }  # fmt: skip
    assert client.post(f"{where}treat/", plan).status_code == 302
    assert client.post(f"{where}accept/", {"until": "2031-01-01T10:00", "reason": "x"}).status_code == 403
    assert client.post(f"/risks/{found.pk}/reopen/", {"reason": "x"}).status_code == 409
    stranger = Client()
    stranger.force_login(scene["outsider"], backend=BACKEND)
    assert stranger.get(where).status_code == 404
    assert "It drifts" not in stranger.get("/risks/").content.decode()


def test_the_api_walks_a_risk_through(scene: Scene) -> None:
    owner, officer = Caller(scene["owner"]), Caller(scene["riskofficer"])
    made = good(owner.post("risks/", {"system": "scorer", "title": "Theft", "area": "security"}), 201)
    here = f"risks/{made['id']}/"
    assert good(owner.post(f"{here}analyse/", {"likelihood": "likely", "consequence": "grave"}))["level"] == "critical"
    problem(owner.post(f"{here}analyse/", {"likelihood": "often", "consequence": "grave"}), 400)
    plan = {
        "treatment": "mitigate", "plan": "Lock it.", "owner": "developer", "due": "2031-01-01T10:00:00Z",
        "cost": "10.50", "residual_likelihood": "possible", "residual_consequence": "serious",
    }  # fmt: skip
    assert good(owner.post(f"{here}treat/", plan))["cost"] == "10.50"
    problem(owner.post(f"{here}treat/", {**plan, "owner": "nobody-here"}), 400)
    problem(owner.post(f"{here}accept/", {"until": "2031-01-01T10:00:00Z", "reason": "x"}), 403)
    accepted = good(officer.post(f"{here}accept/", {"until": "2031-01-01T10:00:00Z", "reason": "Carried."}))
    assert accepted["accepted_by"]["username"] == "riskofficer"
    seen = risk_version(Risk.objects.latest("id"))
    problem(officer.call("POST", f"{here}close/", {"reason": "x"}, If_Match='"old"'), 412, "stale")
    assert good(officer.call("POST", f"{here}close/", {"reason": "x"}, If_Match=f'"{seen}"'))["state"] == "closed"
    assert good(owner.get("risks/?state=closed&system=scorer"))["results"][0]["title"] == "Theft"
    assert good(Caller(scene["outsider"]).get("risks/"))["results"] == []
    problem(Caller(scene["outsider"]).get(here), 404)
    problem(Caller(scene["viewer"]).post("risks/", {"system": "scorer", "title": "x", "area": "people"}), 403)
