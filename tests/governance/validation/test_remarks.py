"""A reviewer asks for more and the submitting side answers; who is named hears of it; nobody is made a contributor."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import OrganisationRole, Role
from governance.ledger.models import Event
from governance.lifecycle import Conflict
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.validation.models import Contribution, Review, ReviewRemark
from governance.validation.services import answer_in_review, ask_in_review, remark_in_review
from governance.web import slots
from governance.web.slots import Group
from tests.governance.access.people import join, person
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(scene: Scene) -> Review:
    return review_of(scene.submitted(), Role.VALIDATOR)


def started(scene: Scene) -> list[str]:
    return [item.action for item in slots.work(scene["owner"], Group.STARTED)]


def test_a_question_waits_until_the_submitting_side_answers(scene: Scene, review: Review) -> None:
    hands = Contribution.objects.count()
    asking = browser(scene["validator"]).post(f"/reviews/{review.pk}/ask/", {"text": "Which *data*?"})
    assert asking.status_code == 302
    question = ReviewRemark.objects.get()
    assert Notice.objects.get(topic=Topic.REVIEW_REMARKED).people == [scene["owner"].pk]
    assert started(scene) == ["Answer the reviewer"]
    page = browser(scene["owner"]).get(f"/reviews/{review.pk}/").content.decode()
    assert "<em>data</em>" in page
    assert "waits for an answer" in page
    where = f"/reviews/{review.pk}/questions/{question.pk}/answer/"
    assert browser(scene["developer"]).post(where, {"text": "That of 2026."}).status_code == 302
    assert Notice.objects.filter(topic=Topic.REVIEW_REMARKED).latest("id").people == [scene["validator"].pk]
    assert started(scene) == ["In review"]
    with pytest.raises(Conflict):
        answer_in_review(actor=scene["owner"], review=review, question=question, text="Again.")
    assert Contribution.objects.count() == hands
    said = Event.objects.filter(table_name="validation_reviewremark", op="I")
    assert set(said.values_list("verb", flat=True)) == {"review.ask", "review.answer"}
    sign(scene["validator"], review)


def test_who_is_named_and_may_see_it_is_told(scene: Scene, review: Review) -> None:
    remark_in_review(
        actor=scene["validator"], review=review, text="@auditor look; mail a@developer.org, @nobody, @outsider."
    )
    told = Notice.objects.get(topic=Topic.REVIEW_REMARKED)
    assert told.people == sorted([scene["auditor"].pk, scene["outsider"].pk])
    assert told.permissions == ["system.view"]  # so the outsider, who may not see it, is left out when it is sent


@pytest.mark.parametrize(
    ("name", "ask", "answer", "remark"),
    [
        ("owner", 403, 409, 200), ("auditor", 403, 403, 200), ("validator", 200, 403, 200), ("viewer", 403, 403, 403),
        ("examiner", 403, 403, 403), ("outsider", 404, 404, 404),
    ],
)  # fmt: skip
def test_each_side_says_its_own(scene: Scene, review: Review, name: str, ask: int, answer: int, remark: int) -> None:
    scene.people["examiner"] = person("examiner")
    join(scene["examiner"], OrganisationRole.EXAMINER)
    caller, web = Caller(scene[name]), browser(scene[name])
    at_web = {200: 302}
    for verb, status in (("ask", ask), ("remarks", remark)):
        assert caller.post(f"reviews/{review.pk}/{verb}/", {"text": "x"}).status_code == status, verb
        assert web.post(f"/reviews/{review.pk}/{verb}/", {"text": "x"}).status_code == at_web.get(status, status), verb
    assert caller.post(f"reviews/{review.pk}/answer/", {"question": 999999, "text": "x"}).status_code == answer


def test_the_same_over_rest(scene: Scene, review: Review) -> None:
    shown = good(Caller(scene["validator"]).post(f"reviews/{review.pk}/ask/", {"text": "Which data?"}))
    question = shown["remarks"][0]["id"]
    body = {"question": question, "text": "That of 2026."}
    shown = good(Caller(scene["owner"]).post(f"reviews/{review.pk}/answer/", body))
    assert [(each["kind"], each["question"]) for each in shown["remarks"]] == [("question", None), ("answer", question)]
    for wrong in ({}, {"text": ""}, {"text": "x", "extra": 1}):
        problem(Caller(scene["validator"]).post(f"reviews/{review.pk}/ask/", wrong), 400)
    problem(Caller(scene["owner"]).post(f"reviews/{review.pk}/answer/", body), 409)


def test_a_decided_stage_takes_remarks_and_no_question(scene: Scene, review: Review) -> None:
    sign(scene["validator"], review)
    with pytest.raises(Conflict):
        ask_in_review(actor=scene["validator2"], review=review, text="Late.")
    remark_in_review(actor=scene["owner"], review=review, text="Thank you.")


def test_what_was_said_stays_and_only_in_ones_own_name(scene: Scene, review: Review) -> None:
    said = remark_in_review(actor=scene["validator"], review=review, text="Seen.")
    assert refusal(lambda: execute(f"UPDATE validation_reviewremark SET text = 'x' WHERE id = {said.pk}")) == (
        "reviewremark_append_only"
    )

    def forged() -> None:
        act_as(scene["validator"])
        execute(
            "INSERT INTO validation_reviewremark (review_id, kind, text, person_id, at)"
            f" VALUES ({review.pk}, 'remark', 'x', {scene['owner'].pk}, now())"
        )

    assert refusal(forged) == "reviewremark_in_person"
