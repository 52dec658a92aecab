"""What follows an incident: its review, what action items became, better playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden
from incidents.models import Incident, PlaybookVersion, PostIncidentReview
from incidents.playbooks import playbooks_now
from incidents.queries import rules_of_incidents
from incidents.services import (
    accept_playbook,
    add_participant,
    agree_review,
    close_incident,
    complete_review,
    link_action,
    propose_playbook,
    refuse_playbook,
    reopen_incident,
    start_playbook,
    write_review,
)
from inventory.services.risks import identify_risk
from tests.governance.access.people import appoint, person, system
from tests.governance.validation.scene import REVIEWERS, Scene
from tests.incidents.walk import GRADE, SMALL, described, in_state, reported, resolved
from tests.loosening import loosen
from tests.rest import Caller, good, problem

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GRAVE: dict[str, Any] = {"type": "bias", "impact": "grave", "urgency": "immediate"}
WORDS = {
    "response": "The threshold came down within the hour; the channel was found by luck.",
    "detection": "Watch declines by merchant code.",
    "analysis": "Keep a week of raw features.",
    "mitigation": "Let the threshold be lowered without a release.",
}
STEPS = [{"text": "Ask the terminal provider.", "within_hours": 4}]


def ready(scene: Scene, **grade: Any) -> Incident:
    """Resolved, with everything a closing asks for but the review."""
    incident = reported(scene, **(grade or GRADE))
    described(scene, incident)
    return resolved(scene, incident)


def closer(scene: Scene) -> Any:
    """Somebody who neither reported nor leads."""
    found = person("second-manager")
    appoint(found, REVIEWERS["incidents"], unit=scene.unit)
    return found


def test_a_severe_incident_is_not_closed_before_its_review_is_complete(scene: Scene) -> None:
    incident, leader, other = ready(scene), scene["incidents"], closer(scene)
    with pytest.raises(Conflict, match="the full review, completed"):
        close_incident(actor=other, incident=incident)
    write_review(actor=leader, incident=incident, response=WORDS["response"])
    with pytest.raises(Conflict, match="what to improve in detection"):
        complete_review(actor=leader, incident=incident)
    write_review(actor=leader, incident=incident, **WORDS)  # type: ignore[arg-type]
    assert complete_review(actor=leader, incident=incident).completed_by == leader
    for again in (complete_review, write_review):
        with pytest.raises(Conflict, match="complete"):
            again(actor=leader, incident=incident)
    assert close_incident(actor=other, incident=incident).state == "closed"


def test_a_small_incident_needs_no_full_review(scene: Scene) -> None:
    assert in_state(scene, "closed").state == "closed"


def test_a_grave_review_is_complete_once_compliance_and_ethics_agree_with_what_stands_in_it(scene: Scene) -> None:
    incident, leader = ready(scene, **GRAVE), scene["incidents"]
    write_review(actor=leader, incident=incident, **WORDS)  # type: ignore[arg-type]
    with pytest.raises(Forbidden, match="takes part"):
        agree_review(actor=scene["auditor"], incident=incident)
    for who, function in (("auditor", "compliance"), ("validator", "ethics")):
        add_participant(actor=leader, incident=incident, person=scene[who], function=function, stage="improvement")
    agree_review(actor=scene["auditor"], incident=incident)
    with pytest.raises(Conflict, match="agreement of somebody from ethics"):
        complete_review(actor=leader, incident=incident)
    agree_review(actor=scene["validator"], incident=incident)
    write_review(actor=leader, incident=incident, analysis="Two weeks of them.")
    with pytest.raises(Conflict, match="from compliance; the agreement of somebody from ethics"):
        complete_review(actor=leader, incident=incident)
    for who in ("auditor", "validator"):
        agree_review(actor=scene[who], incident=incident)
    complete_review(actor=leader, incident=incident)


def test_a_reopened_incident_is_reviewed_anew(scene: Scene) -> None:
    incident, leader = ready(scene), scene["incidents"]
    write_review(actor=leader, incident=incident, **WORDS)  # type: ignore[arg-type]
    complete_review(actor=leader, incident=incident)
    reopen_incident(actor=leader, incident=incident, reason="It is back.")
    assert PostIncidentReview.objects.get().completed_at is None


@pytest.mark.parametrize("loosened", [False, True])
def test_the_database_refuses_to_close_what_was_not_reviewed(scene: Scene, loosened: bool) -> None:
    incident, other = ready(scene), closer(scene)
    if loosened:
        loosen("^incident_reviewed_before_close$")

    def write() -> None:
        with acting(other, door=Door.COMMAND, verb="incident.close"):
            Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=portal_now(), closed_by=other)
        seal_now()

    if loosened:
        write()
        assert Incident.objects.get().state == "closed"
    else:
        with pytest.raises(Conflict, match="completed before it is closed"):
            write()


def test_an_action_item_leads_to_a_thing_of_the_same_system_and_no_other(scene: Scene) -> None:
    incident = ready(scene)
    action = incident.actions.get()
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="Terminals change", area="finance")
    assert link_action(actor=scene["developer"], action=action, target=risk).target == risk
    with pytest.raises(Conflict, match="already"):
        link_action(actor=scene["developer"], action=action, target=risk)
    with pytest.raises(Forbidden):
        link_action(actor=scene["validator"], action=action, target=risk)
    elsewhere = system("elsewhere", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=elsewhere)
    foreign = identify_risk(actor=scene["owner"], system=elsewhere, title="Other", area="finance")
    with pytest.raises(InvalidInput, match="same system"):
        link_action(actor=scene["developer"], action=action, target=foreign)


def test_a_playbook_gains_a_step_once_somebody_else_accepts_it(scene: Scene) -> None:
    incident, leader, governor = ready(scene), scene["incidents"], scene["governor"]
    before = next(book for book in playbooks_now(rules_of_incidents()) if book.id == "drift")
    steps = [*({"text": one.text, "within_hours": one.within_hours} for one in before.steps), *STEPS]
    run: dict[str, Any] = {"actor": leader, "incident": incident, "playbook": "drift", "reason": "Terminals."}
    with pytest.raises(InvalidInput, match="steps it has already"):
        propose_playbook(**run, steps=steps[:-1])
    version = propose_playbook(**run, steps=steps)
    with pytest.raises(Conflict, match="waits"):
        propose_playbook(**run, steps=STEPS)
    for nobody in ("incidents", "riskofficer", "viewer"):
        with pytest.raises(Forbidden):
            accept_playbook(actor=scene[nobody], version=version)
    assert version.version == 2
    accept_playbook(actor=governor, version=version)
    with pytest.raises(Conflict, match="before"):
        refuse_playbook(actor=governor, version=version, reason="No.")
    again = reported(scene, **SMALL)
    tasks = start_playbook(actor=leader, incident=again, playbook="drift", owner=leader)
    assert [task.text for task in tasks] == [*(one.text for one in before.steps), "Ask the terminal provider."]


def test_page_and_api_review_an_incident_alike(scene: Scene, client: Client) -> None:
    first, second = ready(scene), ready(scene)
    client.force_login(scene["incidents"], backend=BACKEND)
    texts = {**WORDS, "root_cause": "Codes.", "review": "Watch them."}
    assert client.post(f"/incidents/{first.pk}/review/write/", texts).status_code == 302
    assert client.post(f"/incidents/{first.pk}/review/complete/").status_code == 302
    api = Caller(scene["incidents"])
    good(api.post(f"incidents/{second.pk}/review/", texts))
    problem(Caller(scene["validator"]).post(f"incidents/{second.pk}/review/complete/", {}), 403)
    shown = good(api.post(f"incidents/{second.pk}/review/complete/", {}))
    assert shown["post_review"]["detection"] == WORDS["detection"]
    assert shown["review"] == "Watch them."
    problem(api.post(f"incidents/{second.pk}/review/", texts), 409)
    assert PostIncidentReview.objects.exclude(completed_at=None).count() == 2
    page = client.get(f"/incidents/{first.pk}/").content.decode()
    assert "Let the threshold be lowered without a release." in page
    assert f"/incidents/{first.pk}/review/write/" not in page


def test_page_and_api_propose_and_decide_alike(scene: Scene, client: Client) -> None:
    incident = ready(scene)
    api, governor = Caller(scene["incidents"]), Caller(scene["governor"])
    body = {"playbook": "drift", "steps": STEPS, "reason": "Terminals."}
    shown = good(api.post(f"incidents/{incident.pk}/playbook-versions/", body), 201)
    number = shown["playbook_versions"][0]["id"]
    problem(api.post(f"playbook-versions/{number}/accept/", {}), 403)
    problem(governor.post(f"playbook-versions/{number}/refuse/", {"reason": ""}), 400)
    assert good(governor.post(f"playbook-versions/{number}/refuse/", {"reason": "Too short."}))["accepted"] is False
    client.force_login(scene["incidents"], backend=BACKEND)
    text = {"playbook": "drift", "title": "", "steps": "4 h: Ask the terminal provider.\n", "reason": "Terminals."}
    wrong = client.post(f"/incidents/{incident.pk}/playbooks/propose/", {**text, "steps": "Ask."})
    assert (wrong.status_code, "Line 1 must be like" in wrong.content.decode()) == (400, True)
    assert client.post(f"/incidents/{incident.pk}/playbooks/propose/", text).status_code == 302
    version = PlaybookVersion.objects.get(decided_at=None)
    assert client.get(f"/playbooks/{version.pk}/").status_code == 200
    assert client.post(f"/playbooks/{version.pk}/accept/", {"reason": ""}).status_code == 403
    client.force_login(scene["governor"], backend=BACKEND)
    assert f"/playbooks/{version.pk}/" in client.get("/").content.decode()
    assert client.post(f"/playbooks/{version.pk}/accept/", {"reason": ""}).status_code == 302
    assert "Version 3" in client.get("/playbooks/").content.decode()
    found = good(governor.get("playbook-versions/?playbook=drift"))["results"]
    assert [one["version"] for one in found] == [3, 2]


def test_page_and_api_say_alike_what_an_action_item_became(scene: Scene, client: Client) -> None:
    incident = ready(scene)
    action = incident.actions.get()
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="Terminals change", area="finance")
    another = identify_risk(actor=scene["owner"], system=scene.system, title="Codes vanish", area="finance")
    client.force_login(scene["developer"], backend=BACKEND)
    sent = client.post(f"/incidents/{incident.pk}/actions/{action.pk}/became/", {"target": f"risk:{risk.pk}"})
    assert sent.status_code == 302
    assert "Terminals change" in client.get(f"/incidents/{incident.pk}/").content.decode()
    api = Caller(scene["developer"])
    address = f"incidents/{incident.pk}/actions/{action.pk}/became/"
    shown = good(api.post(address, {"risk": another.pk}))
    assert [one["title"] for one in shown["actions"][0]["became"]] == [str(risk), str(another)]
    problem(api.post(address, {}), 400)
    problem(api.post(address, {"risk": 10**9}), 400)
