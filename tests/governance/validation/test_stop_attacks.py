"""Attacks on what keeps the gate shut: holds, suspensions and lowered tiers, by people who build the system."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.lifecycle import Forbidden
from governance.policy.decide import Status, decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.services import grant_waiver, lift_hold, place_hold, reinstate_release, suspend_release
from inventory.models import Release
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_waivers import asked, defective, line

pytestmark = pytest.mark.django_db
LIFT = "UPDATE validation_hold SET state = 'lifted', lifted_by_id = %s, lifted_at = portal_now(), lift_reason = 'x'"
REINSTATE = "UPDATE inventory_release SET state = 'approved', suspended_by_id = NULL"
PLACE = """
INSERT INTO validation_hold (system_id, reason, state, placed_by_id, placed_at, lift_reason)
VALUES (%s, 'x', 'placed', %s, portal_now(), '')
"""
PROPOSE = """
INSERT INTO inventory_loweredtier (system_id, from_tier, to_tier, pack, reason, review_at, state, proposed_by_id,
    proposed_at, decision_reason, end_reason)
VALUES (%s, 'high', 'low', 'x', 'x', portal_now() + interval '9 days', 'proposed', %s, portal_now(), '', '')
"""


@pytest.mark.parametrize("name", ["owner", "deputy", "developer"])
def test_who_builds_the_system_lifts_no_hold_of_it_though_a_risk_officer(scene: Scene, name: str) -> None:
    hold = place_hold(actor=scene["validator"], system=scene.system, reason="It leaks.")
    appoint(scene[name], Role.RISK_OFFICER, unit=scene.unit)
    with pytest.raises(Forbidden) as refused:
        lift_hold(actor=scene[name], hold=hold, reason="Fine.")
    assert refused.value.code == "sod.owner"
    act_as(scene[name])
    assert refusal(lambda: execute(LIFT, [scene[name].pk])) == "hold_lifted_by_entitled"


@pytest.mark.parametrize("written", ["validator", "outsider"])
def test_past_the_portal_a_hold_is_placed_in_ones_own_name_by_who_may(scene: Scene, written: str) -> None:
    act_as(scene["outsider"])
    assert refusal(lambda: execute(PLACE, [scene.system.pk, scene[written].pk])) == "hold_placed_by_entitled"


@pytest.mark.parametrize("name", ["owner", "developer"])
def test_who_builds_a_release_does_not_reinstate_it(scene: Scene, name: str) -> None:
    release = scene.approved().release
    suspend_release(actor=scene["incidents"], release=release, reason="Down.")
    appoint(scene[name], Role.RISK_OFFICER, unit=scene.unit)
    with pytest.raises(Forbidden) as refused:
        reinstate_release(actor=scene[name], release=Release.objects.get(pk=release.pk), reason="Up.")
    assert refused.value.code == "sod.contributor"
    act_as(scene[name])
    assert refusal(lambda: execute(REINSTATE)) == "release_reinstated_by_entitled"


@pytest.mark.parametrize("name", ["outsider", "viewer", "riskofficer"])
def test_a_lower_tier_is_proposed_only_by_who_may(scene: Scene, name: str) -> None:
    act_as(scene[name])
    assert refusal(lambda: execute(PROPOSE, [scene.system.pk, scene[name].pk])) == "loweredtier_proposed_by_the_actor"


def test_an_exception_is_none_to_another_check_a_later_pack_gives_its_name_to(scene: Scene) -> None:
    release = defective(scene)
    grant_waiver(actor=scene["riskofficer"], waiver=asked(scene, days=20), reason="x")
    _, current = rules_in_force()
    lines = tuple(
        each.model_copy(update={"check": "monitoring"}) if each.id == "findings" else each
        for each in current.document.requirements
    )
    later = replace(current, document=current.document.model_copy(update={"requirements": lines}))
    facts = facts_of([release])[release.pk]
    place = current.document.environment("production")
    assert line(decide(facts, current, place, portal_now())) is Status.WAIVED
    assert line(decide(facts, later, place, portal_now())) is not Status.WAIVED
