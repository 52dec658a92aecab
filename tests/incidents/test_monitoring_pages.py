"""Monitoring and alerts on pages: planned, drawn, assigned and handled by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from incidents.models import Alert, MonitoringPlan
from tests.governance.validation.scene import Scene
from tests.incidents.test_alerts import group, one
from tests.incidents.test_measurements import machine, planned, post

pytestmark = pytest.mark.django_db
FORM = {
    "metric": "false-positive-rate", "slice": "", "kind": "performance", "unit": "share", "direction": "lower",
    "warning": "0.02", "critical": "0.05", "breaches_needed": "1", "cooldown_minutes": "60", "follows": "work",
    "incident_type": "", "impact": "", "urgency": "", "longest_silence_hours": "", "source": "", "alert_name": "",
}  # fmt: skip


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def start() -> datetime:
    """Two hours ago."""
    return portal_now().replace(microsecond=0) - timedelta(hours=2)


def test_a_metric_is_planned_changed_and_ended_by_hand(scene: Scene) -> None:
    client = client_of(scene["owner"])
    assert client.get("/systems/scorer/monitoring/new/").status_code == 200
    answer = client.post("/systems/scorer/monitoring/new/", {**FORM, "answers": scene["owner"].pk})
    plan = MonitoringPlan.objects.get()
    assert answer["Location"] == f"/monitoring/{plan.pk}/"
    bad = client.post("/systems/scorer/monitoring/new/", {**FORM, "answers": scene["owner"].pk, "warning": "9"})
    assert bad.status_code == 400
    changes: dict[str, Any] = {k: v for k, v in FORM.items() if k not in {"metric", "slice", "direction"}}
    changed = client.post(
        f"/monitoring/{plan.pk}/change/", {**changes, "critical": "0.08", "answers": scene["owner"].pk}
    )
    assert changed.status_code == 302
    plan.refresh_from_db()
    assert plan.critical == 0.08
    assert client.post(f"/monitoring/{plan.pk}/end/", {"reason": "Replaced."}).status_code == 302
    assert b"Not watched any more" in client.get(f"/monitoring/{plan.pk}/").content


def test_a_chart_shows_limits_breaches_and_releases_at_the_same_cost_for_one_and_many(
    scene: Scene, start: datetime
) -> None:
    plan = planned(scene)
    post(scene, 0.01, 0.03, since=start)
    scene.approved()
    post(scene, 0.09, since=portal_now())
    client = client_of(scene["owner"])

    def shown() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            text = client.get(f"/monitoring/{plan.pk}/").content.decode()
        return len(queries), text

    shown()
    few, text = shown()
    assert 'class="chart-dot chart-warning"' in text
    assert 'class="chart-dot chart-critical"' in text
    assert "critical 0.05" in text
    assert 'class="chart-release"' in text
    post(scene, *[0.01] * 600, since=start - timedelta(days=1))
    many, text = shown()
    assert many == few
    assert "The newest 500 values" in text


def test_the_page_of_a_system_shows_what_is_watched_and_who_sees_it_not_gets_nothing(
    scene: Scene, start: datetime
) -> None:
    planned(scene)
    post(scene, 0.09, since=start)
    text = client_of(scene["viewer"]).get("/systems/scorer/monitoring/").content.decode()
    assert "false-positive-rate" in text
    assert "Watch a metric" not in text
    assert client_of(scene["outsider"]).get("/systems/scorer/monitoring/").status_code == 404
    assert b"Monitoring" in client_of(scene["viewer"]).get("/systems/scorer/").content


def test_the_inbox_is_emptied_by_hand(scene: Scene) -> None:
    machine(scene, Scope.ALERT_WRITE).post("alerts/alertmanager/", group(one(labels={"model": "churn"})))
    alert = Alert.objects.get()
    governor = client_of(scene["governor"])
    assert b"Names no known system" in governor.get("/alerts/?state=unassigned").content
    assert b"Say which system it is about" in governor.get("/").content
    assert client_of(scene["owner"]).get(f"/alerts/{alert.pk}/").status_code == 404
    assert client_of(scene["owner"]).get("/alerts/?state=all").status_code == 200
    assert governor.get(f"/alerts/{alert.pk}/assign/").status_code == 200
    assert governor.post(f"/alerts/{alert.pk}/assign/", {"system": scene.system.pk}).status_code == 302
    leader = client_of(scene["incidents"])
    assert b"Look after it" in leader.get("/").content
    assert leader.get(f"/alerts/{alert.pk}/").status_code == 200
    assert leader.post(f"/alerts/{alert.pk}/handle/", {"handling": "Season."}).status_code == 302
    assert leader.post(f"/alerts/{alert.pk}/handle/", {"handling": "Again."}).status_code == 409
    assert b"Handled by" in leader.get("/alerts/?state=all").content
