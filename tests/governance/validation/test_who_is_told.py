"""Whoever can do something about it hears of it: questions, new submissions, decisions, and what falls due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from governance.access.models import User
from governance.access.vocabulary import Role, Scope
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify import sending
from governance.notify.models import Notice
from governance.notify.reminders import remind
from governance.notify.services import create_endpoint
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from governance.validation import pages
from governance.validation.models import SignOff, Submission, Waiver
from governance.validation.services import (
    ConditionInput,
    accept_finding,
    answer_in_review,
    ask_in_review,
    claim_condition,
    grant_waiver,
    lift_hold,
    place_hold,
    raise_finding,
    refuse_condition,
    refuse_waiver,
    renew_release,
    reopen_finding,
    request_waiver,
    respond_to_finding,
    revoke_waiver,
    submit_release,
    withdraw_submission,
)
from governance.web import slots
from governance.web.slots import Group
from inventory.services.tokens import mint_token
from tests.clocks import Clock
from tests.governance.access.people import appoint, person
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_machines import describe, post
from tests.governance.validation.test_pages import browser

pytestmark = pytest.mark.django_db
BUILDERS = ("owner", "deputy", "developer")


@pytest.fixture
def by_machine(scene: Scene) -> Submission:
    """What a pipeline submitted with a token of a developer."""
    minted = mint_token(
        actor=scene["developer"], person=scene["developer"], name="pipeline", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    key = describe(scene, minted.text)
    assert post(minted.text, f"releases/{key}/submit/", {}).status_code == 200
    return Submission.objects.get(release_id=key)


def told(topic: Topic) -> list[str]:
    """Whom the newest notice of a topic names."""
    people = Notice.objects.filter(topic=topic).latest("id").people
    return sorted(User.objects.filter(pk__in=people).values_list("username", flat=True))


def actions(who: User, group: Group) -> list[str]:
    return [item.action for item in slots.work(who, group)]


def test_a_question_about_what_a_machine_submitted_reaches_whoever_may_answer(
    scene: Scene, by_machine: Submission
) -> None:
    review = review_of(by_machine, Role.VALIDATOR)
    question = ask_in_review(actor=scene["validator"], review=review, text="Which data?")
    assert told(Topic.REVIEW_REMARKED) == sorted(BUILDERS)
    for name in BUILDERS:
        assert "Answer the reviewer" in actions(scene[name], Group.DUE), name
    for name in ("validator", "viewer", "outsider"):
        assert "Answer the reviewer" not in actions(scene[name], Group.DUE), name
    answer_in_review(actor=scene["deputy"], review=review, question=question, text="That of 2026.")
    assert "Answer the reviewer" not in actions(scene["owner"], Group.DUE)


def test_a_question_reaches_those_who_stayed_when_the_submitter_left(scene: Scene) -> None:
    review = review_of(scene.submitted(by="developer"), Role.VALIDATOR)
    with acting(Command("scene"), door=Door.COMMAND, verb="person.change"):
        User.objects.filter(pk=scene["developer"].pk).update(closed_at=portal_now(), is_active=False)
    ask_in_review(actor=scene["validator"], review=review_of(review.submission, Role.VALIDATOR), text="Which data?")
    assert told(Topic.REVIEW_REMARKED) == ["deputy", "owner"]


def test_a_question_on_a_stage_nobody_answers_any_more_waits_for_nobody(scene: Scene, by_machine: Submission) -> None:
    ask_in_review(actor=scene["validator"], review=review_of(by_machine, Role.VALIDATOR), text="Which data?")
    withdraw_submission(actor=scene["owner"], release=by_machine.release)
    assert "Answer the reviewer" not in actions(scene["owner"], Group.DUE)


def test_where_the_only_lead_had_a_hand_in_it_those_who_may_sign_are_told(scene: Scene) -> None:
    appoint(scene["developer"], Role.REVIEW_LEAD, unit=scene.unit)
    scene.submitted()
    opened = Notice.objects.filter(topic=Topic.REVIEW_OPEN).latest("id")
    assert (opened.people, opened.to_holders) == ([], True)
    scene.people["lead"] = person("lead")
    appoint(scene["lead"], Role.REVIEW_LEAD, unit=scene.unit)
    scene.submitted()
    opened = Notice.objects.filter(topic=Topic.REVIEW_OPEN).latest("id")
    assert (opened.people, opened.to_holders) == ([scene["lead"].pk], False)


def test_the_nearest_of_more_ends_than_a_page_lists_is_reminded_of_and_stands_first(
    scene: Scene, mailoutbox: list[EmailMessage], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 2)
    monkeypatch.setattr(slots, "SHOWN", 2)
    first = scene.approved()
    clock.move(timedelta(minutes=1))
    nearest = scene.sign_all(renew_release(actor=scene["owner"], release=first.release))
    for _ in range(2):
        clock.move(timedelta(hours=1))
        scene.approved()
    assert nearest.valid_until is not None
    assert nearest.number == 2
    clock.set(nearest.valid_until - timedelta(days=2))
    Notice.objects.update(spread_at=portal_now())
    remind()
    ending = Notice.objects.filter(topic=Topic.APPROVAL_ENDING, people=[scene["owner"].pk])
    assert sorted(ending.values_list("title", flat=True)) == [f"Renew the approval: Scorer 1.{n}.0" for n in (1, 2, 3)]
    sending.work()
    assert len([mail for mail in mailoutbox if "1.1.0" in mail.subject and mail.to == [scene["owner"].email]]) == 1
    page = browser(scene["owner"]).get("/").content.decode()
    assert page.count("Renew the approval") == 2
    assert "Scorer 1.1.0" in page


def test_an_approval_that_was_renewed_is_not_to_be_renewed(scene: Scene, clock: Clock) -> None:
    first = scene.approved()
    assert first.valid_until is not None
    clock.set(first.valid_until - timedelta(days=9))
    assert actions(scene["owner"], Group.DUE) == ["Renew the approval"]
    scene.sign_all(renew_release(actor=scene["owner"], release=first.release))
    assert actions(scene["owner"], Group.DUE) == []


@pytest.mark.parametrize(("decision", "state"), [("return", "returned"), ("reject", "rejected")])
def test_a_release_that_is_turned_away_is_told_to_its_submitter_and_owners(
    scene: Scene, decision: str, state: str
) -> None:
    submission = scene.submitted(by="developer")
    sign(scene["validator"], review_of(submission, Role.VALIDATOR), decision, "The slice of 2026 is missing.")
    notice = Notice.objects.get(topic=Topic.RELEASE_DECIDED)
    assert told(Topic.RELEASE_DECIDED) == sorted(BUILDERS)
    assert (notice.title, notice.text) == (f"{submission.release} is {state}", "The slice of 2026 is missing.")
    assert ("Returned: mend and submit again" in actions(scene["developer"], Group.STARTED)) is (state == "returned")
    assert "Returned: mend and submit again" not in actions(scene["owner"], Group.STARTED)


def test_what_was_returned_waits_until_it_is_submitted_again(scene: Scene) -> None:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR), "return", "Mend it.")
    assert slots.work(scene["owner"], Group.STARTED)[0].action == "Returned: mend and submit again"
    submission.release.refresh_from_db()
    submit_release(actor=scene["owner"], release=submission.release)
    assert "Returned: mend and submit again" not in actions(scene["owner"], Group.STARTED)


def test_an_approval_is_told_and_webhooks_hear_of_it(scene: Scene, by_machine: Submission) -> None:
    create_endpoint(
        actor=scene["governor"], name="Pipeline", url="https://hooks.example.com/x", topics=["release.decided"]
    )
    scene.sign_all(by_machine)
    assert told(Topic.RELEASE_DECIDED) == sorted(BUILDERS)
    spread()
    notice = Notice.objects.get(topic=Topic.RELEASE_DECIDED)
    assert notice.title == f"{by_machine.release} is approved"
    assert notice.deliveries.filter(endpoint__name="Pipeline").count() == 1
    assert notice.deliveries.filter(person=scene["owner"]).count() == 1


def test_answers_and_what_is_sent_back_reach_the_other_side(scene: Scene) -> None:
    found = raise_finding(
        actor=scene["validator"], release=scene.submitted().release, title="Drifts", text="It does.", severity="high",
        category="data",
    )  # fmt: skip
    respond_to_finding(actor=scene["developer"], finding=found, response="Mended.")
    assert told(Topic.FINDING_ANSWERED) == ["validator"]
    reopen_finding(actor=scene["auditor"], finding=found, reason="It still does.")
    assert told(Topic.FINDING_ANSWERED) == ["developer"]
    assert Notice.objects.latest("id").text == "It still does."


def test_a_condition_is_told_when_it_is_reported_and_when_it_is_sent_back(scene: Scene) -> None:
    promise = ConditionInput("Watch it.", scene["owner"], portal_now() + timedelta(days=3))
    submission = scene.submitted()
    signed = sign(
        scene["validator"], review_of(submission, Role.VALIDATOR), SignOff.Decision.APPROVE_WITH_CONDITIONS, "But.",
        conditions=[promise],
    )  # fmt: skip
    condition = signed.conditions.get()
    claim_condition(actor=scene["developer"], condition=condition, evidence="Here.")
    assert told(Topic.CONDITION_ANSWERED) == ["validator"]
    refuse_condition(actor=scene["validator2"], condition=condition, reason="That is last year's.")
    assert told(Topic.CONDITION_ANSWERED) == ["developer", "owner"]


def test_who_asked_for_an_exception_hears_what_came_of_it(scene: Scene) -> None:
    until = portal_now() + timedelta(days=9)
    for verb, state in ((grant_waiver, "Granted"), (refuse_waiver, "Refused"), (revoke_waiver, "Revoked")):
        waiver = request_waiver(
            actor=scene["owner"], system=scene.system, requirement="findings", reason="Soon.", until=until
        )
        if verb is revoke_waiver:
            grant_waiver(actor=scene["riskofficer"], waiver=waiver, reason="For now.")
        verb(actor=scene["riskofficer"], waiver=waiver, reason="Because.")
        notice = Notice.objects.latest("id")
        assert told(Topic.WAIVER_DECIDED) == ["owner"]
        assert (notice.title.partition(":")[0], notice.text) == (state, "Because.")


def test_a_hold_that_is_lifted_is_told_to_who_placed_it_and_who_builds(scene: Scene) -> None:
    hold = place_hold(actor=scene["validator"], system=scene.system, reason="Wait.")
    lift_hold(actor=scene["riskofficer"], hold=hold, reason="It works.")
    assert told(Topic.HOLD_LIFTED) == sorted([*BUILDERS, "validator"])


def test_the_pages_for_people_name_every_topic() -> None:
    words = (settings.BASE_DIR / "governance" / "docs" / "notifications.md").read_text()
    assert [topic for topic in Topic if f"`{topic}`" not in words] == []


def test_a_day_that_was_typed_reads_as_that_day_on_pages_and_in_messages(
    scene: Scene, mailoutbox: list[EmailMessage]
) -> None:
    day = portal_now().date() + timedelta(days=5)
    form = {"requirement": "findings", "reason": "Soon.", "until": day.isoformat(), "environment": ""}
    answer = browser(scene["owner"]).post(f"/systems/{scene.system.slug}/waivers/new/", form)
    assert answer.status_code == 302, answer.content
    waiver = Waiver.objects.get()
    assert f"{day:%-d %b %Y}" in browser(scene["owner"]).get(f"/waivers/{waiver.pk}/").content.decode()
    asked = slots.work(scene["riskofficer"], Group.WAITING)
    assert [item.about for item in asked] == [f"until {day:%-d %b %Y}"]
    grant_waiver(actor=scene["riskofficer"], waiver=waiver, reason="For now.")
    Notice.objects.update(spread_at=portal_now())
    remind()
    sending.work()
    (mail,) = (mail for mail in mailoutbox if mail.to == [scene["owner"].email])
    assert f"(due {day:%-d %b %Y})" in mail.subject
    assert f"Due: by the end of {day:%-d %B %Y} (UTC)" in str(mail.body)


def test_an_accepted_risk_that_runs_out_stands_on_the_lists_again(scene: Scene, clock: Clock) -> None:
    found = raise_finding(
        actor=scene["validator"], release=scene.submitted().release, title="Drifts", text="It does.", severity="high",
        category="data",
    )  # fmt: skip
    ends = portal_now() + timedelta(days=40)
    accept_finding(actor=scene["riskofficer"], finding=found, reason="Small.", until=ends)
    action = "Mend it or judge it again"
    assert action not in actions(scene["owner"], Group.DUE)
    clock.set(ends - timedelta(days=20))
    for name in ("owner", "riskofficer", "validator"):
        assert action in actions(scene[name], Group.DUE), name
    for name in ("viewer", "outsider"):
        assert action not in actions(scene[name], Group.DUE), name
    late = ("/findings/", "/findings/?late=on")
    assert all("Drifts" not in browser(scene["viewer"]).get(page).content.decode() for page in late)
    clock.set(ends + timedelta(minutes=1))
    assert action in actions(scene["owner"], Group.DUE)
    for page in late:
        assert "the acceptance ran out" in browser(scene["viewer"]).get(page).content.decode(), page
    assert "Drifts (high, risk accepted)" in browser(scene["viewer"]).get("/systems/scorer/").content.decode()
