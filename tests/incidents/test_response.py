"""How an incident is met: temporary measures that run out, stops, evidence held, checks passed by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.policy.checking import Purpose
from governance.policy.decide import Status, decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.services import lift_hold, reinstate_release
from incidents.models import Participant, ServiceCheck
from incidents.services import (
    add_check,
    add_participant,
    close_incident,
    describe_incident,
    end_measure,
    hold_evidence,
    hold_for_incident,
    lift_evidence,
    pass_check,
    resolve_incident,
    suspend_for_incident,
    take_measure,
    triage_incident,
)
from inventory.models import Release
from tests.governance.validation.scene import Scene
from tests.incidents.test_services import answer, line
from tests.incidents.walk import GRADE, SMALL, described, in_state, reported, resolved
from tests.loosening import loosen

HOUR = timedelta(hours=1)


def later(release: Release, by: timedelta) -> tuple[Status, str]:
    """What the gate will say about incidents after a while."""
    _, rules = rules_in_force()
    at = portal_now() + by
    lines = decide(
        facts_of([release])[release.pk], rules, rules.document.environment("production"), at, Purpose.DEPLOY
    ).lines
    found = next(one for one in lines if one.id == "incidents")
    return found.status, found.reason


def test_a_remedy_passes_no_longer_than_the_temporary_measure_holds(scene: Scene) -> None:
    failed, remedy = scene.approved().release, scene.approved().release
    incident, leader = reported(scene, releases=(failed,)), scene["incidents"]
    describe_incident(actor=leader, incident=incident, remedy_release=remedy)
    measure = take_measure(
        actor=leader, incident=incident, text="Threshold lowered to 0.6", until=portal_now() + HOUR, release=remedy
    )
    decision = answer(remedy)
    assert decision.allowed
    assert decision.closes_at == measure.until
    status, reason = later(remedy, HOUR)
    assert status is Status.UNMET
    assert "Threshold lowered" in reason
    with pytest.raises(Forbidden, match="somebody other than who took it"):
        end_measure(actor=leader, measure=measure, outcome="I take a longer one.")
    end_measure(actor=scene["validator"], measure=measure, outcome="Back at 0.8 with the retrained model.")
    assert later(remedy, HOUR)[0] is Status.MET
    assert line(failed)[0] is Status.UNMET


def test_normal_service_does_not_return_while_a_temporary_measure_stands(scene: Scene) -> None:
    incident, leader = in_state(scene, "triaged"), scene["incidents"]
    measure = take_measure(actor=leader, incident=incident, text="By hand", until=portal_now() + HOUR)
    check = add_check(actor=leader, incident=incident, text="Quiet")
    pass_check(actor=scene["validator"], check=check, evidence="Seen.")
    with pytest.raises(Conflict, match="By hand"):
        resolve_incident(actor=leader, incident=incident)
    end_measure(actor=leader, measure=measure, outcome="Staff are back at their desks.")
    with pytest.raises(Conflict, match="ended before"):
        end_measure(actor=leader, measure=measure, outcome="Again.")
    assert resolve_incident(actor=leader, incident=incident).state == "resolved"


def test_a_measure_needs_words_and_an_end_that_lies_ahead(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        take_measure(actor=scene["incidents"], incident=reported(scene), text="", until=portal_now())
    assert set(refused.value.errors) == {"text", "until"}


@pytest.mark.parametrize("who", ["owner", "validator", "viewer"])
def test_only_who_runs_incidents_stops_a_release_from_one(scene: Scene, who: str) -> None:
    release = scene.approved().release
    with pytest.raises(Forbidden):
        suspend_for_incident(actor=scene[who], incident=reported(scene), release=release, reason="It misfires.")


def test_a_suspension_and_a_hold_from_an_incident_outlive_it(scene: Scene) -> None:
    release, leader = scene.approved().release, scene["incidents"]
    incident = reported(scene, **SMALL)
    suspend_for_incident(actor=leader, incident=incident, release=release, reason="It misfires.")
    stop = hold_for_incident(actor=leader, incident=incident, reason="Until we know more.")
    resolved(scene, incident)
    release.refresh_from_db()
    assert release.state == Release.State.SUSPENDED
    assert stop.hold is not None
    assert stop.hold.reason.startswith(f"INC-{incident.pk}: ")
    with pytest.raises(Forbidden):
        lift_hold(actor=leader, hold=stop.hold, reason="Enough.")
    lift_hold(actor=scene["riskofficer"], hold=stop.hold, reason="It is quiet.")
    reinstate_release(actor=scene["approver"], release=release, reason="Mended.")
    assert answer(release).allowed


def test_held_evidence_keeps_an_incident_from_being_put_away_until_another_lets_it_go(scene: Scene) -> None:
    incident, leader = in_state(scene, "resolved"), scene["incidents"]
    hold_evidence(actor=leader, incident=incident, reason="The authority looks at it.")
    with pytest.raises(Conflict, match="already"):
        hold_evidence(actor=leader, incident=incident, reason="Twice.")
    with pytest.raises(Conflict, match="Evidence is held"):
        close_incident(actor=leader, incident=incident)
    with pytest.raises(Forbidden, match="Somebody else"):
        lift_evidence(actor=leader, incident=incident, reason="Done.")
    lift_evidence(actor=scene["auditor"], incident=incident, reason="The authority has a copy.")
    assert close_incident(actor=leader, incident=incident).state == "closed"


def test_a_check_of_a_severe_incident_is_passed_by_neither_its_author_nor_the_leader(scene: Scene) -> None:
    incident, leader = reported(scene, **GRADE), scene["incidents"]
    triage_incident(actor=leader, incident=incident, commander=leader)
    check = add_check(actor=leader, incident=incident, text="Quiet")
    with pytest.raises(Forbidden, match="somebody other"):
        pass_check(actor=leader, check=check, evidence="I looked.")
    pass_check(actor=scene["validator"], check=check, evidence="I looked.")


def test_what_its_own_people_confirmed_counts_no_more_once_an_incident_is_found_severe(scene: Scene) -> None:
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    check = add_check(actor=leader, incident=incident, text="Quiet")
    pass_check(actor=leader, check=check, evidence="I looked.")
    triage_incident(actor=leader, incident=incident, commander=leader, impact="grave", urgency="growing")
    assert ServiceCheck.objects.get().passed_at is None


@pytest.mark.parametrize("loosened", [False, True])
def test_the_database_refuses_a_check_its_author_passed(scene: Scene, loosened: bool) -> None:
    incident, leader = reported(scene, **GRADE), scene["incidents"]
    check = add_check(actor=leader, incident=incident, text="Quiet")
    if loosened:
        loosen("^servicecheck_by_another$")

    def write() -> None:
        with acting(leader, door=Door.COMMAND, verb="incident.pass_check"):
            ServiceCheck.objects.filter(pk=check.pk).update(
                passed_at=portal_now(), passed_by=leader, evidence="I looked."
            )
        seal_now()

    if loosened:
        write()
        assert ServiceCheck.objects.get().passed_by == leader
    else:
        with pytest.raises(Forbidden, match="somebody other"):
            write()


def test_a_grave_incident_is_closed_once_compliance_and_ethics_took_part(scene: Scene) -> None:
    incident = reported(scene, type="bias", impact="grave", urgency="immediate")
    described(scene, incident)
    resolved(scene, incident)
    # Neither who reported nor who leads closes it; nobody else runs incidents here, so only the reason is looked at.
    with pytest.raises(Forbidden):
        close_incident(actor=scene["incidents"], incident=incident)
    for function in ("compliance", "ethics"):
        add_participant(
            actor=scene["incidents"], incident=incident, person=scene["auditor"], function=function, stage="improvement"
        )
    with pytest.raises(Conflict, match="already"):
        add_participant(
            actor=scene["incidents"], incident=incident, person=scene["auditor"], function="ethics", stage="improvement"
        )
    assert Participant.objects.count() == 2
