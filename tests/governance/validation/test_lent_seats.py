"""A signature given on somebody's behalf binds them as their own would: while it counts they come to build nothing."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Role
from governance.ledger.acting import seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.validation.models import Submission
from governance.validation.services import withdraw_submission
from inventory.services import change_system, change_unit
from inventory.services.assignments import assign
from tests.governance.access.people import appoint, unit
from tests.governance.validation.scene import LOW, Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_delegated_signing import lend

pytestmark = pytest.mark.django_db
CONTRIBUTE = """
INSERT INTO validation_contribution (release_id, person_id, kind, at) VALUES (%s, %s, 'document', portal_now())
"""


@pytest.fixture
def scene() -> Scene:
    """A system in tier low, whose only stage needs two approvers."""
    return build(LOW, quorum=2, stages=-1)


def signed_for(scene: Scene) -> Submission:
    """A package the outsider signed on behalf of an approver."""
    submission = scene.submitted()
    lend(scene)
    sign(scene["outsider"], review_of(submission, Role.APPROVER))
    seal_now()
    return submission


@pytest.mark.parametrize("role", [Role.OWNER, Role.DEPUTY_OWNER, Role.DEVELOPER])
def test_whoever_was_signed_for_comes_to_build_it_no_more_than_who_signed(scene: Scene, role: Role) -> None:
    submission = signed_for(scene)
    for name in ("outsider", "approver"):
        with pytest.raises(Forbidden) as refused:
            assign(actor=scene["governor"], person=scene[name], role=role, system=scene.system)
        assert refused.value.code == "sod.signed"
    withdraw_submission(actor=scene["owner"], release=submission.release)
    assign(actor=scene["governor"], person=scene["approver"], role=role, system=scene.system)
    seal_now()


def test_nor_by_a_move_of_the_system_or_its_unit(scene: Scene) -> None:
    labs = unit("labs")
    appoint(scene["approver"], Role.DEVELOPER, unit=labs)
    submission = signed_for(scene)
    with pytest.raises(Conflict) as refused:
        change_system(actor=scene["governor"], system=scene.system, unit=labs)
    assert refused.value.code == "sod.signed"
    with pytest.raises(Conflict) as refused:
        change_unit(actor=scene["governor"], unit=scene.unit, parent=labs, move=True)
    assert refused.value.code == "sod.signed"
    withdraw_submission(actor=scene["owner"], release=submission.release)
    assert change_unit(actor=scene["governor"], unit=scene.unit, parent=labs, move=True).parent == labs


def test_nor_writes_part_of_it_while_it_is_under_review(scene: Scene) -> None:
    submission = signed_for(scene)

    def contributed() -> None:
        act_as(scene["approver"])
        execute(CONTRIBUTE, [submission.release_id, scene["approver"].pk])

    assert refusal(contributed) == "contribution_beside_signature"


def test_who_lends_a_role_that_nobody_used_may_build_from_then_on(scene: Scene) -> None:
    scene.submitted()
    lend(scene)
    given = assign(actor=scene["governor"], person=scene["approver"], role=Role.DEVELOPER, system=scene.system)
    seal_now()
    assert given.until is None
