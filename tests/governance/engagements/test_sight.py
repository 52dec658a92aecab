"""Somebody on two teams at once sees for each audit as long as that one lets them, whatever becomes of the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.rights import can
from governance.access.vocabulary import Permission, Role
from governance.database.clock import portal_now
from governance.engagements.models import Engagement, Member
from governance.engagements.services import add_member, cancel_engagement, remove_member, start_engagement
from governance.ledger.acting import seal_now
from inventory.models import Assignment
from inventory.services.assignments import assign
from tests.clocks import Clock
from tests.governance.access.people import person
from tests.governance.engagements.walk import led, planned, reported
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


def twice(scene: Scene) -> tuple[Member, Member]:
    """An outsider on the team of one audit for ten days, who leads another of the same system for fifty."""
    scene.people["external"] = person("external")
    short = add_member(
        actor=scene["governor"], engagement=planned(scene), person=scene["external"],
        until=portal_now() + timedelta(days=10),
    )  # fmt: skip
    long = led(scene, planned(scene), days=50)
    start_engagement(actor=scene["governor"], engagement=long.engagement)
    seal_now()
    return short, long


def sees(scene: Scene) -> bool:
    """Whether the outsider sees the system."""
    return can(scene["external"], Permission.SYSTEM_VIEW, scene.system)


def test_who_leads_a_second_audit_sees_on_when_the_first_ends(scene: Scene, clock: Clock) -> None:
    _, long = twice(scene)
    clock.move(timedelta(days=11))
    assert sees(scene)
    assert reported(scene, Engagement.objects.get(pk=long.engagement_id)).state == "reported"
    seal_now()
    clock.move(timedelta(days=40))
    assert not sees(scene)


@pytest.mark.parametrize("cancelled", [True, False])
def test_who_leads_a_second_audit_sees_on_when_they_leave_the_first(scene: Scene, cancelled: bool) -> None:
    short, long = twice(scene)
    if cancelled:
        cancel_engagement(actor=scene["governor"], engagement=short.engagement, reason="The firm withdrew.")
    else:
        remove_member(actor=scene["governor"], member=short, reason="Not needed there.")
    seal_now()
    assert sees(scene)
    assert reported(scene, Engagement.objects.get(pk=long.engagement_id)).state == "reported"


def test_who_leaves_the_longer_audit_sees_for_the_shorter_and_no_longer(scene: Scene, clock: Clock) -> None:
    _, long = twice(scene)
    remove_member(actor=scene["governor"], member=long, reason="Another leads.")
    seal_now()
    assert sees(scene)
    clock.move(timedelta(days=11))
    assert not sees(scene)


def test_a_role_given_by_hand_outlasts_the_audit_and_is_not_lengthened_by_it(scene: Scene, clock: Clock) -> None:
    scene.people["external"] = person("external")
    until = portal_now() + timedelta(days=40)
    by_hand = assign(
        actor=scene["governor"], person=scene["external"], role=Role.VIEWER, system=scene.system, until=until
    )
    member = led(scene, planned(scene), days=50)
    remove_member(actor=scene["governor"], member=member, reason="Left the firm.")
    seal_now()
    assert Assignment.objects.get(pk=by_hand.pk).until == until
    assert sees(scene)
    clock.move(timedelta(days=41))
    assert not sees(scene)
