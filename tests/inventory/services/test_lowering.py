"""Lowering a tier below what the answers come to: by two people, for a time, seen at the gate and in every review."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.ledger.verification import verify
from governance.lifecycle import Conflict, Forbidden
from governance.policy.facts import LoweredFact
from governance.policy.queries import facts_of
from governance.validation.services import renew_release
from governance.web import slots
from governance.web.slots import Group
from inventory.models import LoweredTier, System
from inventory.services import answer_questionnaire
from inventory.services.assignments import end_assignment
from inventory.services.lowering import (
    move_lowered,
    propose_lower_tier,
)
from tests.clocks import Clock
from tests.governance.access.people import appoint
from tests.governance.validation.scene import HIGH, LOW, Scene, build
from tests.governance.validation.test_dependencies import line
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SOON = timedelta(days=30)


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def proposed(scene: Scene, tier: str = "medium", by: str = "owner") -> LoweredTier:
    return propose_lower_tier(
        actor=scene[by], system=scene.system, tier=tier, reason="People decide; it only sorts.",
        review_at=portal_now() + SOON,
    )  # fmt: skip


def granted(scene: Scene, tier: str = "medium") -> LoweredTier:
    return move_lowered("grant", actor=scene["riskofficer"], lowered=proposed(scene, tier), reason="Seen at work.")


def tier_now() -> tuple[str, str]:
    system = System.objects.get(slug="scorer")
    return system.tier, system.tier_reason


def test_two_people_lower_a_tier_and_the_record_says_why(scene: Scene) -> None:
    assert tier_now()[0] == "high"
    granted(scene)
    tier, why = tier_now()
    assert tier == "medium"
    assert "Lowered from “high” to “medium”" in why
    assert "People decide; it only sorts." in why
    assert not verify().differences


def test_a_proposal_changes_nothing_and_only_lower_tiers_can_be_proposed(scene: Scene) -> None:
    proposed(scene)
    assert tier_now()[0] == "high"
    with pytest.raises(Conflict) as twice:
        proposed(scene)
    assert twice.value.code == "duplicate"
    for tier in ("high", "none"):
        with pytest.raises(InvalidInput):
            proposed(scene, tier)


@pytest.mark.parametrize("days", [-1, 4000])
def test_it_is_looked_at_again_ahead_and_no_later_than_an_approval_would_last(scene: Scene, days: int) -> None:
    with pytest.raises(InvalidInput) as wrong:
        propose_lower_tier(
            actor=scene["owner"], system=scene.system, tier="low", reason="x",
            review_at=portal_now() + timedelta(days=days),
        )  # fmt: skip
    assert list(wrong.value.errors) == ["review_at"]


@pytest.mark.parametrize("name", ["owner", "developer", "deputy", "validator", "governor", "superuser", "outsider"])
def test_nobody_but_a_risk_officer_decides(scene: Scene, name: str) -> None:
    lowered = proposed(scene)
    for decide in ("grant", "refuse"):
        with pytest.raises((Forbidden, NotVisible)):
            move_lowered(decide, actor=scene[name], lowered=lowered, reason="So be it.")
    assert tier_now()[0] == "high"


def test_who_proposed_it_does_not_decide_it_even_as_risk_officer(scene: Scene) -> None:
    lowered = proposed(scene, by="governor")
    appoint(scene["governor"], Role.RISK_OFFICER, unit=scene.unit)
    with pytest.raises(Forbidden) as refused:
        move_lowered("grant", actor=scene["governor"], lowered=lowered, reason="Mine.")
    assert refused.value.code == "sod.requester"


def test_who_builds_it_does_not_decide_it_even_as_risk_officer(scene: Scene) -> None:
    lowered = proposed(scene)
    appoint(scene["riskofficer"], Role.DEVELOPER, system=scene.system)
    with pytest.raises(Forbidden) as refused:
        move_lowered("grant", actor=scene["riskofficer"], lowered=lowered, reason="Mine.")
    assert refused.value.code == "sod.owner"


def _forge(by: User, lowered: LoweredTier, named: User) -> None:
    with acting(by, door=Door.WEB, verb="tier.grant"):
        LoweredTier.objects.filter(pk=lowered.pk).update(
            state="granted", decided_by=named, decided_at=portal_now(), decision_reason="x"
        )


@pytest.mark.parametrize(
    ("by", "named"), [("owner", "owner"), ("developer", "riskofficer"), ("developer", "developer")]
)
def test_the_database_lets_nobody_else_decide(scene: Scene, by: str, named: str) -> None:
    lowered = proposed(scene)
    with pytest.raises(Forbidden):
        _forge(scene[by], lowered, scene[named])
    assert LoweredTier.objects.get().state == "proposed"


def test_who_had_a_hand_in_what_may_ship_does_not_decide_it(scene: Scene) -> None:
    appoint(scene["outsider"], Role.RISK_OFFICER, unit=scene.unit)
    role = appoint(scene["outsider"], Role.DEVELOPER, system=scene.system)
    scene.release(by="outsider")
    end_assignment(actor=scene["governor"], assignment=role, reason="Moved.")
    with pytest.raises(Forbidden) as refused:
        move_lowered("grant", actor=scene["outsider"], lowered=proposed(scene), reason="Mine.")
    assert refused.value.code == "sod.owner"


def test_the_gate_asks_for_a_renewal_in_the_lower_tier_and_closes_when_it_is_to_be_looked_at_again(
    scene: Scene, clock: Clock
) -> None:
    release = scene.approved().release
    lowered = granted(scene)
    assert line(release, "context-current")[0] == "unmet"
    assert line(release, "tier")[0] == "met"
    scene.sign_all(renew_release(actor=scene["owner"], release=release))
    assert line(release, "context-current")[0] == "met"
    clock.set(lowered.review_at)
    status, reason = line(release, "tier")
    assert status == "unmet"
    assert "only until" in reason


def test_a_package_says_that_its_tier_was_lowered(scene: Scene) -> None:
    granted(scene)
    told = json.loads(scene.submitted().manifest)["system"]
    assert told["tier"] == "medium"
    assert "Lowered from “high” to “medium”" in told["tier_reason"]


def test_facts_tell_of_the_decision_that_counts(scene: Scene) -> None:
    release = scene.release()
    lowered = granted(scene)
    found = facts_of([release])[release.pk].system
    assert found is not None
    assert found.lowered == LoweredFact(lowered.pk, "high", "medium", lowered.review_at)
    assert found.held_to("high", portal_now()) == "medium"
    assert found.held_to("low", portal_now()) == "low"
    assert found.held_to("high", lowered.review_at) == "high"


def test_the_owner_and_the_risk_officer_may_raise_it_again_and_the_answers_count(scene: Scene) -> None:
    move_lowered("end", actor=scene["owner"], lowered=granted(scene), reason="New use.")
    assert tier_now()[0] == "high"
    lowered = granted(scene)
    with pytest.raises(Forbidden):
        move_lowered("end", actor=scene["validator"], lowered=lowered, reason="No.")
    assert move_lowered("revoke", actor=scene["riskofficer"], lowered=lowered, reason="Wrong.").state == "ended"
    assert tier_now()[0] == "high"


def test_answers_that_come_to_the_same_tier_keep_it_lowered_and_others_end_it(scene: Scene, clock: Clock) -> None:
    lowered = granted(scene)
    answer_questionnaire(actor=scene["owner"], system=scene.system, answers={**HIGH, "novelty": "new"})
    assert tier_now()[0] == "medium"
    answer_questionnaire(actor=scene["owner"], system=scene.system, answers=LOW)
    assert tier_now()[0] == "low"
    lowered.refresh_from_db()
    assert (lowered.state, lowered.ended_by) == ("ended", scene["owner"])
    answer_questionnaire(actor=scene["owner"], system=scene.system, answers=HIGH)
    again = granted(scene)
    clock.set(again.review_at)
    answer_questionnaire(actor=scene["owner"], system=scene.system, answers=HIGH)
    assert tier_now()[0] == "high"


def test_a_later_decision_takes_the_place_of_the_earlier_one(scene: Scene) -> None:
    first = granted(scene)
    granted(scene, "low")
    first.refresh_from_db()
    assert (first.state, tier_now()[0]) == ("ended", "low")


def test_a_refused_or_withdrawn_proposal_changes_nothing(scene: Scene) -> None:
    move_lowered("refuse", actor=scene["riskofficer"], lowered=proposed(scene), reason="No.")
    lowered = proposed(scene)
    with pytest.raises(Forbidden):
        move_lowered("withdraw", actor=scene["deputy"], lowered=lowered, reason="Not mine.")
    move_lowered("withdraw", actor=scene["owner"], lowered=lowered, reason="Thought again.")
    assert tier_now()[0] == "high"
    with pytest.raises(Conflict):
        move_lowered("grant", actor=scene["riskofficer"], lowered=lowered, reason="Late.")


def test_a_proposal_the_answers_have_left_behind_is_not_granted(scene: Scene) -> None:
    lowered = proposed(scene, "low")
    answer_questionnaire(actor=scene["owner"], system=scene.system, answers={**LOW, "novelty": "new"})
    with pytest.raises(Conflict) as blocked:
        move_lowered("grant", actor=scene["riskofficer"], lowered=lowered, reason="Late.")
    assert blocked.value.code == "blocked"


def test_pages_lead_from_the_tier_to_the_proposal_and_to_the_decision(scene: Scene) -> None:
    owner, officer = Client(), Client()
    owner.force_login(scene["owner"], backend=BACKEND)
    officer.force_login(scene["riskofficer"], backend=BACKEND)
    assert "Propose a lower tier" in owner.get("/systems/scorer/?tab=tier").content.decode()
    assert officer.get("/systems/scorer/lower-tier/").status_code == 403
    end = f"{portal_now() + SOON:%Y-%m-%dT%H:%M}"
    where = owner.post(
        "/systems/scorer/lower-tier/", {"tier": "medium", "reason": "It only sorts.", "review_at": end}
    )["Location"]  # fmt: skip
    assert "Proposed to be lowered" in owner.get("/systems/scorer/?tab=tier").content.decode()
    assert owner.get(f"{where}grant/").status_code == 403
    assert any(item.href == where for item in slots.work(scene["riskofficer"], Group.WAITING))
    assert "Lower the tier" in officer.get(where).content.decode()
    assert officer.post(f"{where}grant/", {"reason": "Seen."}).status_code == 302
    assert tier_now()[0] == "medium"
    assert ">lowered until" in owner.get("/systems/scorer/").content.decode()
    assert "Scorer" in officer.get("/lowered-tiers/").content.decode().title()
    assert owner.post(f"{where}end/", {"reason": "New use."}).status_code == 302
    assert tier_now()[0] == "high"
    assert ">lowered until" not in owner.get("/systems/scorer/").content.decode()


def test_the_same_over_rest(scene: Scene) -> None:
    owner, officer = Caller(scene["owner"]), Caller(scene["riskofficer"])
    body: dict[str, Any] = {"system": "scorer", "tier": "medium", "reason": "It only sorts."}
    problem(owner.post("lowered-tiers/", body), 400)
    made = good(owner.post("lowered-tiers/", {**body, "review_at": (portal_now() + SOON).isoformat()}), 201)
    assert (made["from_tier"], made["to_tier"], made["state"]) == ("high", "medium", "proposed")
    path = f"lowered-tiers/{made['id']}/"
    problem(owner.post(f"{path}grant/", {"reason": "Mine."}), 403)
    problem(Caller(scene["outsider"]).get(path), 404)
    assert good(officer.post(f"{path}grant/", {"reason": "Seen."}))["state"] == "granted"
    problem(officer.post(f"{path}grant/", {"reason": "Twice."}), 409)
    assert [row["id"] for row in good(officer.get("lowered-tiers/?system=scorer"))["results"]] == [made["id"]]
    assert good(officer.post(f"{path}revoke/", {"reason": "Wrong."}))["state"] == "ended"
