"""Who hears of what happens to a change: whoever waits for it, whoever asked, and the webhooks of its topic."""

from __future__ import annotations

import pytest

from governance.changes.models import Change
from governance.changes.services import (
    ratify_change,
    reject_change,
    return_change,
    roll_back_change,
    submit_change,
    verify_change,
)
from governance.lifecycle import Forbidden
from governance.notify.models import Notice
from tests.governance.changes.walk import asked, emergency, implemented
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


def told(change: Change) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """Topic, title, rights and whether the requester is named, the oldest first."""
    return [
        (notice.topic, notice.title, tuple(notice.permissions) if notice.to_holders else (),
         change.requester_id in notice.people)
        for notice in Notice.objects.filter(about_model="changes.change", about_id=change.pk).order_by("pk")
    ]  # fmt: skip


def test_every_step_of_a_change_is_told_to_whom_it_concerns(scene: Scene) -> None:
    change = verify_change(actor=scene["validator"], change=implemented(scene), verification="Seen.")
    of = f"Change of {scene.system}"
    assert told(change) == [
        ("change.asked", f"{of}: New tokenizer", ("change.approve",), False),
        ("change.decided", f"{of} is approved: New tokenizer", (), True),
        ("change.done", f"{of} is carried out: New tokenizer", ("change.verify",), False),
        ("change.closed", f"{of} is verified: New tokenizer", (), True),
    ]


def test_an_emergency_waits_for_whoever_ratifies_it(scene: Scene) -> None:
    change = ratify_change(actor=scene["approver"], change=emergency(scene))
    roll_back_change(actor=scene["developer"], change=change, reason="Worse.")
    assert [(topic, rights) for topic, _, rights, _ in told(change)] == [
        ("change.done", ("change.approve",)), ("change.decided", ()), ("change.closed", ()),
    ]  # fmt: skip


def test_what_was_refused_is_told_with_its_reason_and_what_failed_is_not_told(scene: Scene) -> None:
    change = submit_change(actor=scene["developer"], change=asked(scene))
    return_change(actor=scene["approver"], change=change, reason="Say which part.")
    change = submit_change(actor=scene["developer"], change=change)
    with pytest.raises(Forbidden, match="another person"):
        reject_change(actor=scene["developer"], change=change, reason="Mine.")
    reject_change(actor=scene["approver"], change=change, reason="Not now.")
    decided = Notice.objects.filter(topic="change.decided").order_by("pk")
    assert [(notice.title.split(":")[0], notice.text) for notice in decided] == [
        (f"Change of {scene.system} is sent back", "Say which part."),
        (f"Change of {scene.system} is rejected", "Not now."),
    ]
