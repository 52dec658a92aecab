"""Incidents over REST: reported, shown with what one could do, led to their end; and the gate in between."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.models import Event
from incidents.models import Incident
from inventory.models import Release
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import MOVES
from tests.incidents.walk import described, in_state, reported, resolved
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
REPORT = {"title": "False declines doubled", "type": "drift", "impact": "serious", "urgency": "growing"}


def call(person: User) -> Caller:
    return Caller(person)


def report(scene: Scene, who: str = "owner", **more: Any) -> dict[str, Any]:
    body = {"system": scene.system.slug, **REPORT, **more}
    shown: dict[str, Any] = good(call(scene[who]).post("incidents/", body), 201)
    return shown


def asked(scene: Scene, release: Release) -> tuple[str, str]:
    """The gate's decision and what it says of incidents."""
    query = f"gate/?system={scene.system.slug}&release={release.version}&environment=production"
    document = good(call(scene["owner"]).get(query))
    said = next(line for line in document["requirements"] if line["id"] == "incidents")
    return document["decision"], said["status"]


def test_a_report_closes_the_gate_at_once_and_the_remedy_passes(scene: Scene) -> None:
    mending, failing = scene.approved().release, scene.approved().release
    assert asked(scene, failing) == ("allow", "met")
    answer = call(scene["owner"]).post(
        "incidents/", {"system": scene.system.slug, **REPORT, "occurred_at": "2020-01-01T10:00:00Z"}
    )
    incident = good(answer, 201)
    assert answer["Location"] == f"/api/v1/incidents/{incident['id']}/"
    assert (incident["severity"], incident["state"], incident["releases"]) == ("s2", "reported", [])
    assert asked(scene, failing) == ("deny", "unmet")
    assert asked(scene, mending) == ("deny", "unmet")
    address = f"incidents/{incident['id']}/describe/"
    shown = good(call(scene["incidents"]).post(address, {"remedy_release": mending.pk}))
    assert shown["remedy_release"]["id"] == mending.pk
    assert asked(scene, mending) == ("allow", "met")
    assert asked(scene, failing) == ("deny", "unmet")


def test_a_report_may_name_releases(scene: Scene) -> None:
    failing, other = scene.approved().release, scene.approved().release
    assert report(scene, releases=[failing.pk, failing.pk])["releases"] == [failing.pk]
    assert asked(scene, failing) == ("deny", "unmet")
    assert asked(scene, other) == ("allow", "met")
    release = good(call(scene["viewer"]).get(f"releases/{failing.pk}/"))
    assert [one["severity"] for one in release["incidents"]] == ["s2"]


def test_a_report_on_several_systems_closes_the_gate_of_each_or_of_none(scene: Scene) -> None:
    failing = scene.approved().release
    other = system("limits", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=other)
    body = {
        "systems": [scene.system.slug, "limits"], "releases": [failing.pk], **REPORT,
        "occurred_at": "2020-01-01T10:00:00Z", "aware_at": "2020-01-01T11:00:00Z",
    }  # fmt: skip
    shown = good(call(scene["owner"]).post("incidents/", body), 201)
    first, second = Incident.objects.order_by("id")
    assert (shown["id"], shown["system"], shown["releases"]) == (first.pk, scene.system.slug, [failing.pk])
    assert f"INC-{second.pk}" in shown["notes"][0]["text"]
    assert (second.system, second.affected.count()) == (other, 0)
    assert asked(scene, failing) == ("deny", "unmet")
    system("elsewhere", scene.unit)  # The developer has no role there.
    problem(call(scene["developer"]).post("incidents/", {**body, "systems": [scene.system.slug, "elsewhere"]}), 400)
    twice: tuple[dict[str, Any], ...] = ({"systems": []}, {"systems": ["nothing"]}, {"system": scene.system.slug})
    for wrong in twice:
        problem(call(scene["owner"]).post("incidents/", {**body, **wrong}), 400)
    assert Incident.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "elsewhere"}, {"releases": [10**9]}, {"releases": "1"}, {"type": "weather"}, {"title": " "},
        {"urgency": 3}, {"aware_at": "2100-01-01T00:00:00Z"}, {"surprise": 1},
        {"occurred_at": "2020-01-02T00:00:00Z", "aware_at": "2020-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_a_report_that_is_wrong_names_the_field(scene: Scene, wrong: dict[str, Any]) -> None:
    body = {"system": scene.system.slug, **REPORT, **wrong}
    document = problem(call(scene["owner"]).post("incidents/", body), 400)
    assert set(document["errors"]) & set(wrong)
    assert not Incident.objects.exists()


def test_who_may_not_report_is_refused_and_a_stranger_does_not_learn_that_the_system_exists(scene: Scene) -> None:
    body = {"system": scene.system.slug, **REPORT}
    problem(call(scene["viewer"]).post("incidents/", body), 403)
    problem(call(scene["outsider"]).post("incidents/", body), 400)
    assert not Incident.objects.exists()


@pytest.mark.parametrize("verb", MOVES)
def test_every_verb_works_is_refused_to_others_and_conflicts_elsewhere(scene: Scene, verb: str) -> None:
    start, fields, end, elsewhere = MOVES[verb]
    body = {"commander": "incidents", **fields} if verb == "triage" else fields
    incident, other = in_state(scene, start), in_state(scene, elsewhere)
    run = call(scene["incidents"])
    address = f"incidents/{incident.pk}/{verb}/"
    problem(call(scene["outsider"]).post(address, body), 404)
    problem(call(scene["viewer"]).post(address, body), 403, "forbidden")
    problem(run.post(f"incidents/{other.pk}/{verb}/", body), 409, "state")
    if verb == "resolve":
        document = problem(run.post(address, body), 409, "blocked")
        offered = {one["verb"]: one for one in good(run.get(f"incidents/{incident.pk}/"))["available_actions"]}
        assert document["reasons"] == offered["resolve"]["reasons"]
        shown = good(run.post(f"incidents/{incident.pk}/checks/", {"text": "Declines are down"}), 201)
        passing = f"incidents/{incident.pk}/checks/{shown['checks'][0]['id']}/pass/"
        problem(call(scene["viewer"]).post(passing, {"evidence": "Seen."}), 403)
        problem(run.post(passing, {}), 400)
        assert good(run.post(passing, {"evidence": "Seen."}))["checks"][0]["evidence"] == "Seen."
        problem(run.post(passing, {"evidence": "Seen."}), 409, "duplicate")
    assert good(run.post(address, body))["state"] == end
    event = Event.objects.filter(verb=f"incident.{verb}", table_name="incidents_incident", door="api").get()
    assert event.actor_name == str(scene["incidents"])


def test_a_severe_incident_is_not_closed_by_its_commander(scene: Scene) -> None:
    incident = reported(scene)
    described(scene, incident)
    resolved(scene, incident)
    document = problem(call(scene["incidents"]).post(f"incidents/{incident.pk}/close/", {}), 403, "sod.incident_close")
    offers = good(call(scene["incidents"]).get(f"incidents/{incident.pk}/"))["available_actions"]
    assert next(one for one in offers if one["verb"] == "close")["reasons"] == document["reasons"]


def test_a_duplicate_names_an_open_incident(scene: Scene) -> None:
    original, other = reported(scene), reported(scene)
    address = f"incidents/{other.pk}/mark-duplicate/"
    problem(call(scene["incidents"]).post(address, {"original": other.pk}), 400)
    problem(call(scene["incidents"]).post(address, {"original": 10**9}), 400)
    problem(call(scene["owner"]).post(address, {"original": original.pk}), 403)
    shown = good(call(scene["incidents"]).post(address, {"original": original.pk}))
    assert (shown["state"], shown["duplicate_of"]) == ("duplicate", original.pk)


def test_action_items_and_notes(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    address = f"incidents/{incident.pk}/"
    body = {"text": "Add a limit", "owner": "developer", "due": "2030-01-31T00:00:00Z"}
    problem(call(scene["developer"]).post(address + "actions/", body), 403)
    unknown = problem(call(scene["incidents"]).post(address + "actions/", {**body, "owner": "nobody"}), 400)
    unable = problem(call(scene["incidents"]).post(address + "actions/", {**body, "owner": "outsider"}), 400)
    assert unknown["errors"] == unable["errors"]
    item = good(call(scene["incidents"]).post(address + "actions/", body), 201)["actions"][0]
    finish = address + f"actions/{item['id']}/finish/"
    problem(call(scene["viewer"]).post(finish, {}), 403)
    assert good(call(scene["developer"]).post(finish, {}))["actions"][0]["done_by"] is not None
    problem(call(scene["developer"]).post(finish, {}), 409, "duplicate")
    problem(call(scene["viewer"]).post(address + "notes/", {"text": "Hm."}), 403)
    notes = good(call(scene["owner"]).post(address + "notes/", {"text": "40 calls."}), 201)["notes"]
    assert [note["text"] for note in notes] == ["40 calls."]


def test_impact_is_told_by_class(scene: Scene) -> None:
    address = f"incidents/{in_state(scene, 'triaged').pk}/describe/"
    problem(call(scene["incidents"]).post(address, {"impact_by_class": {"weather": "x"}}), 400)
    shown = good(call(scene["incidents"]).post(address, {"impact_by_class": {"people": "40 calls", "finance": ""}}))
    assert shown["impact_by_class"] == {"people": "40 calls"}


def test_the_list_is_filtered_and_shows_what_one_may_see(scene: Scene) -> None:
    severe, small = reported(scene), in_state(scene, "dismissed")

    def listed(who: str, query: str = "") -> list[int]:
        return [one["id"] for one in good(call(scene[who]).get(f"incidents/{query}"))["results"]]

    assert listed("viewer") == [small.pk, severe.pk]
    assert listed("viewer", "?state=reported&severity=s2&system=scorer") == [severe.pk]
    assert listed("outsider") == []
    problem(call(scene["viewer"]).get("incidents/?colour=red"), 400)
    problem(call(scene["outsider"]).get(f"incidents/{severe.pk}/"), 404)
    system = good(call(scene["viewer"]).get("systems/scorer/"))
    assert [one["id"] for one in system["incidents"]] == [severe.pk]


def test_reporting_twice_with_one_key_reports_once(scene: Scene) -> None:
    body = {"system": scene.system.slug, **REPORT}
    for _ in range(2):
        good(call(scene["owner"]).post("incidents/", body, Idempotency_Key="a-report"), 201)
    assert Incident.objects.count() == 1


def test_lists_cost_the_same_for_many_as_for_few(scene: Scene) -> None:
    release = scene.release()
    caller = call(scene["incidents"])

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as listed:
            good(caller.get("incidents/"))
        with CaptureQueriesContext(connection) as page:
            caller.client.get("/incidents/?state=all")
        return len(listed), len(page)

    for _ in range(2):
        reported(scene, releases=(release,))
    cost()
    few = cost()
    for _ in range(8):
        reported(scene, releases=(release,))
    assert cost() == few
