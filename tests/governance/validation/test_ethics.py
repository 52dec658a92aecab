"""The ethics review: a stage of the highest tier, for systems declared in scope of the guidelines."""

from __future__ import annotations

import pytest

from governance.lifecycle import Forbidden
from governance.validation.models import Review
from governance.validation.services import submit_release
from governance.validation.services.checklists import CheckInput, answer_checklist
from inventory.services import change_system
from tests.governance.validation.scene import LOW, Scene, build, sign

pytestmark = pytest.mark.django_db(transaction=True)
GUIDELINES = [{"regime": "ec-ethics", "scope": "in", "reason": "It decides on people."}]


def declared(scene: Scene) -> Scene:
    scene.system = change_system(actor=scene["owner"], system=scene.system, regimes=GUIDELINES)
    return scene


def stages(scene: Scene) -> list[str]:
    submission = submit_release(actor=scene["owner"], release=scene.release())
    return list(submission.reviews.order_by("order", "stage").values_list("stage", flat=True))


def test_it_is_asked_of_the_highest_tier_in_scope_only() -> None:
    scene = build()
    assert stages(scene) == ["technical-validation", "process-audit", "release-approval"]
    assert stages(declared(scene)) == ["technical-validation", "ethics-review", "process-audit", "release-approval"]


def test_a_low_tier_in_scope_has_none() -> None:
    assert stages(declared(build(LOW))) == ["release-approval"]


def test_a_risk_officer_signs_it_and_the_release_is_approved() -> None:
    scene = declared(build(checklists=True))
    submission = submit_release(actor=scene["owner"], release=scene.release())
    for name, stage in (
        ("validator", "technical-validation"), ("riskofficer", "ethics-review"), ("auditor", "process-audit"),
        ("approver", "release-approval"),
    ):  # fmt: skip
        review = submission.reviews.select_related("submission__release__system").get(stage=stage)
        if stage == "ethics-review":
            with pytest.raises(Forbidden):
                sign(scene["approver"], review)
            answer_checklist(actor=scene[name], review=review, answers=[CheckInput("groups", "yes")])
        sign(scene[name], review)
    submission.refresh_from_db()
    assert submission.state == "approved"
    assert submission.reviews.filter(state=Review.State.SIGNED).count() == 4
