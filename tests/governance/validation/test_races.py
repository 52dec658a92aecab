"""Two people at once: exactly one decision falls. Roles given and taken beside a signature: test_role_races.

Each race runs on connections of its own, as separate requests do. The last tests take the defences away and show that
the same harness then sees what it is meant to see.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.validation import queries
from governance.validation.models import Review, SignOff, Submission
from governance.validation.services import locks, sign_offs, withdraw_submission
from inventory.models import Release
from inventory.services.assignments import assign
from tests.governance.validation.scene import LOW, Scene, build, review_of, sign
from tests.loosening import loosen
from tests.races import PATIENCE, race

pytestmark = [pytest.mark.races, pytest.mark.timeout(0)]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return build(LOW)


def decided(submission: Submission) -> tuple[int, str, str, str]:
    """Signatures, and where submission, review and release stand."""
    submission.refresh_from_db()
    review = submission.reviews.get()
    release = Release.objects.get(pk=submission.release_id)
    return SignOff.objects.filter(submission=submission).count(), submission.state, review.state, release.state


APPROVED = (1, "approved", "signed", "approved")
REJECTED = (1, "rejected", "rejected", "rejected")


def test_of_two_approvals_at_once_one_counts(scene: Scene, race_count: int) -> None:
    for _ in range(race_count):
        submission = scene.submitted()
        review = review_of(submission, Role.APPROVER)
        outcomes = race(partial(sign, scene["approver"], review), partial(sign, scene["approver2"], review))
        assert sorted(outcomes) == ["ok", "state"]
        assert decided(submission) == APPROVED


def test_of_approval_and_rejection_at_once_one_counts(scene: Scene, race_count: int) -> None:
    for _ in range(race_count):
        submission = scene.submitted()
        review = review_of(submission, Role.APPROVER)
        outcomes = race(
            partial(sign, scene["approver"], review), partial(sign, scene["approver2"], review, "reject", "No.")
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert decided(submission) == (APPROVED if outcomes[0] == "ok" else REJECTED)


def test_one_person_at_two_windows_signs_once(scene: Scene, side_race_count: int) -> None:
    for _ in range(side_race_count):
        submission = scene.submitted()
        review = review_of(submission, Role.APPROVER)
        outcomes = race(*[partial(sign, scene["approver"], review)] * 3)
        assert outcomes.count("ok") == 1
        assert decided(submission) == APPROVED


def test_approval_and_withdrawal_at_once_agree_on_one(scene: Scene, side_race_count: int) -> None:
    for _ in range(side_race_count):
        submission = scene.submitted()
        review = review_of(submission, Role.APPROVER)
        outcomes = race(
            partial(sign, scene["approver"], review),
            partial(withdraw_submission, actor=scene["owner"], release=submission.release),
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert decided(submission) == (APPROVED if outcomes[0] == "ok" else (0, "withdrawn", "void", "draft"))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both rivals read before either writes, as a portal without row locks would."""
    both_have_read = threading.Barrier(2)
    read = queries.review_facts

    def unlocked(pk: int, **_: Any) -> Review:
        return queries.reviews().get(pk=pk)

    def slowly(*arguments: Any, **more: Any) -> Any:
        facts = read(*arguments, **more)
        both_have_read.wait(PATIENCE)
        return facts

    monkeypatch.setattr(sign_offs, "lock_review", unlocked)
    monkeypatch.setattr(locks, "lock_review", unlocked)
    monkeypatch.setattr(queries, "review_facts", slowly)


def test_without_row_locks_the_database_still_lets_one_decision_fall(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = scene.submitted()
    review = review_of(submission, Role.APPROVER)
    without_locks(monkeypatch)
    outcomes = race(partial(sign, scene["approver"], review), lambda: sign(scene["approver2"], review, "reject", "No."))
    assert outcomes.count("ok") == 1
    assert decided(submission)[0] == 1


def test_with_every_defence_removed_the_harness_sees_two_decisions(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = scene.submitted()
    review = review_of(submission, Role.APPROVER)
    loosen(
        "_agrees$", r"\.ledger_(begins|moves)_state$", r"^validation_signoff\.validation_opens$", r"\.validation_dated$"
    )
    without_locks(monkeypatch)
    outcomes = race(partial(sign, scene["approver"], review), lambda: sign(scene["approver2"], review, "reject", "No."))
    assert outcomes == ["ok", "ok"]
    assert decided(submission)[0] == 2


def test_without_the_check_at_sealing_the_harness_sees_a_developer_who_signed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = scene.submitted()
    review = review_of(submission, Role.APPROVER)
    loosen("^signoff_by_developer$|^signoff_without_right$|beside|reviewed|builder|sod")
    assigned, has_read = threading.Event(), threading.Event()
    write = sign_offs._write

    def slowly(*arguments: Any) -> Any:
        has_read.set()
        assigned.wait(PATIENCE)
        return write(*arguments)

    monkeypatch.setattr(sign_offs, "_write", slowly)
    monkeypatch.setattr(sign_offs, "lock_review", lambda pk, **_: queries.reviews().get(pk=pk))

    def become_a_developer() -> None:
        has_read.wait(PATIENCE)
        assign(actor=scene["governor"], person=scene["approver"], role=Role.DEVELOPER, system=scene.system)
        assigned.set()

    assert race(partial(sign, scene["approver"], review), become_a_developer) == ["ok", "ok"]
