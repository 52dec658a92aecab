"""Every duty of a closed account finds a successor, and nobody becomes the judge of their own work by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.engagements.models import Member
from governance.ledger.acting import Door, acting, seal_now
from governance.ledger.models import Event
from governance.lifecycle import Forbidden
from governance.validation.services import raise_finding, respond_to_finding, verify_finding
from incidents.models import MonitoringPlan, Participant
from incidents.services import add_participant
from incidents.services.plans import plan_monitoring
from inventory.models import Assignment, Document, Risk
from inventory.services import save_document_revision
from inventory.services.people import close_person
from inventory.services.risks import accept_risk, analyse_risk, identify_risk, treat_risk
from tests.governance.access.people import TEST, appoint, join, person
from tests.governance.engagements.walk import led, planned
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_handing_over import browser
from tests.incidents.walk import in_state
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    made = build()
    for name in ("second", "third"):
        join(person(name), OrganisationRole.GOVERNANCE)
    return made


def path_of(scene: Scene, name: str) -> str:
    return f"people/{scene[name].pk}/hand-over/"


def give(scene: Scene, leaver: str, kind: str, to: str, **more: Any) -> Any:
    body = {"reason": "Left.", "successors": [{"kind": kind, "person": to, **more}]}
    return Caller(scene["governor"]).post(path_of(scene, leaver), body)


def left(scene: Scene, leaver: str, kind: str) -> list[str]:
    shown = good(Caller(scene["governor"]).get(path_of(scene, leaver)))["left"]
    return [thing["title"] for each in shown if each["kind"] == kind for thing in each["things"]]


def close(scene: Scene, name: str) -> None:
    close_person(actor=scene["governor"], person=scene[name], reason="Left.")


def treated(scene: Scene, by: str = "developer") -> Risk:
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="Bias by postcode", area="people")
    risk = analyse_risk(actor=scene["owner"], risk=risk, likelihood="likely", consequence="serious")
    return treat_risk(
        actor=scene["owner"], risk=risk, treatment="mitigate", plan="Leave the postcode out.", owner=scene[by],
        due=portal_now() + timedelta(days=30), residual_likelihood="rare", residual_consequence="serious",
    )  # fmt: skip


def test_a_risk_finds_who_treats_it_but_never_who_accepted_it(scene: Scene) -> None:
    risk = treated(scene)
    accept_risk(actor=scene["riskofficer"], risk=risk, until=portal_now() + timedelta(days=60), reason="Small.")
    problem(give(scene, "developer", "risks", "deputy"), 409, "state")
    close(scene, "developer")
    assert left(scene, "developer", "risks") == [str(risk)]
    assert "accepted what remains" in problem(give(scene, "developer", "risks", "riskofficer"), 409)["detail"]
    assert "may see the system" in problem(give(scene, "developer", "risks", "outsider"), 409, "invalid")["detail"]
    assert good(give(scene, "developer", "risks", "deputy"))["outcomes"][0]["done"] is True
    risk.refresh_from_db()
    assert (risk.owner, risk.accepted_by) == (scene["deputy"], scene["riskofficer"])
    assert left(scene, "developer", "risks") == []
    assert Event.objects.filter(table_name="inventory_risk").latest("pk").verb == "risk.hand_over"

    def quietly() -> None:
        act_as(scene["governor"])
        execute(f"UPDATE inventory_risk SET owner_id = {scene['riskofficer'].pk} WHERE id = {risk.pk}")
        seal_now()

    assert refusal(quietly) == "risk_accepted_by_no_treater"


def test_who_was_handed_a_risk_does_not_say_that_what_remains_will_do(scene: Scene) -> None:
    risk = treated(scene)
    close(scene, "developer")
    good(give(scene, "developer", "risks", "riskofficer"))
    with pytest.raises(Forbidden, match="You treat this risk"):
        accept_risk(actor=scene["riskofficer"], risk=risk, until=portal_now() + timedelta(days=9), reason="Small.")


def test_a_role_is_given_on_and_whoever_built_the_system_does_not_review_it_by_that(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    close(scene, "validator")
    assert left(scene, "validator", "roles") == ["Validator of Cards"]
    good(give(scene, "validator", "roles", "developer"))
    assert left(scene, "validator", "roles") == []
    given = Assignment.objects.get(person=scene["developer"], role=Role.VALIDATOR)
    assert (given.unit, given.until) == (scene.unit, None)
    with pytest.raises(Forbidden) as refused:
        sign(scene["developer"], review)
    assert {reason.code for reason in refused.value.reasons} & {"sod.owner", "sod.contributor", "sod.developer"}
    until = portal_now() + timedelta(days=20)
    with acting(TEST, door=Door.COMMAND, verb="command.run"):
        Assignment.objects.filter(person=scene["deputy"]).update(until=until)
    close(scene, "deputy")
    assert left(scene, "deputy", "roles") == ["Deputy owner of Scorer"]
    good(give(scene, "deputy", "roles", "viewer"))
    deputy = Assignment.objects.current().filter(role=Role.DEPUTY_OWNER).get()
    assert (deputy.person, deputy.until) == (scene["viewer"], until), "nobody inherits a role for longer"


def test_whoever_signed_what_counts_does_not_become_its_owner(scene: Scene) -> None:
    scene.approved()
    close(scene, "owner")
    assert "sod.signed" in [
        reason["code"] for reason in problem(give(scene, "owner", "systems", "validator"), 409)["reasons"]
    ]


def test_the_next_owner_answers_findings_and_verifies_no_answer_of_their_own(scene: Scene) -> None:
    release = scene.submitted().release
    finding = raise_finding(
        actor=scene["validator"], release=release, title="Drift", text="x", severity="high", category="data"
    )
    close(scene, "owner")
    assert left(scene, "owner", "answers") == ["Drift"]
    successor = person("successor")
    appoint(successor, Role.VALIDATOR, unit=scene.unit)
    good(give(scene, "owner", "systems", "successor"))
    assert left(scene, "owner", "answers") == []
    respond_to_finding(actor=successor, finding=finding, response="Retrained.")
    with pytest.raises(Forbidden):
        verify_finding(actor=successor, finding=finding, verification="Fine.")


def test_documents_say_whom_to_ask_now_until_a_revision_names_somebody(scene: Scene) -> None:
    def save(contact: str) -> None:
        save_document_revision(
            actor=scene["owner"], system=scene.system, template="model-card", sections={"purpose": "x"}, contact=contact
        )

    save("Viewer")
    problem(give(scene, "viewer", "documents", "deputy"), 409, "state")
    close(scene, "viewer")
    good(give(scene, "viewer", "documents", "deputy"))
    document = Document.objects.get(template="model-card")
    assert document.successor == scene["deputy"]
    assert good(Caller(scene["owner"]).get(f"documents/{document.pk}/"))["successor"]["username"] == "deputy"
    owner, page = browser(scene["owner"]), f"/systems/{scene.system.slug}/documents/model-card/"
    assert "Questions go to Deputy, since the account of Viewer closed" in owner.get(page).content.decode()
    assert f'value="{scene["deputy"].email}"' in owner.get(f"{page}edit/").content.decode()
    save("Viewer")
    document.refresh_from_db()
    assert document.successor == scene["deputy"], "who only writes on names nobody new"
    save("Model desk")
    document.refresh_from_db()
    assert document.successor is None


def test_somebody_else_takes_part_and_watches_and_what_was_stays_said(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    for name in ("viewer", "developer"):
        add_participant(
            actor=scene["incidents"], incident=incident, person=scene[name], function="legal", stage="analysis"
        )
    plan = plan_monitoring(
        actor=scene["owner"], system=scene.system, metric="psi", kind="input_drift", direction="lower", critical=0.2,
        answers=scene["viewer"],
    )  # fmt: skip
    close(scene, "viewer")
    assert left(scene, "viewer", "participants") == [], "somebody else speaks for law in the analysis"
    close(scene, "developer")
    assert len(left(scene, "viewer", "participants")) == 1
    refused = problem(give(scene, "viewer", "participants", "incidents"), 409, "invalid")["detail"]
    assert "speaks for no function" in refused
    good(give(scene, "viewer", "participants", "deputy"))
    taking_part = Participant.objects.filter(incident=incident).order_by("pk")
    assert [one.person.username for one in taking_part] == ["viewer", "developer", "deputy"]
    assert left(scene, "viewer", "participants") == left(scene, "developer", "participants") == []
    assert "can see this system" in problem(give(scene, "viewer", "monitoring", "outsider"), 409, "invalid")["detail"]
    good(give(scene, "viewer", "monitoring", "deputy"))
    assert MonitoringPlan.objects.get(pk=plan.pk).answers == scene["deputy"]


def test_a_team_of_an_audit_finds_its_lead_outside_what_is_audited(scene: Scene) -> None:
    engagement = planned(scene)
    member = led(scene, engagement)
    close(scene, "external")
    assert left(scene, "external", "engagements") == [str(engagement)]
    refused = problem(give(scene, "external", "engagements", "developer"), 409)["reasons"]
    assert [reason["code"] for reason in refused] == ["sod.builder"]
    assert Member.objects.get(pk=member.pk).left_at is None, "what is refused takes nobody off"
    person("second_auditor")
    good(give(scene, "external", "engagements", "second_auditor"))
    now = Member.objects.get(engagement=engagement, left_at=None)
    assert (now.person.username, now.leads, now.until) == ("second_auditor", True, member.until)
    assert left(scene, "external", "engagements") == []
