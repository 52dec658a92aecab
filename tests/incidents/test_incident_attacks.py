"""Ways around the second person of a severe incident, its deadlines and its review: each refused, and by the seal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.lifecycle import Conflict, Forbidden, Refusal
from incidents.models import (
    EvidenceHold,
    Incident,
    Participant,
    PlaybookVersion,
    PostIncidentReview,
    RegulatorClock,
    ServiceCheck,
    TemporaryMeasure,
    TimelineEntry,
)
from incidents.services import (
    add_check,
    add_participant,
    agree_review,
    complete_review,
    describe_incident,
    dismiss_incident,
    hold_evidence,
    mark_duplicate,
    propose_playbook,
    report_incidents,
    start_clock,
    take_measure,
    triage_incident,
    write_review,
)
from inventory.models import System
from tests.governance.access.people import appoint, person, system, unit
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser
from tests.incidents.test_services import answer
from tests.incidents.walk import GRADE, SMALL, described, reported, resolved
from tests.rest import Caller, good, problem

HOUR = timedelta(hours=1)


def test_a_severe_incident_is_not_dismissed_by_its_reporter_or_commander(scene: Scene) -> None:
    leader, night = scene["incidents"], person("night-shift")
    appoint(night, Role.INCIDENT_MANAGER, unit=scene.unit)
    own, led = reported(scene, by="incidents"), reported(scene)
    triage_incident(actor=leader, incident=led, commander=leader)
    for incident in (own, led):
        with pytest.raises(Forbidden, match="put away by somebody other"):
            dismiss_incident(actor=leader, incident=incident, reason="Nothing happened.")

        def write(incident: Incident = incident) -> None:
            with acting(leader, door=Door.COMMAND, verb="incident.dismiss"):
                Incident.objects.filter(pk=incident.pk).update(state="dismissed", dismissal="Nothing happened.")
            seal_now()

        with pytest.raises(Forbidden, match="put away by somebody other"):
            write()
    assert dismiss_incident(actor=night, incident=led, reason="A drill.").state == "dismissed"


def test_a_severe_incident_is_not_hidden_behind_a_small_one(scene: Scene) -> None:
    leader, night = scene["incidents"], person("night-shift")
    appoint(night, Role.INCIDENT_MANAGER, unit=scene.unit)
    severe, small = reported(scene), reported(scene, **SMALL)
    triage_incident(actor=leader, incident=severe, commander=leader)
    with pytest.raises(Forbidden, match="put away by somebody other"):
        mark_duplicate(actor=leader, incident=severe, original=small)
    with pytest.raises(InvalidInput, match="less severe"):
        mark_duplicate(actor=night, incident=severe, original=small)

    def write() -> None:
        with acting(night, door=Door.COMMAND, verb="incident.mark_duplicate"):
            Incident.objects.filter(pk=severe.pk).update(state="duplicate", duplicate_of=small)
        seal_now()

    with pytest.raises(Conflict, match="single person"):
        write()
    assert mark_duplicate(actor=leader, incident=small, original=severe).state == "duplicate"


def test_the_release_that_counted_is_no_remedy_of_an_incident_about_the_whole_system(scene: Scene) -> None:
    older, running = scene.approved().release, scene.approved().release
    incident, leader = reported(scene), scene["incidents"]
    with pytest.raises(InvalidInput, match="Counted when"):
        describe_incident(actor=leader, incident=incident, remedy_release=running)
    assert not answer(running).allowed
    describe_incident(actor=leader, incident=incident, remedy_release=older)
    assert answer(older).allowed


def test_what_a_review_was_agreed_with_is_not_rewritten_beside_it(scene: Scene) -> None:
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    described(scene, incident)
    resolved(scene, incident)
    add_participant(
        actor=leader, incident=incident, person=scene["auditor"], function="compliance", stage="improvement"
    )
    words = dict.fromkeys(("response", "detection", "analysis", "mitigation"), "Well.")
    write_review(actor=leader, incident=incident, **words)  # type: ignore[arg-type]
    agree_review(actor=scene["auditor"], incident=incident)
    complete_review(actor=leader, incident=incident)
    describe_incident(actor=leader, incident=incident, containment="The limit was raised.")
    assert PostIncidentReview.objects.get().completed_at is not None
    describe_incident(actor=leader, incident=incident, root_cause="Somebody else's fault.")
    assert PostIncidentReview.objects.get().completed_at is None
    assert Participant.objects.get().agreed_at is None


def test_both_doors_let_another_person_end_a_measure_and_refuse_who_took_it(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    first, second = (
        take_measure(actor=leader, incident=incident, text="By hand", until=portal_now() + HOUR) for _ in range(2)
    )
    words = {"outcome": "Back to normal."}
    address = f"incidents/{incident.pk}/measures/{first.pk}/end/"
    problem(Caller(leader).post(address, words), 403, "sod.incident_measure")
    problem(Caller(scene["viewer"]).post(address, words), 403, "forbidden")
    good(Caller(scene["validator"]).post(address, words))
    page = f"/incidents/{incident.pk}/measures/{second.pk}/end/"
    assert browser(leader).post(page, words).status_code == 403
    assert browser(scene["validator"]).post(page, words).status_code == 302
    assert not TemporaryMeasure.objects.filter(ended_at=None).exists()


def test_whoever_leads_speaks_for_no_function_the_policy_wants_to_hear(scene: Scene) -> None:
    incident, leader = reported(scene, type="bias", impact="grave", urgency="immediate"), scene["incidents"]
    described(scene, incident)
    resolved(scene, incident)
    for function in ("compliance", "ethics"):
        add_participant(actor=leader, incident=incident, person=leader, function=function, stage="improvement")
    words = dict.fromkeys(("response", "detection", "analysis", "mitigation"), "Well.")
    write_review(actor=leader, incident=incident, **words)  # type: ignore[arg-type]
    agree_review(actor=leader, incident=incident)
    with pytest.raises(Conflict, match="from compliance; the agreement of somebody from ethics"):
        complete_review(actor=leader, incident=incident)


def test_a_duty_to_report_does_not_begin_later_than_the_incident_says(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(InvalidInput, match="Lies after"):
        start_clock(actor=scene["incidents"], incident=incident, clock="gdpr-33", since=portal_now())


def test_incidents_reported_together_name_no_system_to_who_may_not_see_it(scene: Scene) -> None:
    hidden = unit("secret")
    with acting(scene["governor"], door=Door.COMMAND, verb="command.run"):
        vault = system("vault", hidden)
    appoint(scene["owner"], Role.OWNER, system=vault)
    systems = [scene.system, System.objects.get(pk=vault.pk)]
    made = report_incidents(actor=scene["owner"], systems=systems, title="Keys leaked", **GRADE)
    said = TimelineEntry.objects.get(incident=made[0]).text
    assert said == f"Reported together with INC-{made[1].pk}."


def test_the_database_lets_nobody_confirm_in_another_persons_name(scene: Scene) -> None:
    incident, leader, other, now = reported(scene), scene["incidents"], scene["validator"], portal_now()
    triage_incident(actor=leader, incident=incident, commander=leader)
    add_check(actor=leader, incident=incident, text="Quiet")
    take_measure(actor=leader, incident=incident, text="By hand", until=now + HOUR)
    hold_evidence(actor=leader, incident=incident, reason="For the authority.")
    start_clock(actor=leader, incident=incident, clock="gdpr-33")
    add_participant(actor=leader, incident=incident, person=other, function="legal", stage="analysis")
    steps = [{"text": "Look twice", "within_hours": 1}]
    propose_playbook(actor=leader, incident=incident, playbook="drift", steps=steps, reason="It taught us.")
    forged: list[tuple[type[Any], dict[str, Any]]] = [
        (ServiceCheck, {"passed_at": now, "passed_by": other, "evidence": "Seen."}),
        (TemporaryMeasure, {"ended_at": now, "ended_by": other, "outcome": "Over."}),
        (EvidenceHold, {"lifted_at": now, "lifted_by": other, "lift_reason": "Over."}),
        (RegulatorClock, {"dropped_at": now, "dropped_by": other, "drop_reason": "No duty."}),
        (PlaybookVersion, {"accepted": True, "decided_at": now, "decided_by": other}),
        (Participant, {"agreed_at": now}),
    ]
    for model, values in forged:

        def write(model: type[Any] = model, values: dict[str, Any] = values) -> None:
            with acting(leader, door=Door.COMMAND, verb="incident.note"):
                model.objects.update(**values)

        with pytest.raises(Refusal, match="nobody else's name"):
            write()

    def ends() -> None:
        with acting(leader, door=Door.COMMAND, verb="incident.end_measure"):
            TemporaryMeasure.objects.update(ended_at=now, ended_by=leader, outcome="I take a longer one.")
        seal_now()

    with pytest.raises(Refusal, match="somebody other than who took it"):
        ends()
