"""Putting a release up for review."""

from __future__ import annotations

import json

import pytest

from governance import canonical
from governance.lifecycle import Conflict, Forbidden
from governance.validation.models import Review
from governance.validation.services import renew_release, submit_release, withdraw_submission
from inventory.models import Release
from inventory.services.documents import save_document_revision
from tests.governance.validation.scene import Scene


def test_submitting_freezes_what_is_under_review(scene: Scene) -> None:
    save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", sections={"purpose": "Scores."}, contact="o"
    )
    submission = scene.submitted()
    manifest = json.loads(submission.manifest)
    assert submission.digest == canonical.digest(manifest)
    assert canonical.canonical(manifest).decode() == submission.manifest
    assert manifest["artifacts"][0]["sha256"] == "a" * 64
    written = {document["template"]: document["sections"] for document in manifest["documents"]}
    assert written["model-card"] == {"purpose": "Scores."}
    assert set(written) == {"model-documentation", "impact-assessment", "model-card"}
    said = {line["question"]: line["answer"] for line in manifest["system"]["questionnaire"]}
    assert len(said) == len(scene.system.answers)
    assert all(question.endswith("?") for question in said)
    assert manifest["system"]["tier"] == submission.tier == "high"
    assert manifest["policy"]["digest"] == submission.pack_digest
    assert submission.release.state == Release.State.IN_REVIEW


def test_the_stages_are_those_the_policy_asks_of_the_tier(scene: Scene) -> None:
    submission = scene.submitted()
    assert [(review.stage, review.state) for review in submission.reviews.all()] == [
        ("technical-validation", Review.State.OPEN),
        ("process-audit", Review.State.WAITING),
        ("release-approval", Review.State.WAITING),
    ]


def test_a_release_without_artifacts_is_not_submitted_and_the_reason_is_said(scene: Scene) -> None:
    release = scene.release()
    release.artifacts.all().delete()
    with pytest.raises(Conflict) as refusal:
        submit_release(actor=scene["owner"], release=release)
    assert refusal.value.code == "blocked"
    release.refresh_from_db()
    assert release.state == Release.State.DRAFT
    assert not release.submissions.exists()


@pytest.mark.parametrize("name", ["viewer", "validator", "approver", "governor", "superuser"])
def test_only_builders_submit(scene: Scene, name: str) -> None:
    release = scene.release()
    with pytest.raises(Forbidden):
        submit_release(actor=scene[name], release=release)


def test_a_release_under_review_is_not_submitted_again(scene: Scene) -> None:
    submission = scene.submitted()
    with pytest.raises(Conflict) as refusal:
        submit_release(actor=scene["owner"], release=submission.release)
    assert refusal.value.code == "state"


def test_withdrawing_returns_to_draft_and_voids_the_reviews(scene: Scene) -> None:
    submission = scene.submitted()
    withdraw_submission(actor=scene["developer"], release=submission.release, reason="Wrong file.")
    submission.refresh_from_db()
    assert submission.state == "withdrawn"
    assert {review.state for review in submission.reviews.all()} == {Review.State.VOID}
    assert submission.release.__class__.objects.get(pk=submission.release_id).state == Release.State.DRAFT


def test_submitting_again_is_number_two_with_nothing_signed(scene: Scene) -> None:
    first = scene.submitted()
    withdraw_submission(actor=scene["owner"], release=first.release)
    second = submit_release(actor=scene["owner"], release=first.release)
    assert second.number == 2
    assert second.digest != first.digest
    assert not second.sign_offs.exists()


def test_all_stages_signed_approve_until_the_end_the_policy_gives_the_tier(scene: Scene) -> None:
    submission = scene.approved()
    assert submission.state == "approved"
    assert submission.release.state == Release.State.APPROVED
    assert submission.valid_until is not None
    assert submission.closed_at is not None
    assert (submission.valid_until - submission.closed_at).days == 180


def test_a_renewal_leaves_the_running_approval_alone(scene: Scene) -> None:
    first = scene.approved()
    second = renew_release(actor=scene["owner"], release=first.release)
    assert (second.number, second.renewal) == (2, True)
    assert Release.objects.get(pk=first.release_id).state == Release.State.APPROVED
    scene.sign_all(second)
    assert second.state == "approved"
    assert second.release.state == Release.State.APPROVED


def test_a_second_renewal_waits_for_the_first(scene: Scene) -> None:
    first = scene.approved()
    renew_release(actor=scene["owner"], release=first.release)
    with pytest.raises(Conflict) as refusal:
        renew_release(actor=scene["owner"], release=first.release)
    assert refusal.value.code == "duplicate"
