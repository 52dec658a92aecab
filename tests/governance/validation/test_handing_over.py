"""Closing a person opens what they left: listed whole, handed over each by its own service, what is refused said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.ledger.models import Event
from governance.lifecycle import Conflict
from governance.validation import reviewers
from governance.validation.models import Condition
from governance.validation.services import ConditionInput, assign_reviewer, raise_finding
from governance.web import slots
from governance.web.slots import Group
from incidents.services import add_action
from incidents.services.incidents import hand_over_incident
from inventory.models import Assignment
from inventory.services import save_document_revision
from inventory.services.people import close_person
from tests.clocks import Clock
from tests.governance.access.people import appoint, join, person
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.incidents.walk import in_state, reported
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene() -> Scene:
    made = build()
    for name in ("second", "third"):
        join(person(name), OrganisationRole.GOVERNANCE)
    made.people["lead"] = person("lead")
    appoint(made["lead"], Role.REVIEW_LEAD, unit=made.unit)
    return made


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend=BACKEND)
    return client


def owner_of(scene: Scene) -> list[User]:
    return [each.person for each in Assignment.objects.current().filter(system=scene.system, role=Role.OWNER)]


def test_closing_leads_to_what_was_theirs_and_a_successor_takes_it(scene: Scene) -> None:
    governor, leaver = browser(scene["governor"]), scene["owner"]
    closed = governor.post(f"/admin/access/user/{leaver.pk}/close/", {"reason": "Left the bank."})
    page = f"/people/{leaver.pk}/hand-over/"
    assert (closed.status_code, closed["Location"]) == (302, page)
    shown = governor.get(page).content.decode()
    assert "Scorer" in shown
    assert "Deputy keeps its gate open until" in shown
    assert 'name="to-systems"' in shown
    assert f'name="to-systems-{scene.system.pk}"' in shown
    assert "What Owner left" in governor.get("/").content.decode()
    successor = person("successor")
    answer = governor.post(page, {"to-systems": "successor", "reason": "Takes the desk over."})
    assert (answer.status_code, "Done:" in answer.content.decode()) == (200, True)
    assert owner_of(scene) == [successor]
    assert Event.objects.filter(table_name="inventory_assignment", verb="assignment.create").latest("pk").reason == (
        "Takes the desk over."
    )
    assert "Nothing is left" in governor.get(page).content.decode()
    assert "What Owner left" not in governor.get("/").content.decode()


def test_what_one_service_refuses_leaves_the_rest(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    assign_reviewer(actor=scene["lead"], review=review, person=scene["validator"])
    with_finding = raise_finding(
        actor=scene["validator"], release=review.submission.release, title="Drift", text="x", severity="high",
        category="data",
    )  # fmt: skip
    close_person(actor=scene["governor"], person=scene["validator"], reason="Left.")
    page, governor = f"/people/{scene['validator'].pk}/hand-over/", browser(scene["governor"])
    shown = governor.get(page).content.decode()
    assert with_finding.title in shown
    assert "can open the finding again" in shown
    refused = governor.post(page, {f"to-reviews-{review.pk}": "developer", "reason": "Left."})
    assert (refused.status_code, "Refused:" in refused.content.decode()) == (409, True)
    assert "This person" in refused.content.decode()
    assert reviewers.reviewers_of(review) == [scene["validator"]]
    done = governor.post(page, {f"to-reviews-{review.pk}": "validator2", "reason": "Left."})
    assert done.status_code == 200
    assert reviewers.reviewers_of(review) == [scene["validator2"]]


def test_governance_reassigns_only_what_a_closed_account_left(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    assign_reviewer(actor=scene["lead"], review=review, person=scene["validator"])
    page, governor = f"/people/{scene['validator'].pk}/hand-over/", browser(scene["governor"])
    answer = governor.post(page, {"to-reviews": "validator2", "reason": "On leave."})
    assert answer.status_code == 409
    assert "You need the right to assign reviewers" in answer.content.decode()


def test_incidents_and_what_else_needs_nobody_named_is_listed(scene: Scene) -> None:
    reported(scene)
    shown = browser(scene["governor"]).get(f"/people/{scene['incidents'].pk}/hand-over/")
    assert shown.status_code == 200


def test_it_is_governances_and_says_what_is_wrong(scene: Scene) -> None:
    page = f"/people/{scene['owner'].pk}/hand-over/"
    for name in ("owner", "lead", "outsider"):
        assert browser(scene[name]).get(page).status_code == 403
        assert browser(scene[name]).post(page, {}).status_code == 403
    governor = browser(scene["governor"])
    assert governor.get("/people/99999999/hand-over/").status_code == 404
    for form, words in (
        ({"to-systems": "successor"}, "Nobody with an open account is called"),
        ({"to-systems": "viewer"}, "This field is required"),
        ({"reason": "x"}, "Name a successor for something"),
    ):
        answer = governor.post(page, form)
        assert answer.status_code == 400
        assert words in answer.content.decode() or words.startswith("This")
    assert governor.post(page, {"to-systems": "viewer", "reason": "x", "to-planets": "x"}).status_code == 400
    assert owner_of(scene) == [scene["owner"]]


def test_a_deputy_keeps_the_gate_open_for_the_packs_days(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    close_person(actor=scene["governor"], person=scene["owner"], reason="Left.")
    asked = f"gate/?system={scene.system.slug}&release={release.version}&environment=production"

    def owner_line() -> str:
        lines = good(Caller(scene["developer"]).get(asked))["requirements"]
        return str(next(line["status"] for line in lines if line["id"] == "owner"))

    assert owner_line() == "met"
    clock.move(timedelta(days=31))
    assert owner_line() == "unmet"


def left_by(scene: Scene, name: str) -> tuple[User, Caller, str]:
    """Somebody whose account is closed, governance's caller, and the address of what they left."""
    leaver = scene[name]
    close_person(actor=scene["governor"], person=leaver, reason="Left.")
    return leaver, Caller(scene["governor"]), f"people/{leaver.pk}/hand-over/"


def test_somebody_else_answers_for_a_condition_and_the_promise_stays(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    promise = ConditionInput("Watch drift.", scene["developer"], portal_now() + timedelta(days=9))
    sign(scene["validator"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
    condition = Condition.objects.get()
    early = {"reason": "Left.", "successors": [{"kind": "conditions", "person": "owner"}]}
    governor, path = Caller(scene["governor"]), f"people/{scene['developer'].pk}/hand-over/"
    assert "open" in problem(governor.post(path, early), 409, "state")["detail"]
    left_by(scene, "developer")
    wrong = {"reason": "x", "successors": [{"kind": "conditions", "key": condition.pk, "person": "viewer"}]}
    assert "may fulfil conditions" in problem(governor.post(path, wrong), 409, "invalid")["detail"]
    shown = good(governor.post(path, early))
    (came,) = shown["outcomes"]
    assert (came["kind"], came["key"], came["done"], came["successor"]["username"]) == (
        "conditions", condition.pk, True, "owner"
    )  # fmt: skip
    assert next(each for each in shown["left"] if each["kind"] == "conditions")["things"] == []
    seal_now()
    told = good(Caller(scene["owner"]).get(f"conditions/{condition.pk}/"))
    assert (told["owner"]["username"], told["successor"]["username"]) == ("developer", "owner")
    assert "Fulfil the condition" in [item.action for item in slots.work(scene["owner"], Group.WAITING)]
    assert "whose account is closed" in browser(scene["owner"]).get(f"/conditions/{condition.pk}/").content.decode()

    def quietly() -> None:
        act_as(scene["governor"])
        execute(f"UPDATE validation_condition SET successor_id = {scene['viewer'].pk} WHERE id = {condition.pk}")
        seal_now()

    assert refusal(quietly) == "condition_handed_over_when_left"


def test_an_incident_and_its_action_items_find_somebody_else(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    action = add_action(
        actor=scene["incidents"], incident=incident, text="Retrain.", owner=scene["incidents"],
        due=portal_now() + timedelta(days=3),
    )  # fmt: skip
    with pytest.raises(Conflict, match="unless their account is closed"):
        hand_over_incident(
            actor=scene["incidents"], incident=incident, commander=scene["incidents"], reason="On leave."
        )
    appoint(person("second_manager"), Role.INCIDENT_MANAGER, unit=scene.unit)
    leaver, governor, path = left_by(scene, "incidents")
    shown = good(governor.get(path))
    assert shown["closed_at"] is not None
    kinds = {each["kind"]: [thing["key"] for thing in each["things"]] for each in shown["left"]}
    assert (kinds["incidents"], kinds["actions"]) == ([incident.pk], [action.pk])
    answer = good(
        governor.post(
            path,
            {
                "reason": "Left.",
                "successors": [
                    {"kind": "incidents", "person": "viewer"}, {"kind": "actions", "person": "developer"},
                    {"kind": "incidents", "key": incident.pk, "person": "second_manager"},
                ],
            },
        )
    )  # fmt: skip
    assert [each["done"] for each in answer["outcomes"]] == [True, True]
    incident.refresh_from_db()
    action.refresh_from_db()
    assert (incident.commander.username, action.owner.username) == ("second_manager", "developer")  # type: ignore[union-attr]
    verbs = set(Event.objects.filter(reason="Left.").values_list("verb", flat=True))
    assert {"incident.hand_over", "incident.hand_over_action"} <= verbs
    assert leaver.pk != incident.commander_id


def test_documents_they_are_the_contact_of_are_listed(scene: Scene) -> None:
    save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", sections={"purpose": "x"}, contact="Viewer"
    )
    left = good(Caller(scene["governor"]).get(f"people/{scene['viewer'].pk}/hand-over/"))["left"]
    (documents,) = [each for each in left if each["kind"] == "documents"]
    assert [thing["note"] for thing in documents["things"]] == ["Scorer"]
    assert documents["takes_successor"] is True


def test_the_rest_door_is_governances_and_names_what_is_wrong(scene: Scene) -> None:
    path = f"people/{scene['owner'].pk}/hand-over/"
    for name in ("owner", "lead", "outsider"):
        problem(Caller(scene[name]).get(path), 403)
        problem(Caller(scene[name]).post(path, {"reason": "x", "successors": []}), 403)
    governor = Caller(scene["governor"])
    problem(governor.get("people/99999999/hand-over/"), 404)
    named = {"kind": "systems", "person": "viewer"}
    for body, field in (
        ({"reason": "x", "successors": []}, "successors"), ({"reason": "", "successors": [named]}, "reason"),
        ({"reason": "x", "successors": [{**named, "kind": "planets"}]}, "successors.0.kind"),
        ({"reason": "x", "successors": [{**named, "key": 999999}]}, "successors.0.key"),
        ({"reason": "x", "successors": [{**named, "person": "nobody"}]}, "successors.0.person"),
    ):  # fmt: skip
        assert field in problem(governor.post(path, body), 400)["errors"], body
    successor = person("successor")
    shown = good(governor.post(path, {"reason": "Moves on.", "successors": [{**named, "person": "successor"}]}))
    assert shown["outcomes"][0]["done"] is True
    assert owner_of(scene) == [successor]
