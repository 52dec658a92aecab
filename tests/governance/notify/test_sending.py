"""Sending: once, to whom may see it, after the act; tried again, given up visibly; one bad row stops no other."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from unittest import mock

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as portal
from django.db import transaction
from django.test import override_settings

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify import outgoing, reminders, sending
from governance.notify.models import Delivery, Notice, Preference
from governance.notify.outbox import announce
from governance.notify.rules import MOST_ATTEMPTS
from governance.notify.services import Told, create_endpoint
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from governance.validation.models import Finding
from governance.validation.services import place_hold, raise_finding, respond_to_finding
from inventory.models import Assignment
from inventory.services.assignments import end_assignment
from tests.clocks import Clock
from tests.governance.notify.receiver import Receiver
from tests.governance.validation.scene import Scene, build
from tests.races import at_once

pytestmark = pytest.mark.django_db
STATE = Delivery.State


@pytest.fixture
def scene() -> Scene:
    """A tiered system and the people around it."""
    return build()


class Post:
    """A mail server's handler that keeps what it takes."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        """Take one message, or answer as told."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer


@pytest.fixture
def post() -> Iterator[Post]:
    """A real mail server on this machine, to which the portal sends."""
    handler = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        yield handler
    controller.stop()


def finding(scene: Scene, clock: Clock) -> Finding:
    """A finding that is due in two days, nothing else being left to tell."""
    found = raise_finding(
        actor=scene["validator"], release=scene.submitted().release, title="Drifts in winter", text="It does.",
        severity="high", category="data",
    )  # fmt: skip
    Notice.objects.update(spread_at=portal_now())
    assert found.due is not None
    clock.set(found.due - timedelta(days=2))
    return found


def tell(scene: Scene, *people: str, title: str = "Something", **more: Any) -> Notice:
    """Announce something about the system to some people by name."""
    announce(Topic.HOLD_PLACED, scene.system, title=title, href="/systems/scorer/",
             people=[scene[name] for name in people], **more)  # fmt: skip
    return Notice.objects.latest("id")


def states(notice: Notice) -> list[str]:
    """Where the deliveries of a notice stand."""
    return sorted(notice.deliveries.values_list("state", flat=True))


def hook(scene: Scene, receiving: Receiver, **more: Any) -> Told:
    """A webhook for holds at the receiver."""
    return create_endpoint(actor=scene["governor"], name="Alerts", url=receiving.url, topics=["hold.placed"], **more)


def test_a_reminder_reaches_its_people_once_for_each_due_date_with_a_link(
    scene: Scene, post: Post, clock: Clock
) -> None:
    due = finding(scene, clock)
    for _ in range(3):
        reminders.remind()
        sending.work()
        clock.move(timedelta(hours=1))
    told = [mail for mail in post.messages if "Drifts in winter" in mail["Subject"]]
    assert sorted(mail["To"] for mail in told) == [scene[name].email for name in ("deputy", "developer", "owner")]
    assert f"{portal.PORTAL_URL}/findings/{due.pk}/" in told[0].get_content()
    assert f"(due {due.due:%-d %b %Y})" in told[0]["Subject"]
    assert told[0]["List-Unsubscribe"].strip().startswith(f"<{portal.PORTAL_URL}/notifications/unsubscribe/")


def test_a_reminder_is_not_sent_when_by_then_nothing_is_due(scene: Scene, mailoutbox: list[Any], clock: Clock) -> None:
    due = finding(scene, clock)
    reminders.remind()
    spread()
    respond_to_finding(actor=scene["developer"], finding=due, response="Mended.")
    sending.work()
    assert [mail.to for mail in mailoutbox] == [[scene["validator"].email]]  # that it is answered
    reminded = Delivery.objects.filter(notice__topic=Topic.FINDING_DUE)
    assert set(reminded.values_list("state", flat=True)) == {STATE.DROPPED}


def test_nobody_is_told_of_what_he_may_not_see_when_it_is_sent(scene: Scene, mailoutbox: list[Any]) -> None:
    notice = tell(scene, "viewer", "outsider", "owner")
    spread()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        for assignment in Assignment.objects.filter(person=scene["viewer"], role=Role.VIEWER):
            end_assignment(actor=scene["governor"], assignment=assignment, reason="Left.")
    sending.work()
    assert [mail.to for mail in mailoutbox] == [[scene["owner"].email]]
    assert states(notice) == [STATE.DROPPED, STATE.DROPPED, STATE.SENT]


def test_who_did_it_and_who_turned_the_topic_off_are_not_told(scene: Scene, mailoutbox: list[Any]) -> None:
    Preference.objects.create(person=scene["deputy"], muted=[Topic.HOLD_PLACED])
    place_hold(actor=scene["owner"], system=scene.system, reason="It drifts.")
    sending.work()
    assert sorted(mail.to[0] for mail in mailoutbox) == [scene["developer"].email, scene["riskofficer"].email]


def test_what_is_settled_by_then_is_told_to_nobody(scene: Scene, mailoutbox: list[Any]) -> None:
    scene.approved()
    place_hold(actor=scene["owner"], system=scene.system, reason="It drifts.")
    sending.work()
    decided = "A release was approved, returned or rejected: Scorer 1.1.0 is approved"
    hold = "A hold was placed: Hold on Scorer"
    assert {mail.subject for mail in mailoutbox} == {f"[Countersign] {words}" for words in (decided, hold)}


def test_quiet_hours_put_off_and_a_digest_gathers(scene: Scene, mailoutbox: list[Any], clock: Clock) -> None:
    now = clock.now().replace(hour=23, minute=0, second=0, microsecond=0)
    clock.set(now)
    Preference.objects.create(person=scene["owner"], quiet_from=22, quiet_until=6)
    Preference.objects.create(person=scene["viewer"], rhythm="daily", digest_hour=7)
    for title in ("First", "Second"):
        tell(scene, "owner", "viewer", title=title)
    sending.work()
    assert mailoutbox == []
    clock.set(now + timedelta(hours=7, minutes=1))
    sending.work()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([scene["owner"].email], "[Countersign] 2 things to look at")
    ]
    clock.set(now + timedelta(hours=8, minutes=1))
    sending.work()
    assert [mail.to for mail in mailoutbox[1:]] == [[scene["viewer"].email]]
    assert "First" in mailoutbox[1].body
    assert "Second" in mailoutbox[1].body


def test_a_mail_server_that_refuses_for_now_is_asked_again_and_for_good_is_not(
    scene: Scene, post: Post, clock: Clock
) -> None:
    notice = tell(scene, "owner")
    post.answers = ["451 later", "250 OK"]
    sending.work()
    assert states(notice) == [STATE.WAITING]
    clock.move(timedelta(minutes=2))
    sending.work()
    assert (states(notice), len(post.messages)) == ([STATE.SENT], 1)
    refused = tell(scene, "viewer")
    post.answers = ["550 never"]
    sending.work()
    assert (states(refused), len(post.messages)) == ([STATE.GIVEN_UP], 1)


def test_a_digest_refused_for_now_comes_as_one_message_and_soon(scene: Scene, post: Post, clock: Clock) -> None:
    now = clock.now().replace(hour=7, minute=0, second=0, microsecond=0)
    Preference.objects.create(person=scene["viewer"], rhythm="daily", digest_hour=7)
    clock.set(now)
    for title in ("First", "Second"):
        tell(scene, "viewer", title=title)
    sending.work()
    clock.set(now + timedelta(days=1))
    post.answers = ["451 later"]
    sending.work()
    assert post.messages == []
    clock.move(timedelta(minutes=2))
    sending.work()
    assert [mail["Subject"] for mail in post.messages] == ["[Countersign] 2 things to look at"]
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {2}


def test_a_message_refused_for_now_before_quiet_hours_waits_for_their_end_and_comes_with_the_others(
    scene: Scene, post: Post, clock: Clock
) -> None:
    now = clock.now().replace(hour=21, minute=59, second=30, microsecond=0)
    clock.set(now)
    Preference.objects.create(person=scene["owner"], quiet_from=22, quiet_until=6)
    first = tell(scene, "owner", title="First")
    post.answers = ["451 later"]
    sending.work()
    clock.move(timedelta(minutes=2))
    tell(scene, "owner", title="Second")
    sending.work()
    assert post.messages == []
    assert first.deliveries.get().not_before == now.replace(hour=6, minute=0, second=0) + timedelta(days=1)
    clock.set(now + timedelta(hours=8, minutes=1))
    sending.work()
    assert [mail["Subject"] for mail in post.messages] == ["[Countersign] 2 things to look at"]


def test_what_joins_a_failing_digest_is_not_given_up_with_it(scene: Scene, post: Post, clock: Clock) -> None:
    now = clock.now().replace(hour=7, minute=0, second=0, microsecond=0)
    Preference.objects.create(person=scene["viewer"], rhythm="daily", digest_hour=7)
    clock.set(now)
    old, new = tell(scene, "viewer", title="Old"), tell(scene, "viewer", title="New")
    spread()
    old.deliveries.update(attempts=MOST_ATTEMPTS - 1)
    clock.set(now + timedelta(days=1))
    post.answers = ["451 later"]
    sending.work()
    assert (states(old), states(new)) == ([STATE.GIVEN_UP], [STATE.WAITING])


def test_a_mail_server_that_cannot_be_reached_is_tried_until_it_is_enough(
    scene: Scene, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    notice = tell(scene, "owner")
    spread()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        for _ in range(MOST_ATTEMPTS):
            assert states(notice) == [STATE.WAITING]
            sending.work()
            clock.move(timedelta(hours=7))
    assert states(notice) == [STATE.GIVEN_UP]
    assert "cannot be reached" in notice.deliveries.get().error
    assert "delivery_given_up" in caplog.text


def test_what_a_dead_worker_was_sending_is_not_mailed_twice_and_a_webhook_is_tried_again(
    scene: Scene, receiving: Receiver, mailoutbox: list[Any], clock: Clock
) -> None:
    hook(scene, receiving)
    notice = tell(scene, "owner")
    spread()
    assert [len(sending.claim()), len(sending.claim()), len(sending.claim())] == [1, 1, 0]
    sending.work()
    assert (mailoutbox, receiving.calls) == ([], [])
    clock.move(timedelta(minutes=6))
    sending.work()
    assert (mailoutbox, len(receiving.calls)) == ([], 1)
    assert states(notice) == [STATE.GIVEN_UP, STATE.SENT]


def test_one_poisoned_row_leaves_the_others_sent_and_raises_an_alarm(
    scene: Scene, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    broken, wrong, well = (tell(scene, name) for name in ("owner", "deputy", "viewer"))
    Notice.objects.filter(pk=broken.pk).update(about_model="no.such_thing")
    Notice.objects.filter(pk=wrong.pk).update(topic="no.such_topic")
    sending.work()
    broken.refresh_from_db()
    assert "LookupError" in broken.error
    assert (states(wrong), states(well)) == ([STATE.WAITING], [STATE.SENT])
    assert [mail.to for mail in mailoutbox] == [[scene["viewer"].email]]
    assert "notice_set_aside" in caplog.text
    assert "delivery_failed" in caplog.text


def test_a_webhook_gets_exactly_one_effective_delivery_over_failures_and_proves_it_by_signature(
    scene: Scene, receiving: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing.send, "__kwdefaults__", {**(outgoing.send.__kwdefaults__ or {}), "seconds": 0.3})
    told = hook(scene, receiving)
    receiving.answers = [(500, ""), ("silent", ""), (200, "")]
    place_hold(actor=scene["owner"], system=scene.system, reason="It drifts.")
    for _ in range(5):
        sending.work()
        clock.move(timedelta(hours=1))
    assert len(receiving.calls) == 3
    seen = set()
    for call in receiving.calls:
        message = call.headers["Countersign-Timestamp"].encode() + b"." + call.body
        made = hmac.new(told.secret.encode(), message, hashlib.sha256).hexdigest()
        assert call.headers["Countersign-Signature"] == f"v1={made}"
        seen.add((call.headers["Countersign-Delivery"], call.headers["Countersign-Event"], call.body))
    assert len({call.headers["Countersign-Timestamp"] for call in receiving.calls}) == 3
    ((delivery, topic, body),) = seen
    assert topic == "hold.placed"
    assert json.loads(body)["delivery"] == delivery
    assert json.loads(body)["href"] == f"{portal.PORTAL_URL}/systems/scorer/"
    assert Delivery.objects.get(endpoint=told.endpoint).state == STATE.SENT


def test_a_webhook_that_says_nothing_holds_nothing_else_up(
    scene: Scene, receiving: Receiver, mailoutbox: list[Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing.send, "__kwdefaults__", {**(outgoing.send.__kwdefaults__ or {}), "seconds": 0.5})
    hook(scene, receiving)
    receiving.answers = [("silent", "")] * 21
    for number in range(20):
        tell(scene, title=f"Number {number}")
    spread()
    clock.move(timedelta(seconds=1))
    tell(scene, "owner")
    sending.work(seconds=3)
    assert [mail.to for mail in mailoutbox] == [[scene["owner"].email]]
    assert len(receiving.calls) == 1
    clock.move(timedelta(seconds=10))
    receiving.answers = []
    sending.work()
    assert Delivery.objects.filter(endpoint__isnull=False, state=STATE.SENT).count() == 20


def test_a_mail_server_that_says_nothing_holds_no_webhook_up(scene: Scene, receiving: Receiver, clock: Clock) -> None:
    for number in range(20):
        tell(scene, "owner", "viewer", title=f"Number {number}")
    spread()
    clock.move(timedelta(seconds=1))
    hook(scene, receiving)
    tell(scene)
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as mute, override_settings(
        EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mute.getsockname()[1], EMAIL_TIMEOUT=0.5
    ):  # fmt: skip
        sending.work(seconds=3)
    assert len(receiving.calls) == 1
    assert Delivery.objects.filter(person__isnull=False, attempts=1).count() == 1


def test_a_webhook_of_other_topics_and_an_ended_one_hear_nothing(scene: Scene, receiving: Receiver) -> None:
    create_endpoint(actor=scene["governor"], name="Other", url=receiving.url, topics=["incident.reported"])
    tell(scene, "owner")
    sending.work()
    assert receiving.calls == []


def test_an_address_inside_is_refused_when_it_is_sent(scene: Scene, receiving: Receiver) -> None:
    told = hook(scene, receiving)
    tell(scene)
    with override_settings(OUTGOING_NETWORKS=[]):
        sending.work()
    assert receiving.calls == []
    assert "no public address" in Delivery.objects.get(endpoint=told.endpoint).error


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_chat_services_are_told_in_their_form_and_words_of_people_stay_words(
    scene: Scene, receiving: Receiver, form: str
) -> None:
    hook(scene, receiving, form=form)
    tell(scene, title="<!channel> *now* [x](https://evil.example)")
    sending.work()
    (call,) = receiving.calls
    text, body = call.body.decode(), json.loads(call.body)
    assert f"{portal.PORTAL_URL}/systems/scorer/" in text
    if form == "slack":
        assert "<!channel>" not in text
        assert body["blocks"][0]["text"]["type"] == "mrkdwn"
    else:
        assert {block["type"] for block in body["attachments"][0]["content"]["body"]} == {"RichTextBlock"}


def test_the_job_sends(scene: Scene, mailoutbox: list[Any]) -> None:
    from governance.notify import tasks  # noqa: PLC0415  registers jobs when first read

    tell(scene, "owner")
    tasks.send_notices(0)
    with mock.patch.object(reminders, "portal_now", side_effect=LookupError), pytest.raises(LookupError):
        tasks.remind(0)
    assert [mail.to for mail in mailoutbox] == [[User.objects.get(pk=scene["owner"].pk).email]]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(scene: Scene, receiving: Receiver, mailoutbox: list[Any]) -> None:
    hook(scene, receiving)
    with transaction.atomic():
        for number in range(10):
            tell(scene, "owner", title=f"Number {number}")
    at_once(sending.work, sending.work, sending.work)
    assert sorted(mail.subject[-8:] for mail in mailoutbox) == [f"Number {number}" for number in range(10)]
    assert len({call.headers["Countersign-Delivery"] for call in receiving.calls}) == len(receiving.calls) == 10
    assert set(Delivery.objects.values_list("state", flat=True)) == {STATE.SENT}
