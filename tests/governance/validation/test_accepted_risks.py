"""Whoever may not accept a risk does so neither past the portal nor through whom they lent the role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.lifecycle import Forbidden
from governance.validation.independence import violations
from inventory.models import Assignment, Risk
from inventory.services.delegations import delegate
from inventory.services.risks import accept_risk, analyse_risk, identify_risk
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, build
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.loosening import loosen
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
ACCEPT = """
UPDATE inventory_risk SET accepted_by_id = %s, accepted_until = portal_now() + interval '9 days', acceptance = 'x',
    treatment = 'accept', state = 'treated' WHERE id = %s
"""


@pytest.fixture
def scene(db: None) -> Scene:
    return build()


def risk(scene: Scene, by: str) -> Risk:
    """A grave risk somebody wrote down and graded."""
    found = identify_risk(actor=scene[by], system=scene.system, title="It drifts", area="people")
    return analyse_risk(actor=scene[by], risk=found, likelihood="likely", consequence="grave")


def accepted(scene: Scene, found: Risk, by: str) -> Any:
    return accept_risk(actor=scene[by], risk=found, until=portal_now() + WEEK, reason="Small.")


def lend(scene: Scene, lender: str) -> None:
    held = Assignment.objects.get(person=scene[lender], role=Role.RISK_OFFICER, delegated_from=None)
    delegate(actor=scene[lender], assignment=held, person=scene["outsider"], until=portal_now() + WEEK)


@pytest.mark.parametrize("name", ["developer", "validator", "outsider", "superuser"])
def test_past_the_portal_a_risk_is_accepted_by_who_may(scene: Scene, name: str) -> None:
    found = risk(scene, "owner")
    seal_now()

    def written(who: str) -> None:
        act_as(scene[who])
        execute(ACCEPT, [scene[who].pk, found.pk])

    assert refusal(lambda: written(name)) == "risk_accepted_by_entitled"
    written("riskofficer")
    seal_now()


def test_who_graded_it_accepts_it_neither_themselves_nor_through_whom_they_lent_the_role(scene: Scene) -> None:
    found = risk(scene, "riskofficer")
    lend(scene, "riskofficer")
    with pytest.raises(Forbidden) as refused:
        accepted(scene, found, "outsider")
    assert [reason.code for reason in refused.value.reasons] == ["sod.delegator"]
    body = {"until": f"{portal_now() + WEEK:%Y-%m-%dT%H:%M:%SZ}", "reason": "Small."}
    problem(Caller(scene["outsider"]).post(f"risks/{found.pk}/accept/", body), 403, "sod.delegator")
    seal_now()

    def written() -> None:
        act_as(scene["outsider"])
        execute(ACCEPT, [scene["outsider"].pk, found.pk])

    assert refusal(written) == "risk_accepted_by_entitled"
    assert violations() == []
    with transaction.atomic():
        loosen("^risk_accepted_by_entitled$")
        written()
        seal_now()
        assert [each.rule for each in violations()] == ["risk.accepted_for_one_who_may_not"]
        transaction.set_rollback(True)
    appoint(scene["viewer"], Role.RISK_OFFICER, unit=scene.unit)
    lend(scene, "viewer")
    assert accepted(scene, found, "outsider").accepted_by == scene["outsider"]
    seal_now()
    assert violations() == []
    assert violations() == []
