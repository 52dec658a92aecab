"""Risks, changes and incidents are changed together as each would be alone, and what is refused says why."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.changes.together import CHANGES as MANY_CHANGES
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.ledger.verification import verify
from governance.lifecycle import Conflict
from governance.web.together import CHANGES, REFUSED, UNCHANGED, Together, change_many, written
from incidents.models import Incident
from incidents.services import triage_incident
from incidents.together import INCIDENTS
from inventory.models import Risk
from inventory.services.risks import accept_risk, analyse_risk, entrust_risk, identify_risk, treat_risk
from inventory.services.together import RISKS, SYSTEMS
from tests.governance.access.people import appoint, person
from tests.governance.changes.walk import asked
from tests.governance.validation.scene import Scene, build
from tests.incidents.walk import reported
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


@pytest.fixture
def scene(db: None) -> Scene:
    """One system in tier high with everybody around it."""
    return build()


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def statuses(done: Together) -> dict[str, str]:
    return {each.key: each.status for each in done.outcomes}


def risk(scene: Scene, *, treat: bool = True) -> Risk:
    found = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="people", cause="Rain.")
    if treat:
        analyse_risk(actor=scene["developer"], risk=found, likelihood="likely", consequence="serious")
        treat_risk(
            actor=scene["developer"], risk=found, treatment="mitigate", plan="Watch it.", owner=scene["developer"],
            due=portal_now() + SOON, residual_likelihood="rare", residual_consequence="serious",
        )  # fmt: skip
    found.refresh_from_db()
    return found


def test_nothing_that_takes_a_persons_word_is_a_field_of_any_list() -> None:
    fields = {(many.noun, field.word) for many in (SYSTEMS, RISKS, MANY_CHANGES, INCIDENTS) for field in many.fields}
    assert fields == {
        *(("system", word) for word in ("phase", "origin", "impact", "own_role", "personal_data", "unit")),
        ("risk", "owner"), ("risk", "review_at"), ("change", "planned_from"), ("change", "planned_until"),
        ("incident", "commander"),
    }  # fmt: skip


def test_risks_are_given_to_somebody_together_and_what_was_accepted_stands(scene: Scene) -> None:
    first, second, raw = risk(scene), risk(scene), risk(scene, treat=False)
    accept_risk(actor=scene["riskofficer"], risk=first, until=portal_now() + SOON, reason="Small.")
    before = Event.objects.count()
    told: dict[str, Any] = {
        "actor": scene["owner"], "keys": [first.pk, second.pk, raw.pk], "field": "owner", "value": "owner",
        "reason": "She takes over.",
    }  # fmt: skip
    tried = change_many(RISKS, only_try=True, **told)
    assert statuses(tried) == {str(first.pk): CHANGES, str(second.pk): CHANGES, str(raw.pk): REFUSED}
    assert tried.of(REFUSED)[0].reasons
    assert Event.objects.count() == before
    change_many(RISKS, seen=tried.seen, **told)
    first.refresh_from_db()
    assert (first.owner, first.accepted_by, first.assessed_by) == (
        scene["owner"], scene["riskofficer"], scene["developer"],
    )  # fmt: skip
    entries = Event.objects.filter(verb="risk.entrust", table_name="inventory_risk")
    assert list(entries.values_list("reason", flat=True)) == ["She takes over."] * 2
    with pytest.raises(Conflict):
        change_many(RISKS, seen=tried.seen, **told)
    assert set(statuses(change_many(RISKS, **told)).values()) == {UNCHANGED, REFUSED}
    away = change_many(RISKS, **{**told, "value": "developer", "keys": [second.pk]})
    assert away.of(REFUSED)[0].reasons == ("You treat this risk; another person gives it to somebody else.",)
    accepter = change_many(RISKS, **{**told, "actor": scene["developer"], "value": "riskofficer", "keys": [first.pk]})
    assert "accepted what remains" in accepter.of(REFUSED)[0].reasons[0]
    assert not verify().differences


@pytest.mark.parametrize(
    "wrong",
    [{"value": "nobody-at-all"}, {"field": "level", "value": "low"}, {"field": "review_at", "value": "some day"},
     {"keys": ["1\0"]}, {"keys": ["9" * 30]}, {"keys": []}, {"reason": " "}],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_nothing_is_done(scene: Scene, wrong: dict[str, Any]) -> None:
    found = risk(scene)
    told = {"actor": scene["developer"], "keys": [found.pk], "field": "owner", "value": "owner", "reason": "So."}
    with pytest.raises(InvalidInput):
        change_many(RISKS, **{**told, **wrong})
    found.refresh_from_db()
    assert found.owner == scene["developer"]


def test_a_day_that_is_past_is_refused_row_by_row_and_alone(scene: Scene) -> None:
    found = risk(scene)
    done = change_many(
        RISKS, actor=scene["developer"], keys=[found.pk], field="review_at", value="2001-01-01T00:00", reason="x"
    )
    assert done.of(REFUSED)[0].reasons == ("Must lie in the future.",)
    with pytest.raises(InvalidInput):
        entrust_risk(actor=scene["developer"], risk=found, reason="x")


def test_drafts_are_planned_together_and_whoever_does_has_described_them(scene: Scene) -> None:
    draft, other = asked(scene), asked(scene)
    begin = f"{portal_now() + timedelta(days=1):%Y-%m-%dT%H:%M}Z"
    told: dict[str, Any] = {"keys": [draft.pk, other.pk], "field": "planned_from", "value": begin, "reason": "Freeze."}
    done = change_many(MANY_CHANGES, actor=scene["owner"], **told)
    assert set(statuses(done).values()) == {CHANGES}
    draft.refresh_from_db()
    assert written(draft.planned_from) == done.outcomes[0].after
    assert draft.contributions.filter(person=scene["owner"]).exists()
    late = change_many(
        MANY_CHANGES, actor=scene["developer"], keys=[draft.pk], field="planned_until", value="2001-01-01T00:00Z",
        reason="x",
    )  # fmt: skip
    assert late.of(REFUSED)
    assert change_many(MANY_CHANGES, actor=scene["viewer"], **{**told, "value": "2031-01-01T00:00Z"}).of(REFUSED)


def test_reported_incidents_are_taken_on_together_and_one_that_is_led_keeps_its_leader(scene: Scene) -> None:
    fresh, led = reported(scene), reported(scene)
    triage_incident(actor=scene["incidents"], incident=led, commander=scene["incidents"])
    second = person("second")
    appoint(second, Role.INCIDENT_MANAGER, system=scene.system)
    told: dict[str, Any] = {"keys": [fresh.pk, led.pk], "field": "commander", "value": "second", "reason": "Rota."}
    done = change_many(INCIDENTS, actor=scene["incidents"], **told)
    assert statuses(done) == {str(fresh.pk): CHANGES, str(led.pk): REFUSED}
    fresh.refresh_from_db()
    assert (fresh.state, fresh.commander) == (Incident.State.TRIAGED, second)


def test_pages_lead_from_the_ticks_to_the_change(scene: Scene) -> None:
    first, second = reported(scene), reported(scene)
    client = browser(scene["incidents"])
    assert f'value="{first.pk}" form="together"' in client.get("/incidents/").content.decode()
    assert 'form="together"' not in browser(scene["viewer"]).get("/incidents/").content.decode()
    page = client.post("/incidents/together/", {"do": "page", "page": f"{first.pk} {second.pk} "}).content.decode()
    assert page.count('name="row"') == 2
    body = {"row": [first.pk, second.pk], "change": "commander", "to_commander": "incidents", "reason": "Mine."}
    assert client.post("/incidents/together/", {**body, "do": "check", "to_commander": "viewer"}).status_code == 400
    summary = client.post("/incidents/together/", {**body, "do": "check"}).content.decode()
    assert "Change 2 incidents" in summary
    seen = re.search(r'name="seen" value="([^"]+)"', summary)
    assert seen is not None
    done = {"row": body["row"], "change": "commander=incidents", "reason": "Mine.", "do": "apply", "seen": seen[1]}
    assert "2 changed, 0 as they were, 0 refused" in client.post("/incidents/together/", done).content.decode()
    assert client.post("/incidents/together/", done).status_code == 409
    assert browser(scene["viewer"]).post("/risks/together/", {"row": ["7"]}).status_code == 400


def test_the_same_over_rest(scene: Scene) -> None:
    found, change = risk(scene), asked(scene)
    caller = Caller(scene["owner"])
    body = {"risks": [found.pk], "field": "owner", "value": "owner", "reason": "She takes over."}
    tried = good(caller.post("risks/together/", {**body, "only_try": True}))
    assert [each["status"] for each in tried["outcomes"]] == ["changes"]
    assert good(caller.post("risks/together/", {**body, "seen": tried["seen"]}))["outcomes"] == tried["outcomes"]
    problem(caller.post("risks/together/", {**body, "seen": tried["seen"]}), 409, "stale")
    problem(caller.post("risks/together/", {**body, "field": "level"}), 400)
    planned = {"changes": [change.pk], "field": "planned_until", "value": "2031-01-01T00:00Z", "reason": "x"}
    assert good(caller.post("changes/together/", planned))["outcomes"][0]["status"] == "changes"
    told = {"incidents": [reported(scene).pk], "field": "commander", "value": "incidents", "reason": "x"}
    assert good(Caller(scene["incidents"]).post("incidents/together/", told))["outcomes"][0]["status"] == "changes"
    moved = good(caller.post(f"risks/{found.pk}/entrust/", {"review_at": "2031-01-01T00:00Z", "reason": "Later."}))
    assert moved["review_at"].startswith("2031-01-01")
