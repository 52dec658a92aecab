"""A renewal settles no promise: what an earlier approval was given for stays owed until somebody else confirms it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.validation.models import Condition, Submission
from governance.validation.services import ConditionInput, claim_condition, confirm_condition, renew_release
from tests.clocks import Clock
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_pages import browser
from tests.governance.validation.world import prepared
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db


@pytest.fixture
def renewed(scene: Scene, clock: Clock) -> Submission:
    """Approved if the drift is watched within three days; nobody did, and after ten the owner renews."""
    first = scene.submitted()
    promise = ConditionInput("Watch the drift.", scene["owner"], portal_now() + timedelta(days=3))
    review = review_of(first, Role.VALIDATOR)
    sign(scene["validator"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
    scene.sign_all(first)
    seal_now()
    clock.move(timedelta(days=10))
    return renew_release(actor=scene["owner"], release=first.release)


def line(scene: Scene, submission: Submission) -> dict[str, Any]:
    asked = f"gate/?system={scene.system.slug}&release={submission.release.version}&environment=production"
    told = good(Caller(scene["developer"]).get(asked))
    return next(each for each in told["requirements"] if each["id"] == "conditions")


def test_the_gate_stays_closed_over_a_promise_of_the_approval_before(scene: Scene, renewed: Submission) -> None:
    assert line(scene, renewed)["status"] == "unmet"
    scene.sign_all(renewed)
    seal_now()
    assert renewed.state == Submission.State.APPROVED
    after = line(scene, renewed)
    assert (after["status"], "Watch the drift." in after["reason"], after["who"]) == ("unmet", True, ["Owner"])
    condition = Condition.objects.get()
    claim_condition(actor=scene["owner"], condition=condition, evidence="A dashboard.")
    assert line(scene, renewed)["status"] == "unmet"
    confirm_condition(actor=scene["validator"], condition=condition)
    assert line(scene, renewed)["status"] == "met"


def test_a_promise_outlasts_several_renewals(scene: Scene, renewed: Submission) -> None:
    scene.sign_all(renewed)
    again = renew_release(actor=scene["owner"], release=renewed.release)
    scene.sign_all(again)
    assert again.number == 3
    assert line(scene, again)["status"] == "unmet"


def test_who_is_asked_to_sign_the_renewal_sees_what_is_still_owed(scene: Scene, renewed: Submission) -> None:
    review, condition = review_of(renewed, Role.VALIDATOR), Condition.objects.get()
    validator, address = browser(scene["validator"]), f"/reviews/{review.pk}/"
    page = validator.get(address).content.decode()
    assert "Still owed" in page
    assert "from submission 1" in page
    assert f'href="/conditions/{condition.pk}/"' in page
    api = Caller(scene["validator"])
    (told,) = good(api.get(f"reviews/{review.pk}/"))["still_owed"]
    assert (told["id"], told["submission"], told["state"]) == (condition.pk, 1, "open")
    claim_condition(actor=scene["owner"], condition=condition, evidence="A dashboard.")
    confirm_condition(actor=scene["validator2"], condition=condition)
    assert "Still owed" not in validator.get(address).content.decode()
    assert good(api.get(f"reviews/{review.pk}/"))["still_owed"] == []


def test_what_a_package_asks_for_itself_is_not_owed_from_before(scene: Scene, renewed: Submission) -> None:
    promise = ConditionInput("Write it down.", scene["owner"], portal_now() + timedelta(days=3))
    review = review_of(renewed, Role.VALIDATOR)
    sign(scene["validator"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
    shown = good(Caller(scene["auditor"]).get(f"reviews/{review_of(renewed, Role.AUDITOR).pk}/"))
    assert [each["text"] for each in shown["still_owed"]] == ["Watch the drift."]


def test_the_clerk_remembers_what_an_earlier_approval_was_given_for() -> None:
    world = prepared()
    pk = world.describe("developer")
    assert pk is not None
    decisions = ["approve_with_conditions", *["approve"] * 3]
    for renewal in (False, True):
        world.submit("owner", pk)
        for who, decision in zip(("validator", "validator2", "auditor", "approver"), decisions, strict=True):
            package = world.book.releases[pk].open
            assert package is not None
            world.sign(who, pk, package.stage(), "approve" if renewal else decision, package.digest)
        world.wait(10)
    assert world.book.releases[pk].approved == 2
    assert world.book.against(pk, "production", portal_now()) == ["promise"]
    assert not world.gates()[pk, "production"]
