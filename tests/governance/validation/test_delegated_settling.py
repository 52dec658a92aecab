"""What a lender may not settle nobody settles in their place: findings, promises, exceptions, stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.lifecycle import Forbidden
from governance.validation.independence import RULES, violations
from governance.validation.models import Condition, Finding, Hold, Review, Submission, Waiver
from governance.validation.services import (
    ConditionInput,
    accept_finding,
    claim_condition,
    confirm_condition,
    grant_waiver,
    lift_hold,
    place_hold,
    raise_finding,
    refuse_waiver,
    reinstate_release,
    request_waiver,
    respond_to_finding,
    suspend_release,
    verify_finding,
)
from inventory.models import Assignment, Release
from inventory.services.assignments import end_assignment
from inventory.services.delegations import delegate
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.loosening import loosen
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def scene() -> Scene:
    """The validator and the risk officer had a hand in the release, and lend their roles to somebody who had none."""
    made = build()
    for name in ("validator", "riskofficer"):
        appoint(made[name], Role.DEVELOPER, system=made.system)
    made.submitted()
    for name, role in (("validator", Role.VALIDATOR), ("riskofficer", Role.RISK_OFFICER)):
        built = Assignment.objects.get(person=made[name], role=Role.DEVELOPER)
        end_assignment(actor=made["governor"], assignment=built)
        held = Assignment.objects.get(person=made[name], role=role)
        delegate(actor=made[name], assignment=held, person=made["outsider"], until=portal_now() + WEEK)
    return made


def finding(scene: Scene) -> Finding:
    raised = raise_finding(
        actor=scene["validator2"], release=Release.objects.get(), title="Skewed", text="x", severity="low",
        category="data",
    )  # fmt: skip
    return respond_to_finding(actor=scene["owner"], finding=raised, response="Mended.")


def condition(scene: Scene) -> Condition:
    promise = ConditionInput("Watch drift.", scene["owner"], portal_now() + WEEK)
    review = review_of(Submission.objects.get(), Role.VALIDATOR)
    sign(scene["validator2"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
    return claim_condition(actor=scene["owner"], condition=Condition.objects.get(), evidence="Seen.")


def waiver(scene: Scene) -> Waiver:
    return request_waiver(
        actor=scene["owner"], system=scene.system, requirement="monitoring", reason="New.",
        until=portal_now() + timedelta(days=9),
    )  # fmt: skip


def hold(scene: Scene, by: str = "owner") -> Hold:
    return place_hold(actor=scene[by], system=scene.system, reason="It drifts.")


def suspended(scene: Scene, by: str = "incidents") -> Release:
    for name in ("validator2", "auditor", "approver"):
        sign(scene[name], Review.objects.get(state=Review.State.OPEN))
    return suspend_release(actor=scene[by], release=Release.objects.get(), reason="It drifts.")


def verified(scene: Scene, who: str) -> Any:
    return verify_finding(actor=scene[who], finding=finding(scene), verification="Seen.")


def accepted(scene: Scene, who: str) -> Any:
    return accept_finding(actor=scene[who], finding=finding(scene), reason="Small.", until=portal_now() + WEEK)


def confirmed(scene: Scene, who: str) -> Any:
    return confirm_condition(actor=scene[who], condition=condition(scene))


def granted(scene: Scene, who: str) -> Any:
    return grant_waiver(actor=scene[who], waiver=waiver(scene), reason="For now.")


def refused(scene: Scene, who: str) -> Any:
    return refuse_waiver(actor=scene[who], waiver=waiver(scene), reason="No.")


def lifted(scene: Scene, who: str) -> Any:
    return lift_hold(actor=scene[who], hold=hold(scene), reason="Fine again.")


def reinstated(scene: Scene, who: str) -> Any:
    return reinstate_release(actor=scene[who], release=suspended(scene), reason="Fine again.")


@pytest.mark.parametrize(
    "settle", [verified, accepted, confirmed, granted, refused, lifted, reinstated], ids=lambda each: each.__name__
)
def test_a_lenders_hand_bars_the_delegate_until_somebody_without_one_lends_too(
    scene: Scene, settle: Callable[[Scene, str], Any]
) -> None:
    with pytest.raises(Forbidden) as caught:
        settle(scene, "outsider")
    assert [reason.code for reason in caught.value.reasons] == ["sod.delegator"]


def test_a_right_of_ones_own_and_a_lender_without_a_hand_count(scene: Scene) -> None:
    held = Assignment.objects.get(person=scene["validator2"], role=Role.VALIDATOR)
    answered = finding(scene)
    delegate(actor=scene["validator2"], assignment=held, person=scene["outsider"], until=portal_now() + WEEK)
    assert verify_finding(actor=scene["outsider"], finding=answered, verification="Seen.").state == "closed"
    seal_now()
    appoint(scene["outsider"], Role.RISK_OFFICER, unit=scene.unit)
    assert granted(scene, "outsider").state == "granted"
    assert lifted(scene, "outsider").state == "lifted"
    assert reinstated(scene, "outsider").state == "approved"
    seal_now()
    assert violations() == []


@pytest.fixture
def stopper() -> Scene:
    """A risk officer, incident manager too, who stops things, built none of them, and lends the first role."""
    made = build()
    made.submitted()
    appoint(made["riskofficer"], Role.INCIDENT_MANAGER, unit=made.unit)
    held = Assignment.objects.get(person=made["riskofficer"], role=Role.RISK_OFFICER)
    delegate(actor=made["riskofficer"], assignment=held, person=made["outsider"], until=portal_now() + WEEK)
    return made


def test_who_stops_lends_nobody_the_right_to_start_again(stopper: Scene) -> None:
    placed, release = hold(stopper, "riskofficer"), suspended(stopper, "riskofficer")
    api = Caller(stopper["outsider"])
    for path in (f"holds/{placed.pk}/lift/", f"releases/{release.pk}/reinstate/"):
        problem(api.post(path, {"reason": "Fine again."}), 403, "sod.delegator")
    placed.refresh_from_db()
    release.refresh_from_db()
    assert (placed.state, release.state) == ("placed", "suspended")


def test_what_somebody_else_stopped_the_delegate_starts_again(stopper: Scene) -> None:
    assert lifted(stopper, "outsider").state == "lifted"
    assert reinstated(stopper, "outsider").state == "approved"
    seal_now()
    assert violations() == []


def test_both_doors_say_so(scene: Scene) -> None:
    answered = finding(scene)
    path = f"findings/{answered.pk}/verify/"
    said = problem(Caller(scene["outsider"]).post(path, {"verification": "Seen."}), 403, "sod.delegator")
    assert said["detail"] == "Who lent you this role had a hand in this; somebody else decides."


def closed_raw(scene: Scene) -> str:
    return (
        f"UPDATE validation_finding SET state = 'closed', verification = 'x', verified_by_id = {scene['outsider'].pk}"
        f" WHERE id = {finding(scene).pk}"
    )


def met_raw(scene: Scene) -> str:
    by = scene["outsider"].pk
    return f"UPDATE validation_condition SET state = 'met', confirmed_by_id = {by} WHERE id = {condition(scene).pk}"


def granted_raw(scene: Scene) -> str:
    return (
        f"UPDATE validation_waiver SET state = 'granted', decided_at = portal_now(), decision_reason = 'x',"
        f" decided_by_id = {scene['outsider'].pk} WHERE id = {waiver(scene).pk}"
    )


def lifted_raw(scene: Scene) -> str:
    return (
        f"UPDATE validation_hold SET state = 'lifted', lift_reason = 'x', lifted_at = portal_now(),"
        f" lifted_by_id = {scene['outsider'].pk} WHERE id = {hold(scene).pk}"
    )


def reinstated_raw(scene: Scene) -> str:
    return f"UPDATE inventory_release SET state = 'approved', suspended_by_id = NULL WHERE id = {suspended(scene).pk}"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (closed_raw, "finding_settled_for_builder"), (met_raw, "condition_confirmed_for_builder"),
        (granted_raw, "waiver_decided_for_builder"), (lifted_raw, "hold_lifted_for_builder"),
        (reinstated_raw, "release_reinstated_for_builder"),
    ],
)  # fmt: skip
def test_the_seal_refuses_it_whoever_writes(scene: Scene, statement: Callable[[Scene], str], constraint: str) -> None:
    words = statement(scene)
    seal_now()

    def written() -> None:
        act_as(scene["outsider"])
        execute(words)

    assert refusal(written) == constraint


def accepted_raw(scene: Scene) -> str:
    return (
        f"UPDATE validation_finding SET state = 'accepted', accepted_until = portal_now() + interval '1 day',"
        f" accepted_by_id = {scene['outsider'].pk} WHERE id = {finding(scene).pk}"
    )


@pytest.mark.parametrize(
    ("statement", "guard", "rule"),
    [
        (closed_raw, "finding_settled_for_builder", "finding.for_one_who_may_not"),
        (accepted_raw, "finding_settled_for_builder", "finding.accepted_for_one_who_may_not"),
        (met_raw, "condition_confirmed_for_builder", "condition.for_one_who_may_not"),
        (granted_raw, "waiver_decided_for_builder", "waiver.for_one_who_may_not"),
        (lifted_raw, "hold_lifted_for_builder", "hold.for_one_who_may_not"),
        (reinstated_raw, "release_reinstated_for_builder", "release.for_one_who_may_not"),
    ],
)  # fmt: skip
def test_what_the_seal_let_through_the_proof_of_independence_names(
    scene: Scene, statement: Callable[[Scene], str], guard: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = statement(scene)
    seal_now()
    assert violations() == []
    loosen(f"^{guard}$")
    now = portal_now()
    act_as(scene["outsider"])
    execute(words)
    seal_now()
    (found,) = violations()
    assert (found.rule, found.person) == (rule, "Outsider")
    assert now <= found.at < now + timedelta(minutes=9), "dated when it was done"
    for lent in Assignment.objects.filter(person=scene["outsider"]):
        end_assignment(actor=scene["governor"], assignment=lent)
    assert [found.rule for found in violations()] == [rule], "what ended since was lent then"
    monkeypatch.delitem(RULES, rule)
    assert violations() == [], "no other rule names it"
