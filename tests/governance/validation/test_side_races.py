"""What happens beside a signature or a submission: whatever comes first, the two agree afterwards.

A right that ends beside a signature is judged by the ledger: the signature is sealed before the end, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.acting import Command
from governance.ledger.models import Link
from governance.validation.models import Hold, SignOff, Submission
from governance.validation.services import (
    place_hold,
    renew_release,
    revoke_release,
    sign_offs,
    submit_release,
    withdraw_submission,
)
from inventory.models import Assignment, Release
from inventory.services import change_system, create_unit
from inventory.services.assignments import assign, end_assignment
from inventory.services.people import close_person
from inventory.services.units import change_unit
from tests.governance.access.people import appoint, person
from tests.governance.validation.scene import LOW, Scene, build, review_of, sign
from tests.loosening import loosen
from tests.races import race

pytestmark = [pytest.mark.races, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return build(LOW)


def state(release: Release) -> str:
    return Release.objects.get(pk=release.pk).state


def height(table: str, key: int, op: str) -> int:
    """The block in which a row was last written in this way."""
    links = Link.objects.filter(event__table_name=table, event__key=str(key), event__op=op)
    return links.order_by("-event_id").values_list("block__height", flat=True)[0]


def turned(attempt: int, *acts: Callable[[], object]) -> list[str]:
    """A race whose lanes change with each attempt; the outcomes in the order of the acts."""
    if attempt % 2:
        return race(*acts)
    return race(*reversed(acts))[::-1]


def test_of_two_renewals_at_once_one_is_opened(scene: Scene, side_race_count: int) -> None:
    release = scene.approved().release
    for attempt in range(side_race_count):
        outcomes = turned(
            attempt,
            partial(renew_release, actor=scene["owner"], release=release),
            partial(renew_release, actor=scene["deputy"], release=release),
        )
        assert outcomes.count("ok") == 1, outcomes
        assert release.submissions.filter(state="open").count() == 1
        numbers = list(release.submissions.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        withdraw_submission(actor=scene["owner"], release=release)


def test_a_renewal_signed_beside_a_revocation_leaves_the_release_revoked(scene: Scene, side_race_count: int) -> None:
    for attempt in range(side_race_count):
        first = scene.approved()
        renewal = renew_release(actor=scene["owner"], release=first.release)
        review = review_of(renewal, Role.APPROVER)
        signed, revoked = turned(
            attempt,
            partial(sign, scene["approver2"], review),
            partial(revoke_release, actor=scene["riskofficer"], release=first.release, reason="It harms."),
        )
        assert revoked == "ok"
        assert state(first.release) == "revoked"
        renewal.refresh_from_db()
        assert renewal.state == ("approved" if signed == "ok" else "superseded")


def test_an_approval_beside_a_hold_leaves_the_hold(scene: Scene, side_race_count: int) -> None:
    for attempt in range(side_race_count):
        submission = scene.submitted()
        signed, held = turned(
            attempt,
            partial(sign, scene["approver"], review_of(submission, Role.APPROVER)),
            partial(
                place_hold,
                actor=scene["riskofficer"],
                system=scene.system,
                release=submission.release,
                reason="Look first.",
            ),
        )
        assert held == "ok"
        assert Hold.objects.filter(release=submission.release, state="placed").count() == 1
        assert state(submission.release) == ("approved" if signed == "ok" else "in_review")


def test_who_hands_over_submits_before_it_or_not_at_all(scene: Scene, side_race_count: int) -> None:
    owners = [scene["owner"], person("successor")]
    for attempt in range(side_race_count):
        leaving, coming = owners[attempt % 2], owners[(attempt + 1) % 2]
        held = Assignment.objects.current().get(system=scene.system, role=Role.OWNER)
        assert held.person == leaving
        release = scene.release()
        submitted, assigned = turned(
            attempt,
            partial(submit_release, actor=leaving, release=release),
            partial(assign, actor=scene["governor"], person=coming, role=Role.OWNER, system=scene.system),
        )
        assert assigned == "ok"
        made = Submission.objects.filter(release=release).first()
        assert (made is not None) == (submitted == "ok")
        if made is not None:
            ended = height("inventory_assignment", held.pk, "U")
            assert height("validation_submission", made.pk, "I") < ended
        assert Assignment.objects.current().filter(system=scene.system, role=Role.OWNER).count() == 1


def reviewer(scene: Scene, attempt: int) -> tuple[User, Assignment]:
    """Somebody new who may approve through the unit."""
    who = person(f"reviewer{attempt}")
    return who, appoint(who, Role.APPROVER, unit=scene.unit)


def agreed(submission: Submission, who: User, signed: str, ended: int) -> None:
    """There is a signature exactly when it was said so, and it was sealed before the right ended."""
    made = SignOff.objects.filter(submission=submission, person=who).first()
    assert (made is not None) == (signed == "ok"), signed
    if made is not None:
        assert height("validation_signoff", made.pk, "I") < ended


def test_a_role_ended_beside_signing_signs_before_its_end_or_not_at_all(scene: Scene, side_race_count: int) -> None:
    for attempt in range(side_race_count):
        who, held = reviewer(scene, attempt)
        submission = scene.submitted()
        signed, ended = turned(
            attempt,
            partial(sign, who, review_of(submission, Role.APPROVER)),
            partial(end_assignment, actor=scene["governor"], assignment=held),
        )
        assert ended == "ok"
        agreed(submission, who, signed, height("inventory_assignment", held.pk, "U"))


def test_a_person_closed_beside_signing_signs_before_it_or_not_at_all(scene: Scene, side_race_count: int) -> None:
    for attempt in range(side_race_count):
        who, held = reviewer(scene, attempt)
        submission = scene.submitted()
        signed, closed = turned(
            attempt,
            partial(sign, who, review_of(submission, Role.APPROVER)),
            partial(close_person, actor=Command("test"), person=who, reason="Left."),
        )
        assert closed == "ok"
        agreed(submission, who, signed, height("inventory_assignment", held.pk, "U"))


def test_a_unit_moved_beside_signing_is_moved_after_it_or_takes_the_right_along(
    scene: Scene, side_race_count: int
) -> None:
    governor = scene["governor"]
    above, beside = (create_unit(actor=governor, name=name) for name in ("Above", "Beside"))
    who = person("fromabove")
    appoint(who, Role.APPROVER, unit=above)
    for attempt in range(side_race_count):
        change_unit(actor=governor, unit=scene.unit, parent=above, move=True)
        submission = scene.submitted()
        signed, moved = turned(
            attempt,
            partial(sign, who, review_of(submission, Role.APPROVER)),
            partial(change_unit, actor=governor, unit=scene.unit, parent=beside, move=True),
        )
        assert moved == "ok"
        agreed(submission, who, signed, height("inventory_unit", scene.unit.pk, "U"))


def test_a_system_moved_beside_signing_is_moved_after_it_or_takes_the_right_along(
    scene: Scene, side_race_count: int
) -> None:
    governor = scene["governor"]
    elsewhere = create_unit(actor=governor, name="Elsewhere")
    who, _ = reviewer(scene, 0)
    for attempt in range(side_race_count):
        submission = scene.submitted()
        signed, moved = turned(
            attempt,
            partial(sign, who, review_of(submission, Role.APPROVER)),
            partial(change_system, actor=governor, system=scene.system, unit=elsewhere),
        )
        assert moved == "ok"
        agreed(submission, who, signed, height("inventory_system", scene.system.pk, "U"))
        change_system(actor=governor, system=scene.system, unit=scene.unit)


def test_without_the_check_at_sealing_the_harness_sees_a_signature_after_the_end_of_the_right(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, held = reviewer(scene, 0)
    submission = scene.submitted()
    loosen("^signoff_without_right(_of_own)?$")  # each of the two would see it
    follow = sign_offs._follow

    def after_the_end(*arguments: object) -> None:
        end_assignment_apart(scene, held)
        follow(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sign_offs, "_follow", after_the_end)
    (signed,) = race(partial(sign, who, review_of(submission, Role.APPROVER)))
    with pytest.raises(AssertionError):
        agreed(submission, who, signed, height("inventory_assignment", held.pk, "U"))


def end_assignment_apart(scene: Scene, held: Assignment) -> None:
    """End a role on a connection of its own while somebody else is in the middle of something."""
    assert race(partial(end_assignment, actor=scene["governor"], assignment=held)) == ["ok"]
