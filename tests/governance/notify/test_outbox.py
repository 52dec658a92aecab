"""What acts announce: written with the act, undone with it, once where it says so."""

from __future__ import annotations

import pytest
from django.db import transaction

from governance.access.vocabulary import Permission
from governance.notify.models import Notice
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from governance.validation.services import place_hold
from tests.governance.validation.scene import Scene, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A tiered system and the people around it."""
    return build()


def test_each_act_that_waits_for_somebody_is_announced_to_whom_it_waits_for(scene: Scene) -> None:
    scene.approved()
    place_hold(actor=scene["owner"], system=scene.system, reason="It drifts.")
    told = list(Notice.objects.order_by("id").values_list("topic", "permissions"))
    assert told == [
        (Topic.REVIEW_OPEN, [Permission.SIGN_VALIDATION]),
        (Topic.REVIEW_OPEN, [Permission.SIGN_AUDIT]),
        (Topic.REVIEW_OPEN, [Permission.SIGN_APPROVAL]),
        (Topic.RELEASE_DECIDED, [Permission.SYSTEM_VIEW]),
        (Topic.HOLD_PLACED, [Permission.RELEASE_SUBMIT, Permission.HOLD_LIFT]),
    ]


def test_what_is_undone_is_not_told(scene: Scene) -> None:
    def told_and_undone() -> None:
        with transaction.atomic():
            announce(Topic.DUE, scene.system, title="x", href="/")
            raise LookupError

    with pytest.raises(LookupError):
        told_and_undone()
    assert not Notice.objects.exists()


def test_the_same_fact_is_told_once(scene: Scene) -> None:
    for _ in range(2):
        announce(Topic.DUE, scene.system, title="x", href="/", once="the day it is due")
        announce(Topic.DUE, scene.system, title="y", href="/")
    assert sorted(Notice.objects.values_list("title", flat=True)) == ["x", "y", "y"]


def test_a_title_is_one_line_of_characters_one_can_see(scene: Scene) -> None:
    announce(Topic.DUE, scene.system, title="a\r\nBcc: x@example.com\x00\u202e" + "z" * 400, href="/")
    title = Notice.objects.get().title
    assert title.startswith("a Bcc: x@example.com zz")
    assert len(title) == 300
