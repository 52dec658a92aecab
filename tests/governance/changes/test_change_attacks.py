"""Ways to carry out a change that somebody refused, alone."""

from __future__ import annotations

import pytest

from governance.changes.services import ratify_change, reject_change
from governance.policy.decide import Status
from tests.governance.changes import walk
from tests.governance.changes.test_follow_ups import gate
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


def test_declaring_an_emergency_lifts_no_refusal_before_it_is_ratified(scene: Scene) -> None:
    release = scene.approved().release
    change = walk.in_approval(scene, target_release=release)
    reject_change(actor=scene["approver"], change=change, reason="Not with these data.")
    assert gate(release)[0] is Status.UNMET
    emergency = walk.emergency(scene, target_release=release)
    assert gate(release)[0] is Status.UNMET
    assert f"CHG-{change.pk}" in gate(release)[1]
    ratify_change(actor=scene["approver2"], change=emergency, comment="It had to be.")
    assert gate(release)[0] is Status.MET
