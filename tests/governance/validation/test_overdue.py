"""A stage that sits for longer than the policy allows: its leads are told once, then governance, and lists show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.notify import reminders, sending
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.policy.sections import Cover, StageLimit
from governance.validation import notices, overdue, reviewers
from governance.validation.models import Review
from governance.validation.services import assign_reviewer
from governance.validation.services.escalation import escalate
from governance.web import slots
from tests.clocks import Clock
from tests.governance.access.people import appoint, person
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAYS = 14  # what the baseline pack allows in tier high


@pytest.fixture
def cards() -> Scene:
    scene = build()
    scene.people["lead"] = person("lead")
    appoint(scene["lead"], Role.REVIEW_LEAD, unit=scene.unit)
    return scene


@pytest.fixture
def review(cards: Scene) -> Review:
    return review_of(cards.submitted(), Role.VALIDATOR)


def told() -> list[list[int]]:
    """Whom each notice of a stage that sits is for, in the order they were written."""
    return [notice.people for notice in Notice.objects.filter(topic=Topic.REVIEW_OVERDUE).order_by("pk")]


def page(who: User, address: str) -> str:
    client = Client()
    client.force_login(who, backend=BACKEND)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_leads_are_told_once_and_governance_once_when_it_goes_on(cards: Scene, review: Review, clock: Clock) -> None:
    clock.move(timedelta(days=DAYS - 1))
    escalate()
    assert told() == []
    clock.move(timedelta(days=1, minutes=1))
    escalate()
    escalate()
    assert told() == [[cards["lead"].pk]]
    clock.move(timedelta(days=DAYS))
    escalate()
    escalate()
    assert told() == [[cards["lead"].pk], [cards["governor"].pk]]


def test_whom_a_stage_is_assigned_to_is_reminded_once_and_told_with_the_leads(
    cards: Scene, review: Review, clock: Clock, mailoutbox: list[EmailMessage]
) -> None:
    assign_reviewer(actor=cards["lead"], review=review, person=cards["validator"])
    Notice.objects.update(spread_at=clock.now())
    clock.move(timedelta(days=DAYS - 1))
    for _ in range(2):
        reminders.remind()
        sending.work()
    (mail,) = (mail for mail in mailoutbox if mail.to == [cards["validator"].email])
    assert "A review assigned to you falls due: Review and sign: Scorer 1.1.0" in mail.subject
    assert f"/reviews/{review.pk}/" in str(mail.body)
    clock.move(timedelta(days=1, minutes=1))
    escalate()
    assert told() == [sorted([cards["lead"].pk, cards["validator"].pk])]
    sign(cards["validator"], review)
    assert Topic.REVIEW_DUE not in {item.topic for item in slots.work(cards["validator"], slots.Group.DUE)}


def test_the_boards_of_a_lead_say_by_when(cards: Scene, review: Review) -> None:
    assign_reviewer(actor=cards["lead"], review=review, person=cards["validator"])
    review.refresh_from_db()
    until = overdue.due(review, overdue.cover())
    assert until is not None
    for address in ("/reviews/queue/?given=all", "/reviews/workload/"):
        assert f"{until:%-d %b %Y}" in page(cards["lead"], address), address
    (desk,) = good(Caller(cards["lead"]).get("reviews/workload/"))["results"]
    assert desk["due"][:10] == until.date().isoformat()


def test_where_nobody_leads_governance_is_told_at_once(clock: Clock) -> None:
    cards = build()
    review_of(cards.submitted(), Role.VALIDATOR)
    clock.move(timedelta(days=DAYS, minutes=1))
    escalate()
    assert told() == [[cards["governor"].pk]]


def test_a_stage_decided_in_time_is_told_to_nobody(cards: Scene, review: Review, clock: Clock) -> None:
    sign(cards["validator"], review)
    clock.move(timedelta(days=DAYS - 1))
    escalate()
    assert told() == []


def test_one_stage_that_cannot_be_told_of_leaves_the_others(
    cards: Scene, review: Review, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = review_of(cards.submitted(), Role.VALIDATOR)
    clock.move(timedelta(days=DAYS, minutes=1))
    real = notices.review_overdue

    def poisoned(about: Review, *rest: Any, **more: Any) -> None:
        if about.pk == review.pk:
            raise ValueError("poisoned")
        real(about, *rest, **more)

    monkeypatch.setattr(notices, "review_overdue", poisoned)
    escalate()
    assert [notice.about_id for notice in Notice.objects.filter(topic=Topic.REVIEW_OVERDUE)] == [other.pk]


def test_lists_of_leads_and_governance_show_it(cards: Scene, review: Review, clock: Clock) -> None:
    assign_reviewer(actor=cards["lead"], review=review, person=cards["validator"])
    assert "Get it moving" not in page(cards["lead"], "/")
    assert [load.late for load in reviewers.workload(cards["lead"], 9)] == [0]
    clock.move(timedelta(days=DAYS, minutes=1))
    assert "Get it moving: open too long" in page(cards["lead"], "/")
    assert "overdue" in page(cards["validator"], "/")
    assert "Get it moving" not in page(cards["governor"], "/")
    assert "Open for longer than the policy allows" in page(cards["validator"], f"/reviews/{review.pk}/")
    assert "open too long" in page(cards["lead"], "/reviews/queue/?given=all")
    assert [load.late for load in reviewers.workload(cards["lead"], 9)] == [1]
    assert "Open too long" in page(cards["lead"], "/reviews/workload/")
    (desk,) = good(Caller(cards["lead"]).get("reviews/workload/"))["results"]
    assert desk["late"] == 1
    clock.move(timedelta(days=DAYS))
    assert "Get it moving: open too long" in page(cards["governor"], "/")
    assert good(Caller(cards["lead"]).get(f"reviews/{review.pk}/"))["due"] is not None


def test_the_shortest_limit_that_fits_counts_and_a_silent_pack_escalates_nothing(
    cards: Scene, review: Review, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Cover(
        longest_open=(
            StageLimit(days=30),
            StageLimit(stages=("technical-validation",), tiers=("high",), days=3),
            StageLimit(tiers=("low",), days=1),
        )
    )
    assert said.longest("technical-validation", "high") == 3
    assert said.longest("process-audit", "high") == 30
    assert Cover().longest("process-audit", "high") is None
    clock.move(timedelta(days=DAYS * 3))
    monkeypatch.setattr(overdue, "cover", lambda: None)
    escalate()
    assert told() == []
    assert overdue.due(review, None) is None
