"""What validation shows on the page of a release."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.database.clock import portal_now
from governance.validation.models import SignOff
from governance.validation.services import place_hold, raise_finding, suspend_release
from governance.validation.services.sign_offs import ConditionInput
from governance.web import slots
from tests.governance.validation.scene import build, open_review, sign


@pytest.mark.django_db
def test_the_page_of_a_release_shows_its_reviews_findings_and_holds(client: Client) -> None:
    scene = build()
    submitted = scene.submitted()
    raise_finding(
        actor=scene["validator"], release=submitted.release, title="Drift", text="It *drifts*.", severity="high",
        category="data",
    )  # fmt: skip
    place_hold(actor=scene["owner"], system=scene.system, reason="Wait for the fix.")
    client.force_login(scene["viewer"])
    page = client.get(f"/releases/{submitted.release_id}/")
    assert page.status_code == 200
    for words in ("Submission 1", "Technical validation", "Drift", "Wait for the fix."):
        assert words in page.content.decode()


@pytest.mark.django_db
def test_the_page_of_a_system_says_who_checked_it_last_and_what_failed(client: Client) -> None:
    scene = build()
    approved = scene.approved()
    client.force_login(scene["viewer"])
    address = f"/systems/{scene.system.slug}/"
    page = client.get(address).content.decode()
    assert "release approval of" in page
    assert "approved</a>" in page
    assert "nothing that still stands open" in page
    raise_finding(
        actor=scene["validator"], release=approved.release, title="Drift", text="It *drifts*.", severity="high",
        category="data",
    )  # fmt: skip
    assert "Drift (high, open)" in client.get(address).content.decode()
    suspend_release(actor=scene["incidents"], release=approved.release, reason="Stop it.")
    assert f"{approved.release.version} was suspended" in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_promise_that_falls_due_within_the_month_stands_under_due_soon() -> None:
    scene = build()
    submission = scene.submitted()
    promise = ConditionInput(
        text="Watch the first month.",
        owner=scene["owner"],
        due=portal_now() + timedelta(hours=1),
        environments=("production",),
    )
    review = open_review(submission)
    assert review is not None
    sign(scene["validator"], review, SignOff.Decision.APPROVE_WITH_CONDITIONS, "Good.", conditions=(promise,))
    assert "Watch the first month." in [item.title for item in slots.work(scene["owner"], slots.Group.DUE)]
    assert slots.work(scene["viewer"], slots.Group.DUE) == []
