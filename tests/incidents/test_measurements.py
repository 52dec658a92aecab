"""Measurements and the monitoring plan: what is kept, what a breach brings, and what a wobble does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from incidents.models import Alert, Incident, Measurement, MonitoringPlan
from incidents.services.measurements import record_measurements
from incidents.services.plans import change_plan, end_plan, plan_monitoring
from inventory.services.tokens import mint_token
from tests.governance.validation.scene import Scene
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
RULE: dict[str, Any] = {"incident_type": "drift", "impact": "serious", "urgency": "growing"}


def planned(scene: Scene, **more: Any) -> MonitoringPlan:
    """False positives above 2 % warn, above 5 % are critical; incidents follow."""
    fields: dict[str, Any] = {
        "metric": "false-positive-rate", "kind": "performance", "unit": "share", "direction": "lower",
        "warning": 0.02, "critical": 0.05, "follows": "incident", **RULE,
    }  # fmt: skip
    return plan_monitoring(actor=scene["owner"], system=scene.system, **{**fields, **more})


def points(scene: Scene, *values: float, since: datetime, every: timedelta = timedelta(minutes=1)) -> list[Any]:
    """One value a minute."""
    return [
        {"system": "scorer", "metric": "false-positive-rate", "at": (since + every * n).isoformat(), "value": value}
        for n, value in enumerate(values)
    ]


def post(scene: Scene, *values: float, since: datetime, **more: Any) -> Any:
    return record_measurements(actor=scene["owner"], measurements=points(scene, *values, since=since, **more))


@pytest.fixture
def start() -> datetime:
    """A day ago, on the minute."""
    return (portal_now() - timedelta(days=1)).replace(second=0, microsecond=0)


def machine(scene: Scene, *scopes: Scope) -> Caller:
    expiry = portal_now() + timedelta(days=1)
    token = mint_token(
        actor=scene["owner"], person=scene["owner"], name="metrics", scopes=scopes, expiry=expiry,
        systems=[scene.system],
    )  # fmt: skip
    return Caller(token=token.text)


def test_a_critical_breach_opens_one_incident_in_the_name_of_who_answers(scene: Scene, start: datetime) -> None:
    plan = planned(scene)
    recorded = post(scene, 0.01, 0.09, 0.08, since=start)
    assert (recorded.accepted, recorded.breaches, recorded.new) == (3, 2, 3)
    alert = Alert.objects.get()
    assert (alert.level, alert.state, alert.plan, alert.starts_at) == (
        "critical",
        "firing",
        plan,
        start + timedelta(minutes=1),
    )
    incident = Incident.objects.get()
    assert (alert.incident, incident.reporter, incident.severity) == (incident, scene["owner"], "s2")
    post(scene, 0.09, since=start + timedelta(minutes=5))
    assert (Alert.objects.count(), Incident.objects.count()) == (1, 1)
    post(scene, 0.01, since=start + timedelta(minutes=6))
    alert.refresh_from_db()
    assert alert.ends_at == start + timedelta(minutes=6)


def test_a_batch_sent_again_has_no_effect_and_the_same_answer(scene: Scene, start: datetime) -> None:
    planned(scene)
    first = post(scene, 0.01, 0.09, since=start)
    events = Event.objects.count()
    again = post(scene, 0.01, 0.09, since=start)
    assert (again.accepted, again.breaches, again.new) == (first.accepted, first.breaches, 0)
    assert (Measurement.objects.count(), Alert.objects.count(), Event.objects.count()) == (2, 1, events)


def test_of_a_batch_that_is_known_in_part_the_rest_is_kept(scene: Scene, start: datetime) -> None:
    post(scene, 0.01, 0.01, since=start)
    recorded = post(scene, 0.01, 0.02, 0.03, since=start + timedelta(minutes=1))
    assert (recorded.accepted, recorded.new) == (3, 2)
    assert Measurement.objects.count() == 4


def test_a_known_point_never_changes_and_the_whole_batch_is_refused(scene: Scene, start: datetime) -> None:
    post(scene, 0.01, since=start)
    with pytest.raises(InvalidInput, match="never changed"):
        post(scene, 0.02, 0.03, since=start)
    assert Measurement.objects.count() == 1


def test_one_wobble_is_not_a_storm(scene: Scene, start: datetime) -> None:
    planned(scene, breaches_needed=3, cooldown_minutes=30)
    post(scene, 0.09, 0.01, 0.09, 0.09, 0.01, since=start)
    assert not Alert.objects.exists()
    post(scene, 0.09, 0.09, since=start + timedelta(minutes=5))
    assert not Alert.objects.exists()
    post(scene, 0.09, since=start + timedelta(minutes=7))
    assert Alert.objects.get().starts_at == start + timedelta(minutes=5)
    post(scene, 0.01, 0.09, 0.09, 0.09, 0.01, since=start + timedelta(minutes=8))
    assert Alert.objects.count() == 1
    post(scene, 0.09, 0.09, 0.09, since=start + timedelta(minutes=60))
    assert Alert.objects.count() == 2
    assert Incident.objects.count() == 1  # still open, so it takes the second along


def test_a_warning_that_grows_critical_becomes_an_incident_then(scene: Scene, start: datetime) -> None:
    planned(scene)
    post(scene, 0.03, since=start)
    assert (Alert.objects.get().level, Incident.objects.count()) == ("warning", 0)
    post(scene, 0.06, since=start + timedelta(minutes=1))
    assert (Alert.objects.get().level, Incident.objects.count()) == ("critical", 1)


def test_late_points_are_judged_where_they_belong(scene: Scene, start: datetime) -> None:
    planned(scene, breaches_needed=2, cooldown_minutes=0)
    post(scene, 0.09, since=start)
    post(scene, 0.01, 0.01, since=start + timedelta(minutes=2))
    assert not Alert.objects.exists()
    post(scene, 0.09, since=start + timedelta(minutes=1))
    alert = Alert.objects.get()
    assert (alert.starts_at, alert.ends_at) == (start, start + timedelta(minutes=2))
    post(scene, 0.09, since=start - timedelta(minutes=1))
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("point", "field"),
    [
        ({"system": "nobody"}, "system"), ({"metric": "No Slug"}, "metric"), ({"at": "yesterday"}, "at"),
        ({"at": "2026-01-01T10:00:00"}, "at"), ({"at": "2999-01-01T10:00:00Z"}, "at"), ({"value": "0.5"}, "value"),
        ({"value": True}, "value"), ({"slice": 5}, "slice"), ({"more": 1}, "more"), ({"metric": None}, "metric"),
    ],
)  # fmt: skip
def test_one_bad_point_refuses_all_of_them(scene: Scene, start: datetime, point: dict[str, Any], field: str) -> None:
    bad = {**points(scene, 0.5, since=start)[0], **point}
    body = {"measurements": [points(scene, 0.1, since=start + timedelta(hours=1))[0], bad]}
    answer = problem(machine(scene, Scope.MEASUREMENT_WRITE).post("measurements/", body), 400)
    assert f"measurements.1.{field}" in str(answer)
    assert not Measurement.objects.exists()


def test_a_token_needs_the_scope_of_its_own(scene: Scene, start: datetime) -> None:
    body = {"measurements": points(scene, 0.5, since=start)}
    problem(machine(scene, Scope.RELEASE_WRITE).post("measurements/", body), 403, "scope")
    shown = good(machine(scene, Scope.MEASUREMENT_WRITE).post("measurements/", body))
    assert shown == {"accepted": 1, "breaches": 0, "errors": []}
    problem(Caller(scene["viewer"]).post("measurements/", body), 403)


def test_a_batch_without_breaches_takes_as_many_statements_as_one_point(scene: Scene, start: datetime) -> None:
    planned(scene)

    def taken(count: int, since: datetime) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            post(scene, *[0.01] * count, since=since)
        return len(queries)

    assert taken(1, start) == taken(500, start + timedelta(hours=1))


def test_histograms_are_kept_as_four_measures(scene: Scene, start: datetime) -> None:
    planned(scene, metric="population-stability", slice="PAY_0", warning=0.1, critical=0.25)
    body = {
        "system": "scorer",
        "slice": "PAY_0",
        "at": start.isoformat(),
        "expected": [50, 30, 20],
        "actual": [20, 30, 50],
    }
    shown = good(machine(scene, Scope.MEASUREMENT_WRITE).post("measurements/histograms/", body))
    assert shown["values"]["kolmogorov-smirnov"] == pytest.approx(0.3)
    assert (shown["accepted"], shown["breaches"]) == (4, 1)
    assert Alert.objects.get().level == "critical"


def test_limits_are_planned_in_order_and_only_by_those_who_may(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="before the critical"):
        planned(scene, warning=0.06)
    with pytest.raises(InvalidInput, match="incident_type"):
        planned(scene, incident_type="nonsense")
    with pytest.raises(InvalidInput, match="nothing is watched"):
        planned(scene, warning=None, critical=None)
    with pytest.raises(Forbidden):
        plan_monitoring(actor=scene["viewer"], system=scene.system, metric="psi", kind="input_drift", direction="lower")
    plan = planned(scene)
    with pytest.raises(Conflict) as refused:
        planned(scene)
    assert refused.value.code == "duplicate"
    changed = change_plan(actor=scene["developer"], plan=plan, critical=0.07)
    assert (changed.critical, changed.warning, changed.updated_at > changed.created_at) == (0.07, 0.02, True)
    end_plan(actor=scene["owner"], plan=plan, reason="Replaced by a finer one.")
    planned(scene)
    with pytest.raises(Conflict):
        end_plan(actor=scene["owner"], plan=plan, reason="Again.")


def test_an_ended_plan_judges_nothing(scene: Scene, start: datetime) -> None:
    end_plan(actor=scene["owner"], plan=planned(scene), reason="Not watched any more.")
    assert post(scene, 0.9, since=start).breaches == 0
    assert not Alert.objects.exists()


def test_the_incident_stands_in_another_name_when_who_answered_is_gone(scene: Scene, start: datetime) -> None:
    planned(scene, answers=scene["viewer"])
    post(scene, 0.9, since=start)
    reporter: User = Incident.objects.get().reporter
    assert reporter != scene["viewer"]


def test_the_end_of_the_calendar_lies_in_the_future_and_a_count_next_to_nothing_is_no_count(scene: Scene) -> None:
    caller = machine(scene, Scope.MEASUREMENT_WRITE)
    last = {"system": "scorer", "metric": "recall", "at": "9999-12-31T23:59:59-14:00", "value": 1}
    problem(caller.post("measurements/", {"measurements": [last]}), 400)
    told = {"system": "scorer", "at": "2026-11-20T00:00:00Z", "expected": [5e-324, 5e-324], "actual": [5e-324, 1]}
    problem(caller.post("measurements/histograms/", told), 400)


@pytest.mark.parametrize("of", ['a "b"', "back\\slash", "{1,2}", "NULL", "'; --", " %s %(x)s", "ünï → ☃", ","])
def test_a_slice_of_any_name_is_kept_as_it_is(scene: Scene, start: datetime, of: str) -> None:
    point = {"system": "scorer", "metric": "recall", "slice": of, "at": start.isoformat(), "value": 1e-7}
    record_measurements(actor=scene["owner"], measurements=[point])
    kept = Measurement.objects.get()
    assert (kept.slice, kept.at, kept.value) == (of.strip(), start, 1e-7)
