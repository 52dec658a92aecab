"""Metrics read from a Prometheus by query: one number each, bounded, alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from governance.inputs import InvalidInput
from incidents import prometheus
from incidents.models import Alert, Incident, Measurement
from incidents.prometheus import NoNumber
from incidents.services.plans import change_plan
from incidents.services.reading import read_metrics
from tests.governance.notify.receiver import Receiver, receiving
from tests.governance.validation.scene import Scene, build
from tests.incidents.alerting import alerting, until
from tests.incidents.test_measurements import planned

__all__ = ["receiving"]


def answer(result: Any, kind: str = "vector") -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


def series(value: str, at: float = 1795168800.25) -> list[Any]:
    return [{"metric": {}, "value": [at, value]}]


@pytest.mark.parametrize(
    ("status", "body", "value"),
    [(200, answer(series("0.061")), 0.061), (200, answer([1795168800, "3"], "scalar"), 3.0), (200, answer([]), None),
     (200, answer(series("NaN")), None), (200, answer(series("+Inf")), None)],
)  # fmt: skip
def test_one_number_is_read(status: int, body: str, value: float | None) -> None:
    sample = prometheus.read(status, body.encode())
    assert (sample.value if sample else None) == value


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, ""), (200, "[" * 10_000), (400, '{"status": "error", "error": "parse error"}'), (200, answer([1, 2])),
     (200, answer(series("0.1") * 2)), (200, answer([], "matrix")), (200, answer([{"value": "x"}])),
     (200, answer(series("0.1", at=1e18))), (200, "{}"), (302, answer(series("0.1")))],
)  # fmt: skip
def test_anything_else_is_no_number(status: int, body: str) -> None:
    with pytest.raises(NoNumber):
        prometheus.read(status, body.encode())


def test_a_value_is_kept_judged_and_asked_for_once_an_instant(scene: Scene, receiving: Receiver) -> None:
    planned(scene, prometheus=receiving.url, promql='sum(rate(declined[5m])) / "a&b"')
    receiving.answers = [(200, answer(series("0.061", at=1795168800)))] * 2
    assert (read_metrics(), read_metrics()) == (1, 0)
    assert receiving.calls[0].path.startswith("/hook/api/v1/query?query=sum%28rate%28declined%5B5m%5D%29%29")
    assert (Measurement.objects.get().value, Incident.objects.count()) == (0.061, 1)


def test_one_that_cannot_be_read_raises_an_alarm_and_stops_no_other(scene: Scene, receiving: Receiver) -> None:
    broken = planned(scene, metric="broken", prometheus="http://127.0.0.1:1", promql="up")
    planned(scene, prometheus=receiving.url, promql="up")
    receiving.answers = [(200, answer(series("0.01")))]
    assert read_metrics() == 1
    alert = Alert.objects.get(source=Alert.Source.JOB)
    assert (alert.fingerprint, alert.system) == (f"read_metrics:plan {broken.pk}", scene.system)


def test_a_server_the_portal_does_not_go_to_is_refused(scene: Scene, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = []
    plan = planned(scene)
    wrong: list[dict[str, Any]] = [
        {"prometheus": "http://127.0.0.1:9090", "promql": "up"},
        {"prometheus": "x", "promql": "up"},
    ]
    for given in wrong:
        with pytest.raises(InvalidInput, match="prometheus"):
            change_plan(actor=scene["owner"], plan=plan, **given)
    with pytest.raises(InvalidInput, match="promql"):
        change_plan(actor=scene["owner"], plan=plan, promql="up")


@pytest.mark.alerting
@pytest.mark.django_db(transaction=True)
def test_a_real_prometheus_is_read(tmp_path: Path, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.1/32"]
    scene = build()
    with alerting(tmp_path, "http://127.0.0.1:9/", "none") as tools:
        tools.exporter.psi = 0.3
        planned(scene, prometheus=tools.prometheus, promql='max(model_feature_psi{model="scorer"})')
        until(lambda: read_metrics() or None, "the first value")
        until(lambda: Measurement.objects.filter(value=0.3).exists() or (read_metrics() and None), "the value set")
    assert Incident.objects.count() == 1
