"""Incidents from the report to the lesson: who may, what stands in the way, what the gate makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden, Refusal
from governance.policy.checking import Purpose
from governance.policy.decide import Decision, Status, decide
from governance.policy.queries import facts_of, rules_in_force
from incidents.models import Incident
from incidents.services import (
    add_action,
    add_check,
    close_incident,
    contain_incident,
    describe_incident,
    dismiss_incident,
    finish_action,
    mark_duplicate,
    note,
    pass_check,
    reopen_incident,
    report_incident,
    resolve_incident,
    triage_incident,
)
from inventory.models import Release
from tests.governance.validation.scene import Scene
from tests.incidents.walk import GRADE, SMALL, described, in_state, reported, resolved


def answer(release: Release) -> Decision:
    _, rules = rules_in_force()
    production = rules.document.environment("production")
    return decide(facts_of([release])[release.pk], rules, production, portal_now(), Purpose.DEPLOY)


def line(release: Release) -> tuple[Status, str]:
    found = next(one for one in answer(release).lines if one.id == "incidents")
    return found.status, found.reason


def test_the_severity_follows_from_impact_and_urgency(scene: Scene) -> None:
    assert reported(scene).severity == "s2"
    assert reported(scene, **SMALL).severity == "s4"


def test_an_unknown_type_or_grade_is_named(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        report_incident(
            actor=scene["owner"], system=scene.system, title="", type="x", impact="y", urgency="z",
            aware_at=portal_now() + timedelta(hours=1),
        )  # fmt: skip
    assert set(refused.value.errors) == {"title", "type", "impact", "urgency", "aware_at"}


def test_somebody_without_a_role_reports_nothing(scene: Scene) -> None:
    for name in ("outsider", "viewer"):
        with pytest.raises(Refusal):
            reported(scene, by=name)
    assert not Incident.objects.exists()


def test_an_open_incident_closes_the_gate_and_its_resolution_opens_it(scene: Scene) -> None:
    release = scene.approved().release
    assert answer(release).allowed
    incident = reported(scene)
    assert line(release)[0] is Status.UNMET
    assert not answer(release).allowed
    resolved(scene, incident)
    assert answer(release).allowed


def test_an_incident_that_names_releases_concerns_only_these(scene: Scene) -> None:
    first, second = scene.approved().release, scene.approved().release
    reported(scene, releases=(first,))
    assert line(first)[0] is Status.UNMET
    assert line(second)[0] is Status.MET


def test_the_release_an_incident_names_as_its_remedy_passes_and_says_so(scene: Scene) -> None:
    release = scene.approved().release
    scene.approved()  # what counts when it happens; what counted before is gone back to
    incident = reported(scene)
    describe_incident(actor=scene["incidents"], incident=incident, remedy_release=release)
    assert line(release) == (Status.MET, f"This release is the remedy of INC-{incident.pk}.")


def test_a_remedy_of_another_system_is_refused(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(InvalidInput, match="of this system"):
        report_incident(actor=scene["owner"], system=scene.system, title="x", releases=(Release(system_id=0),), **GRADE)
    assert incident.state == "reported"


def test_only_who_runs_incidents_takes_one_on(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(Forbidden):
        triage_incident(actor=scene["owner"], incident=incident, commander=scene["incidents"])
    with pytest.raises(InvalidInput, match="commander"):
        triage_incident(actor=scene["incidents"], incident=incident, commander=scene["owner"])
    taken = triage_incident(actor=scene["incidents"], incident=incident, commander=scene["incidents"], urgency="stable")
    assert (taken.state, taken.severity, taken.commander) == ("triaged", "s3", scene["incidents"])


def test_containing_says_how(scene: Scene) -> None:
    incident = triage_incident(actor=scene["incidents"], incident=reported(scene), commander=scene["incidents"])
    with pytest.raises(InvalidInput, match="containment"):
        contain_incident(actor=scene["incidents"], incident=incident, containment=" ")
    assert (
        contain_incident(actor=scene["incidents"], incident=incident, containment="Limit raised.").state == "contained"
    )


def test_service_does_not_return_before_every_check_has_passed(scene: Scene) -> None:
    incident = triage_incident(actor=scene["incidents"], incident=reported(scene), commander=scene["incidents"])
    with pytest.raises(Conflict, match="at least one"):
        resolve_incident(actor=scene["incidents"], incident=incident)
    add_check(actor=scene["incidents"], incident=incident, text="Declines below limit")
    with pytest.raises(Conflict, match="Declines below limit"):
        resolve_incident(actor=scene["incidents"], incident=incident)


def test_a_check_is_passed_once_and_with_evidence(scene: Scene) -> None:
    incident = reported(scene)
    check = add_check(actor=scene["incidents"], incident=incident, text="Declines below limit")
    with pytest.raises(InvalidInput, match="evidence"):
        pass_check(actor=scene["validator"], check=check, evidence="")
    pass_check(actor=scene["validator"], check=check, evidence="Dashboard.")
    with pytest.raises(Conflict, match="passed before"):
        pass_check(actor=scene["validator"], check=check, evidence="Dashboard.")


def test_closing_asks_for_cause_impact_review_and_actions(scene: Scene) -> None:
    incident = resolved(scene, reported(scene, **SMALL))
    with pytest.raises(Conflict) as refused:
        close_incident(actor=scene["incidents"], incident=incident)
    assert "root cause" in str(refused.value)
    assert "action item" in str(refused.value)
    described(scene, incident)
    assert close_incident(actor=scene["incidents"], incident=incident).state == "closed"


def test_a_severe_incident_is_closed_by_a_third_person(scene: Scene) -> None:
    incident = resolved(scene, reported(scene))
    described(scene, incident)
    with pytest.raises(Forbidden) as refused:
        close_incident(actor=scene["incidents"], incident=incident)
    assert refused.value.code == "sod.incident_close"


def test_a_reopened_incident_closes_the_gate_again(scene: Scene) -> None:
    release = scene.approved().release
    incident = resolved(scene, reported(scene))
    reopen_incident(actor=scene["incidents"], incident=incident, reason="It came back on Friday.")
    assert line(release)[0] is Status.UNMET


def test_a_dismissal_and_a_duplicate_let_the_gate_open(scene: Scene) -> None:
    release = scene.approved().release
    first, second = reported(scene), reported(scene)
    mark_duplicate(actor=scene["incidents"], incident=second, original=first)
    assert line(release)[0] is Status.UNMET
    dismiss_incident(actor=scene["incidents"], incident=first, reason="The dashboard counted twice.")
    assert line(release)[0] is Status.MET


def test_an_incident_is_no_duplicate_of_itself(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(InvalidInput, match="another open incident"):
        mark_duplicate(actor=scene["incidents"], incident=incident, original=incident)


def test_an_action_item_is_finished_by_its_owner_once(scene: Scene) -> None:
    incident = reported(scene)
    action = add_action(
        actor=scene["incidents"], incident=incident, text="Add a limit", owner=scene["developer"],
        due=portal_now() + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(Forbidden):
        finish_action(actor=scene["validator"], action=action)
    assert finish_action(actor=scene["developer"], action=action).done_by == scene["developer"]
    with pytest.raises(Conflict):
        finish_action(actor=scene["developer"], action=action)


def test_an_action_item_is_due_later_and_for_somebody_who_sees_the_system(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_action(
            actor=scene["incidents"], incident=reported(scene), text="x", owner=scene["outsider"], due=portal_now()
        )
    assert set(refused.value.errors) == {"due", "owner"}


def test_what_was_noted_stays_in_order(scene: Scene) -> None:
    incident = reported(scene)
    note(actor=scene["owner"], incident=incident, text="Call centre reports 40 calls.")
    note(actor=scene["incidents"], incident=incident, text="Limit raised.")
    assert [entry.author for entry in incident.timeline.all()] == [scene["owner"], scene["incidents"]]


def test_nothing_is_added_to_an_incident_that_is_over(scene: Scene) -> None:
    incident = dismiss_incident(actor=scene["incidents"], incident=reported(scene), reason="Nothing happened.")
    with pytest.raises(Conflict, match="dismissed"):
        add_check(actor=scene["incidents"], incident=incident, text="x")


def test_what_is_over_is_described_no_more(scene: Scene) -> None:
    for state in ("closed", "dismissed"):
        with pytest.raises(Conflict, match="reopen it first"):
            describe_incident(actor=scene["incidents"], incident=in_state(scene, state), root_cause="")


def test_a_reopened_incident_has_every_check_to_pass_again_and_somebody_who_leads_it(scene: Scene) -> None:
    incident = reopen_incident(actor=scene["incidents"], incident=in_state(scene, "closed"), reason="It is back.")
    assert (incident.closed_by, incident.closed_at, incident.resolved_at) == (None, None, None)
    with pytest.raises(Conflict, match="Declines below 1 in 400"):
        resolve_incident(actor=scene["incidents"], incident=incident)
    again = reopen_incident(actor=scene["incidents"], incident=in_state(scene, "dismissed"), reason="It was real.")
    assert (again.state, again.commander) == ("triaged", scene["incidents"])


def test_lowering_the_grade_does_not_let_one_person_close_alone(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    described(scene, incident)
    lowered = triage_incident(actor=leader, incident=incident, commander=leader, impact="limited", urgency="stable")
    assert (lowered.severity, lowered.two_person_close) == ("s4", True)
    check = add_check(actor=leader, incident=incident, text="Quiet")
    pass_check(actor=scene["validator"], check=check, evidence="Seen.")
    resolve_incident(actor=leader, incident=incident)
    with pytest.raises(Forbidden, match="other than its reporter"):
        close_incident(actor=leader, incident=incident)


def test_a_duplicate_goes_on_stopping_what_it_stopped(scene: Scene) -> None:
    first, second = scene.approved().release, scene.approved().release
    original, other = reported(scene, releases=(first,)), reported(scene, releases=(second,))
    mark_duplicate(actor=scene["incidents"], incident=other, original=original)
    assert line(second)[0] is Status.UNMET
    whole = reported(scene)
    with pytest.raises(InvalidInput, match="other way round"):
        mark_duplicate(actor=scene["incidents"], incident=whole, original=original)


def test_a_remedy_is_none_of_the_releases_that_failed(scene: Scene) -> None:
    release = scene.approved().release
    incident = reported(scene, releases=(release,))
    with pytest.raises(InvalidInput, match="this incident is about"):
        describe_incident(actor=scene["incidents"], incident=incident, remedy_release=release)
