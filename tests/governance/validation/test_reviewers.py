"""A lead finds a reviewer for each stage, a reviewer takes and hands back; nobody's right to sign moves with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Role
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from governance.validation import reviewers
from governance.validation.models import Review, ReviewAssignment
from governance.validation.services import (
    assign_reviewer,
    hand_back_review,
    raise_finding,
    relieve_reviewer,
    take_review,
)
from governance.web import slots
from governance.web.slots import Group
from tests.governance.access.people import appoint, person
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def led(scene: Scene) -> Scene:
    """The scene with somebody who leads the reviews of the unit."""
    scene.people["lead"] = person("lead")
    appoint(scene["lead"], Role.REVIEW_LEAD, unit=scene.unit)
    return scene


@pytest.fixture
def review(led: Scene) -> Review:
    return review_of(led.submitted(), Role.VALIDATOR)


def names(review: Review) -> list[str]:
    return [each.username for each in reviewers.reviewers_of(review)]


def actions(scene: Scene, name: str) -> list[str]:
    return [item.action for item in slots.work(scene[name], Group.WAITING)]


def test_a_lead_assigns_a_reviewer_who_is_told_and_finds_it_first(led: Scene, review: Review) -> None:
    other = review_of(led.submitted(), Role.VALIDATOR)
    assert actions(led, "lead") == ["Assign a reviewer", "Assign a reviewer"]
    where = f"/reviews/{other.pk}/assign/"
    answer = browser(led["lead"]).post(where, {"person": str(led["validator"].pk), "reason": "Knows it."})
    assert answer.status_code == 302
    assert names(other) == ["validator"]
    assert actions(led, "validator") == ["Assigned to you", "Review and sign"]
    assert actions(led, "validator2") == ["Review and sign"]
    assert actions(led, "lead") == ["Assign a reviewer"]
    assert "Assigned" in browser(led["owner"]).get(f"/reviews/{other.pk}/").content.decode()
    assert Event.objects.filter(verb="review.assign", table_name="validation_reviewassignment").count() == 1


def test_only_the_lead_and_who_is_assigned_are_told(led: Scene, review: Review) -> None:
    opened, assigned = Notice.objects.get(topic=Topic.REVIEW_OPEN), Notice.objects.filter(topic=Topic.REVIEW_ASSIGNED)
    assert (opened.people, opened.to_holders) == ([led["lead"].pk], False)
    audit = review_of(review.submission, Role.AUDITOR)
    assign_reviewer(actor=led["lead"], review=audit, person=led["auditor"])
    assert assigned.get().people == [led["auditor"].pk]
    sign(led["validator"], review)
    newest = Notice.objects.filter(topic=Topic.REVIEW_OPEN).latest("id")
    assert newest.people == sorted([led["lead"].pk, led["auditor"].pk])
    spread()
    told = {each.person.username for each in newest.deliveries.select_related("person") if each.person}
    assert told == {"lead", "auditor"}


def test_where_nobody_leads_everybody_entitled_is_told(scene: Scene) -> None:
    scene.submitted()
    assert Notice.objects.get(topic=Topic.REVIEW_OPEN).to_holders


def test_assigning_gives_no_right_to_sign_and_takes_none(led: Scene, review: Review) -> None:
    assign_reviewer(actor=led["lead"], review=review, person=led["validator"])
    sign(led["validator2"], review)
    review.refresh_from_db()
    assert review.state == Review.State.SIGNED
    with pytest.raises(Conflict):
        assign_reviewer(actor=led["lead"], review=review, person=led["validator2"])


def test_who_may_not_review_it_is_listed_with_the_reason_and_refused(led: Scene, review: Review) -> None:
    appoint(led["owner"], Role.VALIDATOR, unit=led.unit)
    found = {each.person.username: [reason.code for reason in each.reasons] for each in reviewers.candidates(review)}
    assert found == {"validator": [], "validator2": [], "owner": ["sod.submitter", "sod.owner", "sod.contributor"]}
    page = browser(led["lead"]).get(f"/reviews/{review.pk}/assign/").content.decode()
    assert "This person submitted this release." in page
    for name, code in (("owner", "sod.submitter"), ("auditor", "forbidden"), ("developer", "sod.developer")):
        with pytest.raises(Conflict) as refused:
            assign_reviewer(actor=led["lead"], review=review, person=led[name])
        assert refused.value.code == code
    assert not ReviewAssignment.objects.exists()


def test_who_signed_another_stage_is_not_asked_again(led: Scene, review: Review) -> None:
    appoint(led["validator"], Role.AUDITOR, unit=led.unit)
    sign(led["validator"], review)
    with pytest.raises(Conflict) as refused:
        assign_reviewer(actor=led["lead"], review=review_of(review.submission, Role.AUDITOR), person=led["validator"])
    assert refused.value.code == "sod.same_person"


def test_a_lead_who_had_a_hand_in_the_release_picks_no_judge_of_it(led: Scene, review: Review) -> None:
    appoint(led["developer"], Role.REVIEW_LEAD, unit=led.unit)
    with pytest.raises(Forbidden):
        assign_reviewer(actor=led["developer"], review=review, person=led["validator"])
    assert "Assign a reviewer" not in actions(led, "developer")


def test_a_full_stage_is_reassigned_in_one_act(led: Scene, review: Review) -> None:
    assign_reviewer(actor=led["lead"], review=review, person=led["validator"])
    with pytest.raises(Conflict):
        assign_reviewer(actor=led["lead"], review=review, person=led["validator2"])
    where = f"/reviews/{review.pk}/assign/"
    form = {"person": str(led["validator2"].pk), "instead_of": str(led["validator"].pk), "reason": "On leave."}
    assert browser(led["lead"]).post(where, {**form, "instead_of": ""}).status_code == 400
    assert browser(led["lead"]).post(where, form).status_code == 302
    assert names(review) == ["validator2"]
    assert [each.act for each in ReviewAssignment.objects.all()] == ["assigned", "relieved", "assigned"]


def test_taking_and_handing_back(led: Scene, review: Review) -> None:
    assert browser(led["validator"]).post(f"/reviews/{review.pk}/take/").status_code == 302
    assert names(review) == ["validator"]
    with pytest.raises(Conflict):
        take_review(actor=led["validator2"], review=review)
    handing = f"/reviews/{review.pk}/hand-back/"
    assert browser(led["validator"]).post(handing, {"reason": ""}).status_code == 400
    assert browser(led["validator"]).post(handing, {"reason": "I am away."}).status_code == 302
    assert names(review) == []
    assert Notice.objects.latest("id").people == [led["lead"].pk]
    with pytest.raises(Conflict):
        hand_back_review(actor=led["validator"], review=review, reason="Again.")


@pytest.mark.parametrize(("name", "status"), [("validator", 403), ("owner", 403), ("outsider", 404)])
def test_nobody_but_a_lead_assigns_at_either_door(led: Scene, review: Review, name: str, status: int) -> None:
    where, body = f"reviews/{review.pk}/assign/", {"person": "validator2"}
    assert browser(led[name]).get(f"/{where}").status_code == status
    assert browser(led[name]).post(f"/{where}", {"person": str(led["validator2"].pk)}).status_code == status
    assert Caller(led[name]).post(where, body).status_code == status
    assert not ReviewAssignment.objects.exists()
    if status == 403:
        assert Denial.objects.exists()


@pytest.mark.parametrize("name", ["auditor", "owner", "lead"])
def test_nobody_takes_what_they_may_not_sign(led: Scene, review: Review, name: str) -> None:
    assert browser(led[name]).post(f"/reviews/{review.pk}/take/").status_code == 403
    assert Caller(led[name]).post(f"reviews/{review.pk}/take/").status_code == 403


def test_the_same_over_rest(led: Scene, review: Review) -> None:
    lead = Caller(led["lead"])
    offered = good(lead.get(f"reviews/{review.pk}/candidates/"))["results"]
    assert [each["person"]["username"] for each in offered] == ["validator", "validator2"]
    shown = good(lead.post(f"reviews/{review.pk}/assign/", {"person": "validator", "reason": "Knows it."}))
    assert [each["username"] for each in shown["reviewers"]] == ["validator"]
    load = good(lead.get("reviews/workload/"))
    assert (load["unassigned"], load["results"][0]["open"]) == (0, 1)
    body = {"person": "validator2", "instead_of": "validator"}
    assert good(lead.post(f"reviews/{review.pk}/assign/", body))["reviewers"][0]["username"] == "validator2"
    good(Caller(led["validator2"]).post(f"reviews/{review.pk}/hand-back/", {"reason": "Away."}))
    good(Caller(led["validator"]).post(f"reviews/{review.pk}/take/"))
    shown = good(lead.post(f"reviews/{review.pk}/relieve/", {"person": "validator", "reason": "Urgent elsewhere."}))
    assert [each["act"] for each in shown["assignments"]] == [
        "assigned", "relieved", "assigned", "handed_back", "taken", "relieved"
    ]  # fmt: skip
    wrong: tuple[dict[str, Any], ...] = ({}, {"person": "nobody"}, {"person": "validator", "extra": 1})
    for body_ in wrong:
        problem(lead.post(f"reviews/{review.pk}/assign/", body_), 400)
    problem(lead.post(f"reviews/{review.pk}/relieve/", {"person": "validator", "reason": "x"}), 409)
    assert good(Caller(led["validator"]).get("reviews/workload/"))["results"] == []


def test_the_queue_shows_what_nobody_has_and_whose_the_rest_is(led: Scene, review: Review) -> None:
    other = review_of(led.submitted(), Role.VALIDATOR)
    assign_reviewer(actor=led["lead"], review=other, person=led["validator"])
    page = browser(led["lead"]).get("/reviews/queue/").content.decode()
    assert f"/reviews/{review.pk}/assign/" in page
    assert f"/reviews/{other.pk}/assign/" not in page
    page = browser(led["lead"]).get(f"/reviews/queue/?given=yes&unit={led.unit.slug}").content.decode()
    assert f"/reviews/{other.pk}/assign/" in page
    assert led["validator"].name in browser(led["lead"]).get("/reviews/workload/").content.decode()
    assert f"/reviews/{review.pk}/" not in browser(led["owner"]).get("/reviews/queue/").content.decode()


@pytest.mark.parametrize("address", ["/reviews/queue/?given=all", "/reviews/workload/"])
def test_pages_cost_the_same_whatever_stands_on_them(led: Scene, review: Review, address: str) -> None:
    client = browser(led["lead"])
    assign_reviewer(actor=led["lead"], review=review, person=led["validator2"])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(3):
        again = review_of(led.submitted(), Role.VALIDATOR)
        assign_reviewer(actor=led["lead"], review=again, person=led["validator"])
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_what_was_done_stays_and_only_in_ones_own_name(led: Scene, review: Review) -> None:
    made = assign_reviewer(actor=led["lead"], review=review, person=led["validator"])
    relieve_reviewer(actor=led["lead"], review=review, person=led["validator"], reason="Mistake.")
    change = f"UPDATE validation_reviewassignment SET person_id = {led['auditor'].pk} WHERE id = {made.pk}"
    assert refusal(lambda: execute(change)) == "reviewassignment_append_only"

    def forged() -> None:
        act_as(led["validator"])
        execute(
            "INSERT INTO validation_reviewassignment (review_id, person_id, act, by_id, reason, at)"
            f" VALUES ({review.pk}, {led['auditor'].pk}, 'assigned', {led['lead'].pk}, '', now())"
        )

    assert refusal(forged) == "reviewassignment_in_person"


def test_what_the_approval_will_ask_is_said_while_an_earlier_stage_is_open(led: Scene, review: Review) -> None:
    approval = review_of(review.submission, Role.APPROVER)
    assert good(Caller(led["approver"]).get(f"reviews/{approval.pk}/"))["still_to_mend"] == []
    raise_finding(
        actor=led["validator2"], release=review.submission.release, title="It leaks", text="Seen.", severity="high",
        category="data",
    )  # fmt: skip
    told = good(Caller(led["approver"]).get(f"reviews/{approval.pk}/"))["still_to_mend"]
    for name, stage in (("approver", approval), ("validator", review)):
        page = browser(led[name]).get(f"/reviews/{stage.pk}/").content.decode().split('id="decision"')[1]
        assert "Before the last signature" in page
    assert any("It leaks" in each["text"] for each in told)
