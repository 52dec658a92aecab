"""Attacks on the independence of audits: by governance that builds what is audited, or was on the team."""

from __future__ import annotations

import pytest

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.engagements.services import (
    add_member,
    cancel_engagement,
    close_engagement,
    remove_member,
    start_engagement,
    withdraw_audit_finding,
)
from governance.ledger.acting import seal_now
from governance.lifecycle import Forbidden
from governance.validation.models import Contribution
from inventory.models import Assignment
from inventory.services import change_system
from inventory.services.assignments import end_assignment
from tests.governance.access.people import appoint, join, person
from tests.governance.engagements.walk import found, led, planned, reported, running
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db


def governor_who_builds(scene: Scene, role: Role = Role.DEVELOPER) -> User:
    """A member of governance who builds the system, too; the audit of it is another's to run."""
    appoint(scene["governor"], role, system=scene.system)
    return scene["governor"]


@pytest.fixture
def second(scene: Scene) -> User:
    """Another member of governance."""
    return join(person("second"), OrganisationRole.GOVERNANCE)


@pytest.mark.parametrize("role", [Role.OWNER, Role.DEPUTY_OWNER, Role.DEVELOPER])
def test_who_builds_what_is_audited_does_not_run_the_audit(scene: Scene, second: User, role: Role) -> None:
    audit = planned(scene)
    member = led(scene, audit)
    if role == Role.OWNER:
        end_assignment(actor=scene["governor"], assignment=Assignment.objects.get(role=Role.OWNER))
    own, helper = governor_who_builds(scene, role), person("helper")
    for refused in (
        lambda: add_member(actor=own, engagement=audit, person=helper),
        lambda: remove_member(actor=own, member=member, reason="Too strict."),
        lambda: start_engagement(actor=own, engagement=audit),
        lambda: cancel_engagement(actor=own, engagement=audit, reason="Not now."),
    ):
        with pytest.raises(Forbidden) as caught:
            refused()
        assert caught.value.code == "sod.builder"
    start_engagement(actor=second, engagement=audit)
    finding = found(scene, audit)
    with pytest.raises(Forbidden):
        cancel_engagement(actor=own, engagement=audit, reason="Not now.")
    withdraw_audit_finding(actor=scene["external"], finding=finding, reason="A mistake of ours.")
    reported(scene, audit)
    with pytest.raises(Forbidden):
        close_engagement(actor=own, engagement=audit, note="Fine.")
    assert close_engagement(actor=second, engagement=audit, note="Fine.").state == "closed"
    seal_now()


def test_the_seal_refuses_it_whoever_writes(scene: Scene) -> None:
    audit = running(scene)
    own = governor_who_builds(scene)
    seal_now()
    cancel = (
        "UPDATE engagements_engagement SET state = 'cancelled', ended_by_id = %s, ended_at = portal_now(), note = 'x'"
    )
    act_as(own)
    assert refusal(lambda: execute(cancel, [own.pk])) == "engagement_by_actor"
    leave = "UPDATE engagements_member SET left_at = portal_now(), left_reason = 'x' WHERE engagement_id = %s"
    act_as(own)
    assert refusal(lambda: execute(leave, [audit.pk])) == "engagement_staffed_by_independent"


def test_who_was_on_the_team_does_not_say_that_its_audit_is_settled(scene: Scene, second: User) -> None:
    audit = running(scene)
    member = add_member(actor=scene["governor"], engagement=audit, person=second)
    reported(scene, audit)
    remove_member(actor=scene["governor"], member=member, reason="No longer needed.")
    with pytest.raises(Forbidden) as refused:
        close_engagement(actor=second, engagement=audit, note="Fine.")
    assert refused.value.code == "sod.same_person"
    assert close_engagement(actor=scene["governor"], engagement=audit, note="Fine.").state == "closed"


def test_both_doors_say_so(scene: Scene) -> None:
    audit = running(scene)
    own = governor_who_builds(scene)
    told = problem(Caller(own).post(f"engagements/{audit.pk}/cancel/", {"reason": "No."}), 403, "sod.builder")
    assert "Scorer" in told["detail"]
    page = browser(own).post(f"/engagements/{audit.pk}/cancel/", {"reason": "No."})
    assert page.status_code == 403
    shown = browser(own).get(f"/engagements/{audit.pk}/").content.decode()
    assert "disabled>Cancel it</button>" in shown
    assert "/team/new/" not in shown


def test_who_only_registered_and_described_it_runs_the_audit(scene: Scene) -> None:
    change_system(actor=scene["governor"], system=scene.system, purpose="Scores payments.")
    scene.submitted()
    assert Contribution.objects.filter(person=scene["governor"]).exists()
    audit = running(scene)
    assert cancel_engagement(actor=scene["governor"], engagement=audit, reason="Merged.").state == "cancelled"
    seal_now()
