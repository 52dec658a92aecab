"""Alerts of other tools: episodes, repeats, retries, the inbox, and what follows."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from governance.access.vocabulary import Role, Scope
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from incidents.alerts import alertmanager, generic, pagerduty, reports
from incidents.alerts.heard import Heard, instant
from incidents.models import Alert, Incident
from incidents.services.alerts import assign_alert, handle_alert, hear
from inventory.models import ExternalId
from inventory.services.tokens import mint_token
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene, build
from tests.incidents.test_measurements import machine, planned
from tests.races import race
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
RECORDED = Path(__file__).resolve().parents[3] / "shared/data/alerts-alertmanager"
START = "2026-11-20T00:05:43.022Z"


def one(**more: Any) -> dict[str, Any]:
    """An alert as Alertmanager tells it."""
    labels = {"alertname": "FeatureDrift", "model": "scorer", "severity": "warning", **more.pop("labels", {})}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "PSI is 0.118"},
        "startsAt": START,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/",
        "fingerprint": "ab23",
        **more,
    }


def group(*alerts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": "4", "status": "firing", "groupKey": "{}", "truncatedAlerts": 0, "alerts": list(alerts), **more}


OVER = {"status": "resolved", "endsAt": "2026-11-20T00:06:03.022Z"}


def test_a_retry_begins_nothing_and_a_late_word_reopens_nothing(scene: Scene) -> None:
    prometheus = machine(scene, Scope.ALERT_WRITE)

    def post(alert: dict[str, Any], **more: Any) -> Any:
        return good(prometheus.post("alerts/alertmanager/", group(alert, **more)), 202)

    assert post(one()) == {"received": 1, "episodes": 1, "incidents": 0, "unassigned": 0}
    events = Event.objects.count()
    assert post(one())["episodes"] == 0
    assert Event.objects.count() == events
    post(one(**OVER), status="resolved")
    post(one())
    alert = Alert.objects.get()
    assert (alert.state, alert.heard, alert.system) == ("resolved", 4, scene.system)
    assert post(one(startsAt="2026-11-20T01:00:00.5Z"))["episodes"] == 1


def test_a_group_closes_only_the_alerts_it_lists_as_over(scene: Scene) -> None:
    prometheus = machine(scene, Scope.ALERT_WRITE)
    prometheus.post("alerts/alertmanager/", group(one(), one(fingerprint="57c3")))
    prometheus.post("alerts/alertmanager/", group(one(**OVER), status="resolved", truncatedAlerts=1))
    states = dict(Alert.objects.values_list("fingerprint", "ends_at"))
    assert states["57c3"] is None
    assert states["ab23"] is not None


def test_an_alert_of_a_planned_rule_becomes_what_its_plan_says(scene: Scene) -> None:
    plan = planned(scene, alert_name="FeatureDrift")
    prometheus = machine(scene, Scope.ALERT_WRITE)
    prometheus.post("alerts/alertmanager/", group(one()))
    assert not Incident.objects.exists()
    shown = good(
        prometheus.post("alerts/alertmanager/", group(one(fingerprint="e9", labels={"severity": "page"}))), 202
    )
    assert shown["incidents"] == 1
    assert Incident.objects.get().alerts.get().plan == plan


def test_an_alert_of_no_known_system_waits_in_the_inbox_until_it_is_assigned(scene: Scene) -> None:
    prometheus = machine(scene, Scope.ALERT_WRITE)
    unknown = {"labels": {"model": "churn"}}
    assert good(prometheus.post("alerts/alertmanager/", group(one(**unknown))), 202)["unassigned"] == 1
    alert = Alert.objects.get()
    assert Caller(scene["owner"]).get(f"alerts/{alert.pk}/").status_code == 404
    governor = Caller(scene["governor"])
    listed = good(governor.get("alerts/?state=unassigned"))["results"]
    assert [row["id"] for row in listed] == [alert.pk]
    with pytest.raises(Forbidden):
        assign_alert(actor=scene["incidents"], alert=alert, system=scene.system)
    assert good(governor.post(f"alerts/{alert.pk}/assign/", {"system": "scorer"}))["system"] == "scorer"
    problem(governor.post(f"alerts/{alert.pk}/assign/", {"system": "scorer"}), 409, "duplicate")
    again = group(one(**unknown, startsAt="2026-11-20T03:00:00Z"))
    assert good(prometheus.post("alerts/alertmanager/", again), 202)["unassigned"] == 0


def test_a_name_of_another_tool_finds_the_system_if_only_one_has_it(scene: Scene) -> None:
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        ExternalId.objects.create(system=scene.system, source="mlflow", value="churn")
    shown = machine(scene, Scope.ALERT_WRITE).post("alerts/alertmanager/", group(one(labels={"model": "churn"})))
    assert good(shown, 202)["unassigned"] == 0


def test_a_token_reaches_only_its_own_systems(scene: Scene) -> None:
    problem(machine(scene, Scope.MEASUREMENT_WRITE).post("alerts/alertmanager/", group(one())), 403, "scope")
    problem(Caller(scene["viewer"]).post("alerts/alertmanager/", group(one())), 403)
    problem(Caller().post("alerts/alertmanager/", group(one())), 401)


def test_an_alert_is_handled_once(scene: Scene) -> None:
    machine(scene, Scope.ALERT_WRITE).post("alerts/alertmanager/", group(one()))
    alert = Alert.objects.get()
    caller = Caller(scene["incidents"])
    assert [row["id"] for row in good(caller.get("alerts/?state=waiting"))["results"]] == [alert.pk]
    handle_alert(actor=scene["incidents"], alert=alert, handling="Seasonal, as in the plan.")
    with pytest.raises(Conflict):
        handle_alert(actor=scene["owner"], alert=alert, handling="Again.")
    assert good(caller.get("alerts/?state=waiting"))["results"] == []
    with pytest.raises(Forbidden):
        handle_alert(actor=scene["viewer"], alert=alert, handling="Not mine.")


@pytest.mark.parametrize(
    "alert",
    [
        one(status="maybe"),
        one(startsAt="yesterday"),
        one(fingerprint=""),
        one(fingerprint="x" * 301),
        one(startsAt="0001-01-01T00:00:00Z"),
        one(endsAt="soon"),
        {},
    ],
)
def test_what_cannot_be_an_alert_is_refused_whole(scene: Scene, alert: dict[str, Any]) -> None:
    problem(machine(scene, Scope.ALERT_WRITE).post("alerts/alertmanager/", group(one(), alert)), 400)
    assert not Alert.objects.exists()


def test_an_event_of_pagerduty_counts_only_with_its_signature(scene: Scene) -> None:
    event = {
        "event_type": "incident.triggered",
        "occurred_at": "2026-11-20T10:00:00Z",
        "data": {
            "type": "incident",
            "id": "PGR0VU2",
            "title": "Scoring is slow",
            "status": "triggered",
            "urgency": "high",
            "created_at": "2026-11-20T10:00:00Z",
            "service": {"summary": "scorer"},
            "html_url": "https://acme.pagerduty.com/x",
        },
    }
    body = json.dumps({"event": event})
    caller = machine(scene, Scope.ALERT_WRITE)
    right = "v1=" + hmac.new(b"secret-of-ours", body.encode(), hashlib.sha256).hexdigest()
    with override_settings(PAGERDUTY_SECRETS=["secret-of-ours"]):
        problem(caller.call("POST", "alerts/pagerduty/", body), 403, "signature")
        problem(
            caller.call("POST", "alerts/pagerduty/", body, X_PagerDuty_Signature="v1=" + "0" * 64), 403, "signature"
        )
        problem(caller.call("POST", "alerts/pagerduty/", body + " ", X_PagerDuty_Signature=right), 403, "signature")
        sent = {"X_PagerDuty_Signature": f"v1={'0' * 64}, {right}"}
        assert good(caller.call("POST", "alerts/pagerduty/", body, **sent), 202)["episodes"] == 1
        with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=len(body) - 1):
            problem(caller.call("POST", "alerts/pagerduty/", body, **sent), 413, "too_large")
    event["event_type"], event["occurred_at"] = "incident.resolved", "2026-11-20T11:00:00Z"
    (over,) = pagerduty.read({"event": event})
    assert over.ends_at == instant("2026-11-20T11:00:00Z", "at")
    assert Alert.objects.get().level == "critical"
    assert not list(pagerduty.read({"event": {"event_type": "pagey.ping", "data": {"type": "ping"}}}))


def test_reports_name_each_violated_check() -> None:
    (violated,) = reports.read_sagemaker(
        {
            "monitoring_schedule": "daily",
            "endpoint": "scorer",
            "captured_at": "2026-11-20T10:00:00Z",
            "violations": [
                {"feature_name": "age", "constraint_check_type": "baseline_drift_check", "description": "0.4 > 0.1"}
            ],
        }
    )
    assert (violated.name, violated.names) == ("baseline_drift_check age", ("scorer",))
    (failed,) = reports.read_evidently(
        {
            "project": "scorer",
            "timestamp": "2026-11-20T10:00:00Z",
            "tests": [
                {"name": "Share of drifted columns", "status": "FAIL", "parameters": {"column_name": "age"}},
                {"name": "Number of rows", "status": "SUCCESS"},
            ],
        }
    )
    assert failed.labels["feature"] == "age"
    (drifted,) = reports.read_evidently(
        {
            "project": "scorer",
            "timestamp": "2026-11-20T10:00:00+00:00",
            "metrics": [
                {
                    "result": {
                        "drift_by_columns": {
                            "age": {"drift_detected": True, "drift_score": 0.3, "stattest_name": "PSI"},
                            "sex": {"drift_detected": False},
                        }
                    }
                }
            ],
        }
    )
    assert drifted.summary == "PSI: 0.3"


def test_a_mapping_says_where_another_tool_keeps_the_words() -> None:
    (found,) = generic.read(
        {
            "mapping": {
                "alerts": "data.events",
                "fingerprint": "id",
                "name": "rule.title",
                "starts_at": "time",
                "system": "app",
            },
            "data": {
                "events": [{"id": 7, "rule": {"title": "Anomaly"}, "time": "2026-11-20T10:00:00Z", "app": "scorer"}]
            },
        }
    )
    assert (found.fingerprint, found.name, found.names, found.ends_at) == ("7", "Anomaly", ("scorer",), None)


def recorded() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The recorded notifications, in their order, each with what was to be heard."""
    expected = json.loads((RECORDED / "expected.json").read_text())
    return [(json.loads((RECORDED / f"{line['n']}.body.json").read_text()), line) for line in expected["list"]]


@pytest.mark.shared
def test_the_recorded_notifications_come_to_what_was_expected(scene: Scene) -> None:
    prometheus = machine(scene, Scope.ALERT_WRITE)
    for body, line in recorded():
        told = {(one.fingerprint, one.starts_at): one for one in alertmanager.read(body)}
        for fingerprint, status, model, severity, start, end in line["alerts"]:
            heard: Heard = told[fingerprint, instant(start, "start")]
            assert (heard.names[0], heard.severity) == (model, severity)
            assert heard.ends_at == (instant(end, "end") if status == "resolved" else None)
        for _ in range(2):
            good(prometheus.post("alerts/alertmanager/", body), 202)
    expected = json.loads((RECORDED / "expected.json").read_text())
    assert Alert.objects.count() == expected["distinct fingerprints"] == len(expected["by fingerprint"])
    firing = Alert.objects.filter(ends_at=None).values_list("fingerprint", flat=True)
    assert list(firing) == expected["last word firing"]


@pytest.mark.shared
@pytest.mark.django_db(transaction=True)
def test_each_recorded_notification_again_and_at_once_has_one_effect() -> None:
    scene = build()
    token = machine(scene, Scope.ALERT_WRITE).sent["Authorization"].removeprefix("Bearer ")
    statuses: list[int] = []

    def deliver(body: dict[str, Any]) -> None:
        statuses.append(Caller(token=token).post("alerts/alertmanager/", body).status_code)

    seen = set()
    for body, _ in recorded():
        race(*[lambda body=body: deliver(body)] * 4)
        seen |= {(one["fingerprint"], one["startsAt"]) for one in body["alerts"]}
        assert Alert.objects.count() == len(seen)
        before, events = sorted(Alert.objects.values_list("fingerprint", "starts_at", "ends_at")), Event.objects.count()
        deliver(body)
        deliver(body)
        assert sorted(Alert.objects.values_list("fingerprint", "starts_at", "ends_at")) == before
        assert Event.objects.count() == events
    assert set(statuses) == {202}
    expected = json.loads((RECORDED / "expected.json").read_text())
    assert (
        list(Alert.objects.filter(ends_at=None).values_list("fingerprint", flat=True)) == expected["last word firing"]
    )


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(int(os.environ.get("ALERT_RACES", "3"))))
def test_deliveries_at_once_have_one_effect(turn: int) -> None:
    scene = build()
    planned(scene, alert_name="FeatureDrift")
    body = group(one(labels={"severity": "critical"}), one(fingerprint="57c3"))

    def deliver() -> None:
        hear(actor=scene["owner"], source="alertmanager", alerts=alertmanager.read(body))

    assert race(*[deliver] * 4) == ["ok"] * 4
    assert (Alert.objects.count(), Incident.objects.count()) == (2, 1)
    assert set(Alert.objects.values_list("heard", flat=True)) == {4}


def test_a_token_has_no_say_about_systems_only_another_token_of_the_same_machine_reaches(scene: Scene) -> None:
    other = system("other", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=other)
    wide, narrow = (
        Caller(
            token=mint_token(
                actor=scene["owner"],
                person=scene["owner"],
                name="prometheus",
                scopes=[Scope.ALERT_WRITE],
                expiry=portal_now() + timedelta(days=1),
                systems=[reached],
            ).text
        )
        for reached in (scene.system, other)
    )
    planned(scene, alert_name="FeatureDrift")
    good(wide.post("alerts/alertmanager/", group(one())), 202)
    opened = Incident.objects.count()
    good(narrow.post("alerts/alertmanager/", group(one(**OVER), status="resolved")), 202)
    assert Alert.objects.get().state != "resolved"
    later = one(startsAt="2026-11-20T05:00:00Z", labels={"model": "nothing"})
    assert good(narrow.post("alerts/alertmanager/", group(later)), 202)["unassigned"] == 1
    assert Incident.objects.count() == opened


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("alertmanager", group(one(status=[]))),
        ("grafana", group(one(status={}))),
        ("pagerduty", {"event": {"event_type": "incident.triggered", "data": {"type": []}}}),
    ],
)
def test_a_word_that_is_a_list_is_no_failure_of_the_portal(scene: Scene, door: str, body: dict[str, Any]) -> None:
    assert machine(scene, Scope.ALERT_WRITE).post(f"alerts/{door}/", body).status_code in {202, 400}
