"""Moving systems and units beside signatures."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Role
from governance.lifecycle import Conflict
from governance.validation.services import withdraw_submission
from inventory.services import change_system, change_unit
from tests.governance.access.people import appoint, unit
from tests.governance.validation.scene import Scene, build, review_of, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return build()


def test_nobody_comes_to_build_what_they_signed_by_a_move(scene: Scene) -> None:
    labs = unit("labs")
    appoint(scene["validator"], Role.DEVELOPER, unit=labs)
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    with pytest.raises(Conflict) as refusal:
        change_system(actor=scene["governor"], system=scene.system, unit=labs)
    assert refusal.value.code == "sod.signed"
    with pytest.raises(Conflict) as refusal:
        change_unit(actor=scene["governor"], unit=scene.unit, parent=labs, move=True)
    assert refusal.value.code == "sod.signed"
    withdraw_submission(actor=scene["owner"], release=submission.release)
    assert change_unit(actor=scene["governor"], unit=scene.unit, parent=labs, move=True).parent == labs


def test_a_move_that_makes_no_signer_a_builder_is_none_of_the_checks_business(scene: Scene) -> None:
    elsewhere = unit("elsewhere")
    appoint(scene["validator2"], Role.DEVELOPER, unit=elsewhere)
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    assert change_unit(actor=scene["governor"], unit=scene.unit, parent=elsewhere, move=True).parent == elsewhere
