"""What the database refuses by itself: taking away what keeps the gate closed, by somebody who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.validation.models import Condition, Finding, Hold, Submission
from governance.validation.services import (
    accept_finding,
    claim_condition,
    place_hold,
    raise_finding,
    respond_to_finding,
    suspend_release,
)
from governance.validation.services.sign_offs import ConditionInput
from inventory.models import Release
from tests.governance.validation.scene import LOW, Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal

pytestmark = pytest.mark.django_db

CLOSED = "UPDATE validation_finding SET state = 'closed', verified_by_id = %(by)s, verification = 'x'"
ACCEPTED = """
UPDATE validation_finding SET state = 'accepted', accepted_by_id = %(by)s, accepted_until = now() + interval '9 years'
"""
MET = "UPDATE validation_condition SET state = 'met', confirmed_by_id = %(by)s"
LIFTED = "UPDATE validation_hold SET state = 'lifted', lifted_by_id = %(by)s, lifted_at = portal_now()"
REINSTATED = "UPDATE inventory_release SET state = 'approved', suspended_by_id = NULL"


@pytest.fixture
def low(db: None) -> Scene:
    """A system one approval is enough for."""
    return build(LOW)


def obstacle(scene: Scene, kind: str) -> None:
    """Something that keeps the gate of an approved release closed, ready to be taken away."""
    submission = scene.submitted()
    promise = ConditionInput("Watch drift.", scene["owner"], portal_now() + timedelta(days=1))
    review = review_of(submission, Role(submission.reviews.get().role))
    sign(scene["approver"], review, "approve_with_conditions", conditions=[promise])
    release = Release.objects.get()
    if kind == "finding":
        finding = raise_finding(
            actor=scene["validator"], release=release, title="Leak", text="t", severity="critical", category="data"
        )
        respond_to_finding(actor=scene["developer"], finding=finding, response="Mended.")
    elif kind == "condition":
        claim_condition(actor=scene["owner"], condition=Condition.objects.get(), evidence="Done.")
    elif kind == "hold":
        place_hold(actor=scene["validator"], system=scene.system, reason="Smoke.")
    else:
        suspend_release(actor=scene["incidents"], release=release, reason="Fire.")


@pytest.mark.parametrize(
    ("kind", "statement", "entitled"),
    [
        ("finding", CLOSED, "validator2"),
        ("finding", ACCEPTED, "riskofficer"),
        ("condition", MET, "validator"),
        ("hold", LIFTED, "riskofficer"),
        ("release", REINSTATED, "approver2"),
    ],
)
def test_only_somebody_entitled_takes_an_obstacle_away(low: Scene, kind: str, statement: str, entitled: str) -> None:
    obstacle(low, kind)
    for name in ("outsider", "viewer", "governor", "superuser", "deputy"):
        act_as(low[name])
        given = {"by": low[name].pk}
        assert refusal(lambda given=given: execute(statement, given)).endswith("_by_entitled"), name  # type: ignore[misc]
    if "%(by)s" in statement:
        act_as(low["outsider"])
        assert refusal(lambda: execute(statement, {"by": low[entitled].pk})).endswith("_by_entitled")
    act_as(low[entitled])
    execute(statement, {"by": low[entitled].pk})
    seal_now()


def test_who_suspended_does_not_reinstate_even_by_forgetting_it(low: Scene) -> None:
    obstacle(low, "release")
    act_as(low["approver"])
    assert (
        refusal(lambda: execute("UPDATE inventory_release SET suspended_by_id = NULL"))
        == "release_reinstated_by_entitled"
    )


def test_an_accepted_risk_is_not_extended(low: Scene) -> None:
    obstacle(low, "finding")
    ends = portal_now() + timedelta(days=1)
    accept_finding(actor=low["riskofficer"], finding=Finding.objects.get(), reason="Known.", until=ends)
    act_as(low["riskofficer"])
    extend: Any = "UPDATE validation_finding SET accepted_until = accepted_until + interval '1 year'"
    assert refusal(lambda: execute(extend)) == "finding_settled_by_entitled"
    assert Finding.objects.get().accepted_until == ends


def test_somebody_else_does_not_withdraw_a_finding(low: Scene) -> None:
    obstacle(low, "hold")
    raise_finding(
        actor=low["validator"], release=Release.objects.get(), title="Leak", text="t", severity="critical",
        category="data",
    )  # fmt: skip
    act_as(low["developer"])
    assert (
        refusal(lambda: execute("UPDATE validation_finding SET state = 'withdrawn'")) == "finding_settled_by_entitled"
    )
    assert Hold.objects.get().state == "placed"
    assert Submission.objects.get().state == "approved"
