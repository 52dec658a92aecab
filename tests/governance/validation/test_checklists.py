"""The checklist of a stage is answered by whoever may sign it, at either door, and stays on the record."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.ledger.acting import seal_now
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict
from governance.validation.models import CheckAnswer, Review, SignOff, Submission
from governance.validation.services import CheckInput, answer_checklist
from tests.governance.validation.scene import Scene, answer_rest, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser, post_signature
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene under the shipped pack, whose stages have checklists."""
    return build(checklists=True)


@pytest.fixture
def submission(scene: Scene) -> Submission:
    return scene.submitted()


@pytest.fixture
def review(submission: Submission) -> Review:
    return review_of(submission, Role.VALIDATOR)


def post(scene: Scene, name: str, review: Review, **fields: str) -> Any:
    return browser(scene[name]).post(f"/reviews/{review.pk}/checklist/", fields)


def test_a_reviewer_answers_on_the_page_and_the_form_that_is_signed_shows_it(scene: Scene, review: Review) -> None:
    first, second = (line["id"] for line in review.checklist[:2])
    answer = post(scene, "validator", review, **{
        f"answer-{first}": "yes", f"answer-{second}": "no", f"note-{second}": "The *limits* were not tested.",
    })  # fmt: skip
    assert answer.status_code == 302
    assert CheckAnswer.objects.count() == 2
    page = browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode()
    assert "The *limits* were not tested." in page.split('id="decision"')[1]
    assert page.split('id="decision"')[1].count("Not answered:") == len(review.checklist) - 2
    assert Event.objects.filter(verb="review.check", table_name="validation_checkanswer").count() == 2


def test_answering_again_keeps_both_and_the_newest_counts(scene: Scene, review: Review) -> None:
    item = review.checklist[0]["id"]
    for answer, note in (("no", "Not seen yet."), ("no", "Not seen yet."), ("yes", "")):
        answer_checklist(actor=scene["validator"], review=review, answers=[CheckInput(item, answer, note)])
    assert [each.answer for each in CheckAnswer.objects.all()] == ["no", "yes"]
    shown = good(Caller(scene["owner"]).get(f"reviews/{review.pk}/"))["checklist"]
    assert (shown[0]["id"], shown[0]["answer"]["answer"]) == (item, "yes")
    assert shown[1]["answer"] is None


def test_answers_do_not_disqualify_and_stand_on_the_certificate(
    scene: Scene, submission: Submission, review: Review
) -> None:
    item = review.checklist[0]
    answer_checklist(
        actor=scene["validator"], review=review, answers=[CheckInput(item["id"], "not_applicable", "No data is used.")]
    )
    sign(scene["validator"], review)
    page = browser(scene["owner"]).get(f"/submissions/{submission.pk}/certificate/").content.decode()
    assert "No data is used." in page
    assert item["text"] in page.replace("&#x27;", "'")


def test_a_program_of_a_person_answers_too(scene: Scene, review: Review) -> None:
    item = review.checklist[0]["id"]
    where = f"reviews/{review.pk}/checklist/"
    shown = good(Caller(scene["validator"]).post(where, {"answers": [{"item": item, "answer": "yes"}]}))
    assert shown["checklist"][0]["answer"]["person"]["username"] == "validator"
    refused: tuple[dict[str, Any], ...] = (
        {"answers": []},
        {"answers": [{"item": "nothing", "answer": "yes"}]},
        {"answers": [{"item": item, "answer": "perhaps"}]},
        {"answers": [{"item": item, "answer": "no"}]},
        {"answers": [{"item": item, "answer": "yes"}, {"item": item, "answer": "yes"}]},
        {"answers": [{"item": item, "answer": "yes", "extra": 1}]},
    )
    for wrong in refused:
        problem(Caller(scene["validator"]).post(where, wrong), 400)


@pytest.mark.parametrize(("name", "status"), [("owner", 403), ("approver", 403), ("viewer", 403), ("outsider", 404)])
def test_nobody_else_answers_at_either_door(scene: Scene, review: Review, name: str, status: int) -> None:
    item = review.checklist[0]["id"]
    assert post(scene, name, review, **{f"answer-{item}": "yes"}).status_code == status
    body = {"answers": [{"item": item, "answer": "yes"}]}
    assert Caller(scene[name]).post(f"reviews/{review.pk}/checklist/", body).status_code == status
    assert not CheckAnswer.objects.exists()
    if status == 403:
        assert Denial.objects.exists()


CONDITION = {
    "condition_text": "Watch drift.", "condition_owner": "owner", "condition_due": "2030-01-31",
    "condition_environment": "",
}  # fmt: skip


@pytest.mark.parametrize("decision", ["approve", "approve_with_conditions"])
def test_nobody_approves_before_every_item_is_answered(scene: Scene, review: Review, decision: str) -> None:
    first, *rest = review.checklist
    answer_checklist(actor=scene["validator"], review=review, answers=[CheckInput(first["id"], "no", "Not fit.")])
    fields = CONDITION if decision == "approve_with_conditions" else {}
    refused = post_signature(scene["validator"], review, decision=decision, **fields)
    text = unescape(refused.content.decode())
    assert refused.status_code == 409
    said = text[text.index("Not answered on the checklist:") :].split("</", 1)[0]
    assert all(line["text"] in said for line in rest)
    assert first["text"] not in said
    assert not SignOff.objects.exists()
    assert Denial.objects.filter(actor_id=scene["validator"].pk, verb="review.sign", code="blocked").exists()
    answer_rest(scene["validator"], review)
    assert post_signature(scene["validator"], review, decision=decision, **fields).status_code == 302


@pytest.mark.parametrize("decision", ["reject", "return"])
def test_what_is_sent_back_needs_no_answers(scene: Scene, review: Review, decision: str) -> None:
    assert post_signature(scene["validator"], review, decision=decision).status_code == 302
    assert SignOff.objects.get().decision == decision


def test_page_and_api_say_beforehand_what_is_not_answered(scene: Scene, review: Review) -> None:
    asked = "; ".join(line["text"] for line in review.checklist)
    offers = {one["verb"]: one for one in good(Caller(scene["validator"]).get(f"reviews/{review.pk}/"))["offers"]}
    (reason,) = offers["sign"]["reasons"]
    assert (reason["code"], asked in reason["text"]) == ("blocked", True)
    assert [offers[verb]["reasons"] for verb in ("reject", "return")] == [[], []]
    page = unescape(browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode())
    assert asked in page.split('id="decision"')[1]
    assert 'name="password"' in page


def test_what_another_of_the_quorum_answered_counts_for_the_next(db: None) -> None:
    scene = build(quorum=2, checklists=True)
    review = review_of(scene.submitted(), Role.VALIDATOR)
    answer_rest(scene["validator"], review)
    for name in ("validator", "validator2"):
        assert post_signature(scene[name], review).status_code == 302
    assert review_of(review.submission, Role.VALIDATOR).state == Review.State.SIGNED


def test_a_signed_stage_keeps_its_answers(scene: Scene, review: Review) -> None:
    sign(scene["validator"], review)
    item = review.checklist[0]["id"]
    with pytest.raises(Conflict):
        answer_checklist(actor=scene["validator"], review=review, answers=[CheckInput(item, "yes")])
    assert post(scene, "validator", review, **{f"answer-{item}": "yes"}).status_code == 409


def test_what_is_wrong_is_said_and_what_was_typed_stays(scene: Scene, review: Review) -> None:
    item = review.checklist[0]["id"]
    answer = post(scene, "validator", review, **{f"answer-{item}": "no", f"note-{item}": ""})
    assert answer.status_code == 400
    assert "Say why" in answer.content.decode()
    assert post(scene, "validator", review).status_code == 400
    assert post(scene, "validator", review, **{"answer-nothing": "yes"}).status_code == 400


def written(scene: Scene, name: str, review: Review) -> None:
    """The row of an answer, written past the portal by code that claims to be somebody."""
    act_as(scene[name])
    execute(
        "INSERT INTO validation_checkanswer (review_id, item, answer, note, person_id, at)"
        " VALUES (%s, %s, 'yes', '', %s, portal_now())",
        [review.pk, review.checklist[0]["id"], scene[name].pk],
    )


@pytest.mark.parametrize("name", ["approver", "owner", "viewer", "superuser"])
def test_the_seal_refuses_an_answer_of_somebody_who_may_not_sign(scene: Scene, review: Review, name: str) -> None:
    assert refusal(lambda: written(scene, name, review)) == "checkanswer_by_entitled"


def test_the_seal_takes_an_answer_of_somebody_who_may(scene: Scene, review: Review) -> None:
    written(scene, "validator", review)
    seal_now()
    assert CheckAnswer.objects.count() == 1


def test_an_answer_is_never_changed(scene: Scene, review: Review) -> None:
    written(scene, "validator", review)
    seal_now()
    change = "UPDATE validation_checkanswer SET answer = 'no', note = 'x'"
    assert refusal(lambda: execute(change)) == "checkanswer_append_only"
