"""A real Prometheus and Alertmanager tell the running portal, from the first breach to the end of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from incidents.models import Alert, Incident
from inventory.services.tokens import mint_token
from tests.governance.validation.scene import Scene, build
from tests.incidents.alerting import alerting, until
from tests.incidents.test_measurements import planned

pytestmark = [pytest.mark.alerting, pytest.mark.django_db(transaction=True)]


def token_of(scene: Scene) -> str:
    """What Alertmanager shows at the door."""
    return mint_token(
        actor=scene["owner"], person=scene["owner"], name="alertmanager", scopes=[Scope.ALERT_WRITE],
        expiry=portal_now() + timedelta(days=1), systems=[scene.system],
    ).text  # fmt: skip


def one(**conditions: Any) -> Alert | None:
    """The alert of these conditions, once there is one."""
    return Alert.objects.filter(**conditions).first()


def test_an_alert_fires_grows_worse_and_is_resolved(live_server: Any, tmp_path: Path) -> None:
    scene = build()
    plan = planned(scene, alert_name="FeatureDriftCritical")
    webhook = f"{live_server.url}/api/v1/alerts/alertmanager/"
    with alerting(tmp_path, webhook, token_of(scene)) as tools:
        tools.exporter.psi = 0.12
        # Alertmanager repeats itself every two seconds here: the same episode, heard again.
        warned = until(lambda: one(name="FeatureDrift", heard__gte=2), "the warning, told twice")
        assert (warned.state, warned.level, warned.system, warned.source) == (
            "firing", "warning", scene.system, "alertmanager",
        )  # fmt: skip
        assert (warned.summary, warned.labels["feature"]) == ("PSI of PAY_0 on scorer is 0.12", "PAY_0")
        assert not Incident.objects.exists()

        tools.exporter.psi = 0.3
        worse = until(lambda: one(name="FeatureDriftCritical"), "the critical alert")
        assert (worse.level, worse.plan) == ("critical", plan)
        incident = Incident.objects.get()
        assert (incident.state, worse.incident) == ("reported", incident)
        # From now on the critical alert inhibits the warning, of which nothing more is said: it stays as it was heard.
        until(lambda: one(pk=worse.pk, heard__gte=2), "the critical alert, told twice")
        warned.refresh_from_db()
        assert warned.state == "firing"

        tools.exporter.psi = 0.02
        over = until(lambda: one(pk=worse.pk, ends_at__isnull=False), "the end of the critical alert")
        assert over.ends_at is not None
        assert over.starts_at < over.ends_at <= over.last_heard + timedelta(seconds=30)
    names = list(Alert.objects.order_by("pk").values_list("name", flat=True))
    assert names == ["FeatureDrift", "FeatureDriftCritical"]
    incident.refresh_from_db()
    assert incident.state == "reported", "people decide when an incident is over, not the end of an alert"
