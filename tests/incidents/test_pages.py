"""Pages of incidents: reported, led, closed and looked at in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.ledger.models import Denial, Event
from incidents.models import ActionItem, Incident
from tests.governance.validation.scene import Scene
from tests.incidents.walk import GRADE, described, in_state, reported, resolved

pytestmark = pytest.mark.django_db
REPORT = {"title": "False declines doubled", "type": "drift", "impact": "serious", "urgency": "growing"}
# Every verb: where it works, what is posted, where it comes to, a state it does not leave.
MOVES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "triage": ("reported", {"impact": "limited", "urgency": "stable"}, "triaged", "closed"),
    "dismiss": ("reported", {"reason": "A test run."}, "dismissed", "resolved"),
    "contain": ("triaged", {"containment": "Limit raised."}, "contained", "reported"),
    "resolve": ("triaged", {}, "resolved", "reported"),
    "close": ("resolved", {}, "closed", "triaged"),
    "reopen": ("closed", {"reason": "It is back."}, "triaged", "contained"),
}


def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client


def text(person: User, address: str) -> str:
    """What a page says to somebody."""
    answer = browser(person).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def press(scene: Scene, who: str, incident: Incident, verb: str, **fields: Any) -> Any:
    """Post the form of a verb."""
    if verb == "triage":
        fields = {"commander": scene["incidents"].pk, **fields}
    return browser(scene[who]).post(f"/incidents/{incident.pk}/{verb}/", fields)


def test_an_incident_is_reported_from_the_page_of_its_system(scene: Scene) -> None:
    address = f"/systems/{scene.system.slug}/incidents/new/"
    assert address in text(scene["owner"], f"/systems/{scene.system.slug}/")
    assert address not in text(scene["viewer"], f"/systems/{scene.system.slug}/")
    release = scene.release()
    answer = browser(scene["owner"]).post(
        address, {**REPORT, "releases": [release.pk], "occurred_at": "2020-01-01T10:00"}
    )
    incident = Incident.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/")
    assert (incident.severity, incident.reporter, [one.release for one in incident.affected.all()]) == (
        "s2", scene["owner"], [release],
    )  # fmt: skip
    event = Event.objects.filter(verb="incident.report", table_name="incidents_incident").get()
    assert (event.actor_name, event.door) == (str(scene["owner"]), "web")


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("approver", 403), ("outsider", 404)])
def test_who_may_not_report_is_turned_away(scene: Scene, who: str, status: int) -> None:
    answer = browser(scene[who]).post(f"/systems/{scene.system.slug}/incidents/new/", REPORT)
    assert answer.status_code == status
    assert not Incident.objects.exists()
    assert Denial.objects.filter(verb="incident.report").exists() == (status == 403)


@pytest.mark.parametrize("wrong", [{"title": ""}, {"type": "weather"}, {"aware_at": "2100-01-01T00:00"}, {"x": "y"}])
def test_a_report_that_is_wrong_reports_nothing(scene: Scene, wrong: dict[str, str]) -> None:
    answer = browser(scene["owner"]).post(f"/systems/{scene.system.slug}/incidents/new/", {**REPORT, **wrong})
    assert answer.status_code == 400
    assert not Incident.objects.exists()


@pytest.mark.parametrize("verb", MOVES)
def test_every_verb_works_for_who_runs_incidents_and_the_ledger_says_so(scene: Scene, verb: str) -> None:
    start, fields, end, _ = MOVES[verb]
    incident = in_state(scene, start)
    if verb == "resolve":
        browser(scene["incidents"]).post(f"/incidents/{incident.pk}/checks/new/", {"text": "Declines are down"})
        (found,) = incident.checks.all()
        passing = f"/incidents/{incident.pk}/checks/{found.pk}/pass/"
        assert browser(scene["incidents"]).post(passing, {"evidence": "Seen."}).status_code == 302
        assert browser(scene["incidents"]).post(passing, {"evidence": "Seen."}).status_code == 409
    answer = press(scene, "incidents", incident, verb, **fields)
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/")
    incident.refresh_from_db()
    assert incident.state == end
    event = Event.objects.filter(verb=f"incident.{verb}", table_name="incidents_incident").get()
    assert (event.actor_name, event.door, (event.after or {})["state"]) == (str(scene["incidents"]), "web", end)
    assert event.reason == fields.get("reason", "")


@pytest.mark.parametrize("verb", MOVES)
def test_no_verb_works_for_others_or_from_elsewhere(scene: Scene, verb: str) -> None:
    start, fields, _, elsewhere = MOVES[verb]
    incident, other = in_state(scene, start), in_state(scene, elsewhere)
    assert press(scene, "outsider", incident, verb, **fields).status_code == 404
    assert press(scene, "viewer", incident, verb, **fields).status_code == 403
    assert Denial.objects.filter(actor_id=scene["viewer"].pk, verb=f"incident.{verb}").exists()
    assert press(scene, "incidents", other, verb, **fields).status_code == 409
    incident.refresh_from_db()
    assert incident.state == start


def test_what_stands_against_resolving_is_said_before_and_when_tried(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    reason = "Write down at least one return-to-service check and pass it first."
    assert reason in text(scene["incidents"], f"/incidents/{incident.pk}/")
    answer = press(scene, "incidents", incident, "resolve")
    assert answer.status_code == 409
    assert reason in answer.content.decode()


def test_a_severe_incident_is_closed_by_somebody_else(scene: Scene) -> None:
    incident = reported(scene, by="incidents")
    described(scene, incident)
    resolved(scene, incident)
    assert "somebody other than its reporter" in text(scene["incidents"], f"/incidents/{incident.pk}/")
    answer = press(scene, "incidents", incident, "close")
    assert answer.status_code == 403
    assert "somebody other than its reporter" in answer.content.decode()


def test_what_is_known_is_written_down_with_the_release_that_mends_it(scene: Scene) -> None:
    incident, release = in_state(scene, "triaged"), scene.release()
    fields = {"root_cause": "Codes changed.", "impact_people": "1,400 declined", "remedy_release": release.pk}
    assert press(scene, "viewer", incident, "describe", **fields).status_code == 403
    assert press(scene, "incidents", incident, "describe", **fields).status_code == 302
    incident.refresh_from_db()
    assert (incident.root_cause, incident.impact_by_class, incident.remedy_release) == (
        "Codes changed.", {"people": "1,400 declined"}, release,
    )  # fmt: skip
    page = text(scene["viewer"], f"/incidents/{incident.pk}/")
    assert "Codes changed." in page
    assert release.version in page


def test_a_duplicate_is_chosen_among_open_incidents_of_the_system(scene: Scene) -> None:
    original, other, over = reported(scene), reported(scene), in_state(scene, "dismissed")
    assert press(scene, "incidents", other, "mark-duplicate", original=over.pk).status_code == 400
    assert press(scene, "incidents", other, "mark-duplicate", original=original.pk).status_code == 302
    other.refresh_from_db()
    assert (other.state, other.duplicate_of) == ("duplicate", original)


def test_an_action_item_waits_for_its_owner_until_it_is_done(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    fields = {"text": "Add a limit", "owner": scene["developer"].pk, "due": "2030-01-31"}
    new = f"/incidents/{incident.pk}/actions/new/"
    assert browser(scene["developer"]).post(new, fields).status_code == 403
    assert browser(scene["incidents"]).post(new, {**fields, "owner": scene["outsider"].pk}).status_code == 400
    assert browser(scene["incidents"]).post(new, fields).status_code == 302
    item = ActionItem.objects.get()
    assert item.due.isoformat() == "2030-02-01T00:00:00+00:00"
    assert "Add a limit" in text(scene["developer"], "/")
    finish = f"/incidents/{incident.pk}/actions/{item.pk}/finish/"
    assert finish in text(scene["developer"], f"/incidents/{incident.pk}/")
    assert browser(scene["viewer"]).post(finish).status_code == 403
    assert browser(scene["outsider"]).post(finish).status_code == 404
    assert browser(scene["developer"]).post(finish).status_code == 302
    assert browser(scene["developer"]).post(finish).status_code == 409
    assert "Add a limit" not in text(scene["developer"], "/")


def test_notes_are_written_by_who_may_report(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    new = f"/incidents/{incident.pk}/notes/new/"
    assert browser(scene["viewer"]).post(new, {"text": "Hm."}).status_code == 403
    assert browser(scene["owner"]).post(new, {"text": "Call centre reports 40 calls."}).status_code == 302
    assert "Call centre reports 40 calls." in text(scene["viewer"], f"/incidents/{incident.pk}/")


def test_what_failed_stands_on_the_pages_of_the_system_and_of_the_release(scene: Scene) -> None:
    first, second = scene.release(), scene.release()
    incident = reported(scene, releases=(first,))
    link = f"/incidents/{incident.pk}/"
    assert link in text(scene["viewer"], f"/systems/{scene.system.slug}/")
    assert link in text(scene["viewer"], f"/releases/{first.pk}/")
    assert link not in text(scene["viewer"], f"/releases/{second.pk}/")
    assert "Take it on" in text(scene["incidents"], "/")
    assert link in text(scene["owner"], "/")


def test_the_list_shows_what_one_may_see_and_filters_it(scene: Scene) -> None:
    severe, small = reported(scene), in_state(scene, "dismissed")

    def shown(who: str, query: str = "") -> set[int]:
        return {int(key) for key in re.findall(r"/incidents/(\d+)/", text(scene[who], f"/incidents/{query}"))}

    assert shown("viewer") == {severe.pk}
    assert shown("viewer", "?state=all") == {severe.pk, small.pk}
    assert shown("viewer", "?state=dismissed") == {small.pk}
    assert shown("viewer", "?severity=s2&state=all") == {severe.pk}
    assert shown("viewer", "?system=elsewhere") == set()
    assert shown("outsider", "?state=all") == set()
    assert browser(scene["viewer"]).get("/incidents/?colour=red").status_code == 400


def test_every_form_opens(scene: Scene) -> None:
    incident = reported(scene)
    verbs = ("triage", "contain", "describe", "resolve", "close", "reopen", "dismiss", "mark-duplicate", "checks/new",
             "actions/new", "notes/new")  # fmt: skip
    for verb in verbs:
        assert "<form" in text(scene["incidents"], f"/incidents/{incident.pk}/{verb}/")
        assert browser(scene["outsider"]).get(f"/incidents/{incident.pk}/{verb}/").status_code == 404
    assert GRADE["type"] in text(scene["owner"], f"/systems/{scene.system.slug}/incidents/new/")


def test_a_check_is_passed_only_at_its_own_incident(scene: Scene) -> None:
    first, second = in_state(scene, "triaged"), in_state(scene, "triaged")
    browser(scene["incidents"]).post(f"/incidents/{first.pk}/checks/new/", {"text": "Declines are down"})
    (check,) = first.checks.all()
    assert browser(scene["incidents"]).get(f"/incidents/{second.pk}/checks/{check.pk}/pass/").status_code == 404
    assert browser(scene["incidents"]).get(f"/incidents/{first.pk}/checks/{check.pk}/pass/").status_code == 200
