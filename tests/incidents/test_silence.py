"""Silence of a metric is noticed, once, and one plan that cannot be judged leaves all others judged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.database.clock import portal_now
from incidents.models import Alert, MonitoringPlan
from incidents.services import alerts, silence
from incidents.services.plans import plan_monitoring
from incidents.services.silence import find_silence
from tests.clocks import Clock
from tests.governance.validation.scene import Scene
from tests.incidents.test_measurements import planned, post

pytestmark = pytest.mark.django_db


def test_silence_is_one_alert_until_a_value_comes(scene: Scene, clock: Clock) -> None:
    plan = planned(scene, longest_silence_hours=1)
    assert find_silence() == (0, 0)
    clock.move(timedelta(hours=2))
    assert find_silence() == (1, 0)
    assert find_silence() == (0, 0)
    alert = Alert.objects.get()
    assert (alert.source, alert.plan, alert.state, alert.waits) == ("silence", plan, "firing", True)
    post(scene, 0.01, since=portal_now())
    alert.refresh_from_db()
    assert alert.state == "resolved"
    assert find_silence() == (0, 0)


def test_one_plan_that_cannot_be_judged_leaves_all_others_judged_and_raises_an_alarm(
    scene: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = [
        plan_monitoring(
            actor=scene["owner"], system=scene.system, metric=f"metric-{number}", kind="service", direction="lower",
            longest_silence_hours=1,
        )
        for number in range(3)
    ]  # fmt: skip
    follow = alerts.follow

    def poisoned(alert: Alert) -> Any:
        if alert.plan_id == plans[1].pk:
            raise ValueError("poisoned row")
        return follow(alert)

    monkeypatch.setattr(silence, "follow", poisoned)
    clock.move(timedelta(hours=2))
    assert find_silence() == (2, 1)
    assert find_silence() == (0, 1)
    silent = set(Alert.objects.filter(source="silence").values_list("plan", flat=True))
    assert silent == {plans[0].pk, plans[2].pk}
    alarm = Alert.objects.get(source="job")
    assert (alarm.level, alarm.summary, alarm.waits) == ("critical", "ValueError: poisoned row", True)
    assert MonitoringPlan.objects.count() == 3
