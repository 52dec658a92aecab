"""Two to twenty people at once at the web and the API, a quorum of two: no double decision, none stuck, none unseen.

Signatures are given on the web only; beside them the API submits, withdraws and edits. How many attempts each pair gets
comes from RACES as in test_races, a twenty-fifth of it, or from DOOR_RACES itself: rounds of nine people on average, so
that DOOR_RACES=1112 makes ten thousand attempts. The last test takes the defences away and shows that the same harness
then sees more decisions than one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.vocabulary import Role
from governance.validation.models import Review, SignOff, Submission
from governance.validation.views.reviews import SignOffPage
from inventory.models import Release
from tests.governance.access.people import PASSWORD, appoint, person
from tests.governance.validation.scene import LOW, Scene, build, review_of
from tests.governance.validation.test_races import without_locks
from tests.loosening import loosen
from tests.races import at_once
from tests.rest import Caller

pytestmark = [pytest.mark.races, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]

MOST = 20
SIZES = (2, 4, 3, 8, 2, 12, 3, MOST, 16, MOST)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Act = Callable[[], object]


@pytest.fixture(scope="session")
def attempts(race_count: int) -> int:
    """How many attempts a pair gets."""
    return int(os.environ.get("DOOR_RACES", max(len(SIZES) // 2, race_count // 25)))


@dataclass
class Doors:
    """One system in tier low, whose only stage needs two people, and twenty who may sign it, each at a browser."""

    scene: Scene = field(default_factory=lambda: build(LOW, quorum=2, stages=-1))
    browsers: list[Client] = field(default_factory=list)
    answers: list[tuple[str, int]] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for number in range(MOST):
            who = person(f"signer{number}")
            appoint(who, Role.APPROVER, unit=self.scene.unit)
            self.browsers.append(Client())
            self.browsers[-1].force_login(who, backend=BACKEND)
        self.api = Caller(self.scene["owner"])
        self.api_of_another = Caller(self.scene["deputy"])

    def sign(self, number: int, review: Review, decision: str, shown: str) -> Act:
        """Somebody signs at their browser, having read the package with this digest."""
        form = {"decision": decision, "comment": "Read it.", "password": PASSWORD, "digest": shown}

        def act() -> None:
            answer = self.browsers[number].post(f"/reviews/{review.pk}/sign-off/", form)
            self.answers.append((decision, answer.status_code))

        return act

    def call(self, caller: Caller, verb: str, release: Release) -> Act:
        """The API does something to the release."""

        def act() -> None:
            answer = caller.post(f"releases/{release.pk}/{verb}/", {})
            self.answers.append((verb, answer.status_code))

        return act

    def edit(self, release: Release, sha256: str) -> Act:
        """The API takes the package back, puts other content in, and submits that."""

        def act() -> None:
            for verb, body in (("withdraw", {}), ("", {"artifacts": [artifact(sha256)]}), ("submit", {})):
                address = f"releases/{release.pk}/" + (f"{verb}/" if verb else "")
                answer = self.api.post(address, body) if verb else self.api.patch(address, body)
                self.answers.append((verb or "edit", answer.status_code))

        return act

    def race(self, attempt: int, *acts: Act) -> Counter[tuple[str, int]]:
        """All at once, from another first each time; how often each was answered how. Never anything but yes or no."""
        self.answers = []
        turned = attempt % len(acts)
        assert at_once(*acts[turned:], *acts[:turned]) == [None] * len(acts)
        found = Counter(self.answers)
        assert {status for _, status in found} <= {200, 302, 409, 412}, found
        self.tally.update(f"{what} {status}" for what, status in self.answers)
        return found


def artifact(sha256: str) -> dict[str, str]:
    """One line of a bill of materials."""
    return {"name": "model", "kind": "model", "version": "1", "sha256": sha256}


@dataclass(frozen=True)
class Outcome:
    """What is on record of one package."""

    approvals: int
    rejections: int
    review: str
    submission: str
    release: str


def outcome(submission: Submission) -> Outcome:
    """Read it, and that every signature is for the content of the package it stands on and by a person of its own."""
    submission.refresh_from_db()
    signed = list(SignOff.objects.filter(submission=submission))
    assert all(one.digest == submission.digest for one in signed), "signed what was not seen"
    assert len({one.person_id for one in signed}) == len(signed), "signed twice"
    given = [one.decision for one in signed]
    return Outcome(
        given.count("approve"), given.count("reject"), submission.reviews.get().state, submission.state,
        Release.objects.get(pk=submission.release_id).state,
    )  # fmt: skip


APPROVED = Outcome(2, 0, "signed", "approved", "approved")


@pytest.fixture
def doors(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Doors:
    """What those who came too late are shown is drawn after the race is decided, and costs more than all of it."""
    monkeypatch.setattr(SignOffPage, "_again", lambda page, form, status, *told: HttpResponse(status=status))
    return Doors()


def ready(doors: Doors) -> tuple[Submission, Review]:
    """Something to sign."""
    submission = doors.scene.submitted()
    return submission, review_of(submission, Role.APPROVER)


def test_of_many_approvals_exactly_the_quorum_counts(doors: Doors, attempts: int) -> None:
    for attempt in range(attempts):
        submission, review = ready(doors)
        size = SIZES[attempt % len(SIZES)]
        signing = [doors.sign(number, review, "approve", submission.digest) for number in range(size)]
        pushing = doors.call(doors.api, "submit", submission.release)  # a builder presses on over the API, in vain
        found = doors.race(attempt, *signing, pushing)
        assert found["approve", 302] == 2, found
        assert found["approve", 409] == size - 2
        assert found["submit", 409] == 1
        assert outcome(submission) == APPROVED


def test_of_approvals_and_rejections_one_side_counts(doors: Doors, attempts: int) -> None:
    decide_between(doors, attempts)
    assert doors.tally["approve 302"] + doors.tally["reject 302"] >= attempts


def decide_between(doors: Doors, attempts: int) -> None:
    """Half of them approve, half reject; the API presses on."""
    for attempt in range(attempts):
        submission, review = ready(doors)
        size = max(3, SIZES[attempt % len(SIZES)])
        decisions = ["reject" if number % 3 == 2 else "approve" for number in range(size)]
        acts = [doors.sign(number, review, decision, submission.digest) for number, decision in enumerate(decisions)]
        found = doors.race(attempt, *acts, doors.call(doors.api, "submit", submission.release))
        seen = outcome(submission)
        assert (seen.approvals, seen.rejections) == (found["approve", 302], found["reject", 302])
        if seen.rejections:
            assert seen == Outcome(min(seen.approvals, 1), 1, "rejected", "rejected", "rejected")
        else:
            assert seen == APPROVED


def test_of_approvals_and_withdrawals_one_side_counts(doors: Doors, attempts: int) -> None:
    for attempt in range(attempts):
        submission, review = ready(doors)
        size = SIZES[attempt % len(SIZES)]
        acts = [doors.sign(number, review, "approve", submission.digest) for number in range(size)]
        taking = [doors.call(caller, "withdraw", submission.release) for caller in (doors.api, doors.api_of_another)]
        found = doors.race(attempt, *acts, *taking)
        seen = outcome(submission)
        assert seen.approvals == found["approve", 302]
        if found["withdraw", 200]:
            assert found["withdraw", 200] == 1
            assert seen == Outcome(min(seen.approvals, 1), 0, "void", "withdrawn", "draft")
        else:
            assert seen == APPROVED


def test_an_approval_beside_an_edit_is_of_what_was_shown(doors: Doors, attempts: int) -> None:
    for attempt in range(attempts):
        submission, review = ready(doors)
        size = SIZES[attempt % len(SIZES)]
        acts = [doors.sign(number, review, "approve", submission.digest) for number in range(size)]
        found = doors.race(attempt, *acts, doors.edit(submission.release, f"{attempt:064x}"))
        seen = outcome(submission)
        assert seen.approvals == found["approve", 302]
        release = submission.release
        if found["withdraw", 200]:
            assert (seen.submission, found["edit", 200], found["submit", 200]) == ("withdrawn", 1, 1), found
            assert (seen.release, seen.approvals < 2) == ("in_review", True)
            later = release.submissions.get(number=2)
            assert not later.sign_offs.exists(), "signed what was not seen"
            assert later.digest != submission.digest
        else:
            assert seen == APPROVED
            assert (found["edit", 409], found["submit", 409]) == (1, 1), found
            assert release.artifacts.get().sha256 != f"{attempt:064x}"


def test_with_the_defences_removed_the_harness_sees_more_than_one_decision(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    loosen(
        "_agrees$", r"\.ledger_(begins|moves)_state$", r"^validation_signoff\.validation_opens$", r"\.validation_dated$"
    )
    submission, review = ready(doors)
    doors.race(0, doors.sign(0, review, "approve", submission.digest))
    without_locks(monkeypatch)
    acts: list[Any] = [doors.sign(1, review, "approve", submission.digest)]
    acts.append(doors.sign(2, review, "reject", submission.digest))
    found = doors.race(0, *acts)
    assert found == {("approve", 302): 1, ("reject", 302): 1}
    seen = outcome(submission)
    assert seen != APPROVED
    assert (seen.approvals, seen.rejections) == (2, 1)
