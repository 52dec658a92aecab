"""Giving a role beside a signature: whatever the order, nobody comes to build what they signed."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Role
from governance.validation.models import SignOff
from governance.validation.services import withdraw_submission
from inventory.models import Assignment
from inventory.services.assignments import assign, end_assignment
from tests.governance.access.people import person
from tests.governance.validation.scene import build, open_review, sign
from tests.races import at_once

pytestmark = [pytest.mark.races, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]


def test_nobody_signs_and_becomes_a_developer_at_once(race_count: int) -> None:
    scene = build()
    validator, governor = scene["validator"], scene["governor"]
    wins = {"signed": 0, "assigned": 0}
    for attempt in range(race_count):
        submission = scene.submitted()
        review = open_review(submission)
        assert review is not None
        acts = [
            lambda: sign(validator, review),  # noqa: B023  used up within the round
            lambda: assign(actor=governor, person=validator, role=Role.DEVELOPER, system=scene.system),
        ]
        refusals = at_once(*(acts if attempt % 2 else reversed(acts)))
        signed = SignOff.objects.filter(submission=submission, person=validator).exists()
        developing = (
            Assignment.objects.current().filter(person=validator, system=scene.system, role=Role.DEVELOPER).first()
        )
        assert not (signed and developing), attempt
        assert signed or developing, [str(refusal) for refusal in refusals]
        wins["signed" if signed else "assigned"] += 1
        refused = next(refusal for refusal in refusals if refusal is not None)
        assert refused.code.startswith("sod.") or refused.code in {"forbidden", "busy"}, refused.code
        if developing:
            end_assignment(actor=governor, assignment=developing)
        withdraw_submission(actor=scene["owner"], release=submission.release)
    assert sum(wins.values()) == race_count


def test_both_sides_of_a_review_are_never_given_at_once(side_race_count: int) -> None:
    scene = build()
    governor = scene["governor"]
    for attempt in range(side_race_count):
        holder = person(f"holder{attempt}")
        at_once(
            lambda: assign(actor=governor, person=holder, role=Role.DEVELOPER, system=scene.system),  # noqa: B023
            lambda: assign(actor=governor, person=holder, role=Role.APPROVER, system=scene.system),  # noqa: B023
        )
        held = Assignment.objects.current().filter(person=holder, system=scene.system)
        assert held.count() == 1, attempt


def test_a_system_never_has_two_owners(side_race_count: int) -> None:
    scene = build()
    governor = scene["governor"]
    candidates = [person(f"candidate{number}") for number in range(2)]
    for attempt in range(side_race_count):
        at_once(
            *(
                lambda who=who: assign(actor=governor, person=who, role=Role.OWNER, system=scene.system)
                for who in candidates
            )
        )
        owners = Assignment.objects.current().filter(system=scene.system, role=Role.OWNER)
        assert owners.count() == 1, attempt
