"""What an approver may not decide about a change nobody decides in their place; nor does anybody verify it so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.vocabulary import Role
from governance.changes.models import Change
from governance.changes.services import (
    approve_change,
    carry_out_emergency,
    implement_change,
    lower_materiality,
    ratify_change,
    reject_change,
    return_change,
    submit_change,
    verify_change,
)
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.lifecycle import Forbidden
from governance.validation.independence import violations
from inventory.models import Assignment
from inventory.services.assignments import end_assignment
from inventory.services.delegations import delegate
from tests.governance.access.people import appoint
from tests.governance.changes import walk
from tests.governance.changes.test_database_guards import APPROVE, RATIFY, VERIFY, change
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute
from tests.governance.validation.test_pages import browser
from tests.loosening import loosen
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db


def lend(scene: Scene, lender: str, role: Role) -> None:
    """A week of somebody's role for the outsider."""
    held = Assignment.objects.get(person=scene[lender], role=role, delegated_from=None)
    delegate(actor=scene[lender], assignment=held, person=scene["outsider"], until=portal_now() + timedelta(days=7))


def written_by(scene: Scene, name: str, *, emergency: bool = False) -> Change:
    """A change asked for by somebody who developed the system meanwhile, and lends a reviewing role afterwards."""
    role = appoint(scene[name], Role.DEVELOPER, system=scene.system)
    found = walk.asked(scene, by=name, emergency=emergency)
    end_assignment(actor=scene["governor"], assignment=role)
    return found


def test_who_lowered_it_does_not_approve_it_through_whom_they_lent_the_role(scene: Scene) -> None:
    asked = walk.in_approval(scene)
    lower_materiality(actor=scene["approver"], change=asked, materiality="none", reason="Nothing to it.")
    lend(scene, "approver", Role.APPROVER)
    with pytest.raises(Forbidden) as refused:
        approve_change(actor=scene["outsider"], change=asked)
    assert [reason.code for reason in refused.value.reasons] == ["sod.delegator"]
    assert problem(Caller(scene["outsider"]).post(f"changes/{asked.pk}/approve/", {}), 403)["code"] == "sod.delegator"
    page = browser(scene["outsider"]).get(f"/changes/{asked.pk}/approve/")
    assert (page.status_code, "Who lent you this role" in page.content.decode()) == (403, True)
    who = scene["outsider"]
    assert change(who, asked, APPROVE, who.pk) == "change_decided_for_dependent"
    return_change(actor=who, change=Change.objects.get(pk=asked.pk), reason="Describe it better.")
    seal_now()


def test_a_lender_without_a_hand_counts(scene: Scene) -> None:
    asked = walk.in_approval(scene)
    lower_materiality(actor=scene["approver"], change=asked, materiality="none", reason="Nothing to it.")
    lend(scene, "approver", Role.APPROVER)
    lend(scene, "approver2", Role.APPROVER)
    assert approve_change(actor=scene["outsider"], change=asked).state == "approved"
    seal_now()


def test_who_wrote_it_decides_on_it_neither_themselves_nor_so(scene: Scene) -> None:
    asked = written_by(scene, "approver")
    waiting = submit_change(actor=scene["owner"], change=asked)
    lend(scene, "approver", Role.APPROVER)
    with pytest.raises(Forbidden) as refused:
        approve_change(actor=scene["outsider"], change=waiting)
    assert refused.value.code == "sod.delegator"
    for decide in (reject_change, return_change):
        with pytest.raises(Forbidden, match="Who lent you this role"):
            decide(actor=scene["outsider"], change=waiting, reason="x")


def test_nor_ratifies_it(scene: Scene) -> None:
    asked = written_by(scene, "approver", emergency=True)
    done = carry_out_emergency(actor=scene["developer"], change=asked, reason="Payments are declined.")
    lend(scene, "approver", Role.APPROVER)
    who = scene["outsider"]
    with pytest.raises(Forbidden) as refused:
        ratify_change(actor=who, change=done)
    assert refused.value.code == "sod.delegator"
    assert change(who, done, RATIFY, who.pk) == "change_decided_for_dependent"
    assert ratify_change(actor=scene["approver2"], change=done).ratification == "ratified"


@pytest.mark.parametrize("verb", ["ratified", "verified"])
def test_the_proof_names_what_the_seal_let_through(scene: Scene, verb: str) -> None:
    lender, role = ("approver", Role.APPROVER) if verb == "ratified" else ("validator", Role.VALIDATOR)
    asked = written_by(scene, lender, emergency=verb == "ratified")
    if verb == "ratified":
        done = carry_out_emergency(actor=scene["developer"], change=asked, reason="Payments are declined.")
    else:
        approved = approve_change(actor=scene["approver"], change=submit_change(actor=scene["owner"], change=asked))
        done = implement_change(actor=scene["developer"], change=approved)
    lend(scene, lender, role)
    seal_now()
    assert violations() == []
    loosen("^change_(decided|verified)_for_dependent$")
    act_as(scene["outsider"], verb="change.describe")
    written = RATIFY if verb == "ratified" else VERIFY
    execute(f"UPDATE changes_change SET {written} WHERE id = %s", [scene["outsider"].pk, done.pk])
    seal_now()
    wanted = "change.decided_for_one_who_may_not" if verb == "ratified" else "change.verified_for_one_who_may_not"
    assert [each.rule for each in violations()] == [wanted]


def test_nor_verifies_it(scene: Scene) -> None:
    asked = written_by(scene, "validator")
    approved = approve_change(actor=scene["approver"], change=submit_change(actor=scene["owner"], change=asked))
    done = implement_change(actor=scene["developer"], change=approved)
    lend(scene, "validator", Role.VALIDATOR)
    who = scene["outsider"]
    with pytest.raises(Forbidden) as refused:
        verify_change(actor=who, change=done, verification="Seen.")
    assert refused.value.code == "sod.delegator"
    assert change(who, done, VERIFY, who.pk) == "change_verified_for_dependent"
    lend(scene, "validator2", Role.VALIDATOR)
    assert verify_change(actor=who, change=done, verification="Seen.").state == "closed"
    seal_now()
