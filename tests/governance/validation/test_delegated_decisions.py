"""Who proposed a lower tier, or brought an approval in, decides on it not even through whom they lent the role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.lifecycle import Forbidden
from governance.validation.independence import violations
from inventory.models import Assignment, LoweredTier
from inventory.services.delegations import delegate
from inventory.services.legacy import bring_in_approval, move_legacy
from inventory.services.lowering import move_lowered, propose_lower_tier
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, build
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.loosening import loosen
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db
Settle = Callable[[Scene], object]
DECIDE = "UPDATE {} SET state = '{}', decided_by_id = %s, decided_at = portal_now(), decision_reason = 'x'"
GRANT = DECIDE.format("inventory_loweredtier", "granted")
CONFIRM = DECIDE.format("inventory_legacyapproval", "confirmed")


def lend(scene: Scene, lender: str) -> None:
    """A week of a risk officer's role for the outsider."""
    held = Assignment.objects.get(person=scene[lender], role=Role.RISK_OFFICER, delegated_from=None)
    delegate(
        actor=scene[lender], assignment=held, person=scene["outsider"], until=portal_now() + timedelta(days=7)
    )  # fmt: skip


@pytest.fixture
def scene(db: None) -> Scene:
    """A member of governance is a risk officer besides, and lends that role."""
    made = build()
    appoint(made["governor"], Role.RISK_OFFICER, unit=made.unit)
    lend(made, "governor")
    return made


def lowered(scene: Scene) -> Settle:
    proposal = propose_lower_tier(
        actor=scene["governor"], system=scene.system, tier="low", reason="It only sorts.",
        review_at=portal_now() + timedelta(days=30),
    )  # fmt: skip
    return lambda scene: move_lowered("grant", actor=scene["outsider"], lowered=proposal, reason="So be it.")


def brought_in(scene: Scene) -> Settle:
    now = portal_now()
    record = bring_in_approval(
        actor=scene["governor"], system=scene.system, version="0.9", approved_on=now.date(), approved_by="The board",
        reference="Minutes 7", until=now + timedelta(days=30),
    )  # fmt: skip
    return lambda scene: move_legacy("confirm", actor=scene["outsider"], approval=record, reason="Seen.")


@pytest.mark.parametrize("begin", [lowered, brought_in], ids=lambda each: each.__name__)
def test_the_delegate_decides_once_somebody_who_did_not_begin_it_lends_too(
    scene: Scene, begin: Callable[[Scene], Settle]
) -> None:
    settle = begin(scene)
    seal_now()
    with pytest.raises(Forbidden) as refused:
        settle(scene)
    assert [reason.code for reason in refused.value.reasons] == ["sod.delegator"]
    lend(scene, "riskofficer")
    settle(scene)
    seal_now()


@pytest.mark.parametrize(
    ("begin", "statement", "constraint", "rule"),
    [
        (lowered, GRANT, "loweredtier_decided_for_proposer", "tier.for_one_who_may_not"),
        (brought_in, CONFIRM, "legacyapproval_decided_for_bringer", "legacy_approval.for_one_who_may_not"),
    ],
)
def test_the_seal_refuses_it_whoever_writes_and_the_proof_names_what_it_let_through(
    scene: Scene, begin: Callable[[Scene], Settle], statement: str, constraint: str, rule: str
) -> None:
    begin(scene)
    seal_now()

    def written() -> None:
        act_as(scene["outsider"])
        execute(statement, [scene["outsider"].pk])

    assert refusal(written) == constraint
    assert violations() == []
    loosen(f"^{constraint}$")
    written()
    seal_now()
    assert [found.rule for found in violations()] == [rule]


@pytest.mark.parametrize("begin", [lowered, brought_in], ids=lambda each: each.__name__)
def test_the_proof_is_content_where_another_lent_the_role_too(scene: Scene, begin: Callable[[Scene], Settle]) -> None:
    settle = begin(scene)
    lend(scene, "riskofficer")
    settle(scene)
    seal_now()
    assert violations() == []


def test_the_api_says_so(scene: Scene) -> None:
    lowered(scene)
    path = f"lowered-tiers/{LoweredTier.objects.get().pk}/grant/"
    found = problem(Caller(scene["outsider"]).post(path, {"reason": "x"}), 403, "sod.delegator")
    assert found["detail"] == "Who lent you this role had a hand in this; somebody else decides."
