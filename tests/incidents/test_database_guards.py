"""What the database refuses by itself about incidents: raw SQL of the runtime role, whatever it claims."""

from __future__ import annotations

from typing import Any

import pytest

from governance.inputs import InvalidInput
from incidents.models import Incident, Measurement
from incidents.services.measurements import record_measurements
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.incidents.walk import described, in_state, reported, resolved
from tests.loosening import loosen

pytestmark = pytest.mark.django_db


def change(scene: Scene, who: str, incident: Incident, assignments: str, values: tuple[Any, ...] = ()) -> str:
    """The constraint that refuses an UPDATE of an incident."""

    def work() -> None:
        act_as(scene[who], verb="incident.describe")
        execute(f"UPDATE incidents_incident SET {assignments} WHERE id = %s", [*values, incident.pk])

    return refusal(work)


CLOSE = "state = 'closed', closed_at = portal_now(), closed_by_id = %s"


def test_a_severe_incident_is_not_closed_by_its_commander_or_in_the_name_of_another(scene: Scene) -> None:
    incident = reported(scene)
    described(scene, incident)
    resolved(scene, incident)
    leader = scene["incidents"].pk
    assert change(scene, "incidents", incident, CLOSE, (leader,)) == "incident_severe_closed_by_another"
    assert change(scene, "incidents", incident, CLOSE, (scene["riskofficer"].pk,)) == "incident_closed_in_person"
    lowered = f"two_person_close = false, {CLOSE}"
    assert change(scene, "incidents", incident, lowered, (leader,)) == "incident_stays_severe"
    handed = f"commander_id = %s, {CLOSE}"
    assert change(scene, "incidents", incident, handed, (scene["owner"].pk, leader)) == "incident_commander_stays"
    claimed = f"reporter_id = %s, {CLOSE}"
    assert change(scene, "incidents", incident, claimed, (scene["viewer"].pk, leader)) == "incident_frozen"


def test_service_does_not_return_while_a_check_is_open(scene: Scene) -> None:
    incident = in_state(scene, "triaged")
    assert change(scene, "incidents", incident, "state = 'resolved'") == "incident_resolved_when_checked"


def test_nothing_is_closed_before_it_is_complete(scene: Scene) -> None:
    incident = resolved(scene, in_state(scene, "reported"))
    assert change(scene, "viewer", incident, CLOSE, (scene["viewer"].pk,)) == "incident_closed_when_complete"


def test_what_is_over_stays_as_it_was_left(scene: Scene) -> None:
    for state in ("closed", "dismissed"):
        assert change(scene, "incidents", in_state(scene, state), "review = 'x'") == "incident_over"


def test_states_follow_the_table(scene: Scene) -> None:
    assert "incident" in change(scene, "incidents", reported(scene), "state = 'contained'")


@pytest.mark.parametrize(("grade", "two"), [("s4", "false"), ("s2", "false")])
def test_a_grade_other_than_the_packs_is_refused(scene: Scene, grade: str, two: str) -> None:
    def work() -> None:
        act_as(scene["owner"], verb="incident.report")
        execute(
            f"""INSERT INTO incidents_incident (system_id, title, description, type, impact, urgency, severity,
                two_person_close, state, aware_at, reported_at, updated_at, reporter_id, containment, dismissal,
                root_cause, impact_by_class, review, status_line)
            VALUES (%s, 'x', '', 'drift', 'serious', 'growing', %s, {two}, 'reported', portal_now(), portal_now(),
                portal_now(), %s, '', '', '', '{{}}', '', '')""",
            [scene.system.pk, grade, scene["owner"].pk],
        )

    assert refusal(work) == "incident_graded_by_the_pack"


def test_notes_checks_and_names_of_releases_are_never_rewritten(scene: Scene) -> None:
    incident = reported(scene, releases=(scene.release(), scene.release()))
    resolved(scene, incident)
    described(scene, incident)
    for statement, constraint in (
        ("UPDATE incidents_servicecheck SET text = 'x'", "servicecheck_frozen"),
        ("UPDATE incidents_actionitem SET due = due + interval '1 year'", "actionitem_frozen"),
        ("UPDATE incidents_servicecheck SET passed_at = NULL", "incident_resolved_when_checked"),
    ):

        def work(statement: str = statement) -> None:
            act_as(scene["incidents"], verb="incident.describe")
            execute(statement)

        assert refusal(work) == constraint

    def forget() -> None:
        act_as(scene["incidents"], verb="incident.describe")
        execute("DELETE FROM incidents_affectedrelease")

    assert refusal(forget)


def strayed(scene: Scene) -> None:
    """Measurements of the system there is, and between them one of a system nobody knows."""
    act_as(scene["owner"], verb="measurement.record")
    execute(
        """INSERT INTO incidents_measurement (system_id, metric, slice, at, value, received_at)
        SELECT CASE n WHEN 2 THEN 0 ELSE %s END, 'recall', '', portal_now() - n * interval '1 hour', 1, portal_now()
        FROM generate_series(1, 3) n""",
        [scene.system.pk],
    )


def test_no_measurement_belongs_to_a_system_nobody_knows(scene: Scene) -> None:
    assert refusal(lambda: strayed(scene)) == "measurement_of_system"
    with pytest.raises(InvalidInput, match="No system you may post measurements of"):
        record_measurements(
            actor=scene["owner"],
            measurements=[{"system": "none", "metric": "recall", "at": "2026-01-01T00:00:00Z", "value": 1}],
        )
    loosen(r"^incidents_measurement\.measurement_of_system$")  # and nothing else holds it
    strayed(scene)
    assert Measurement.objects.filter(system_id=0).count() == 1
