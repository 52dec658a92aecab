"""Shipped mappings of the generic door: the documented payloads come to the documented alerts."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from governance.access.vocabulary import Scope
from governance.inputs import InvalidInput
from incidents.alerts import generic
from incidents.alerts.mappings import SHIPPED
from incidents.models import Alert
from tests.governance.validation.scene import Scene
from tests.incidents.test_measurements import machine
from tests.rest import Caller, good, problem

PAGE = Path(__file__).parents[2] / "governance" / "docs" / "alert-mappings.md"


def documented() -> dict[str, dict[str, Any]]:
    """The example of each mapping, about the system of the scene."""
    parts = re.findall(r"^## `([a-z-]+)`.*?```json\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return {name: json.loads(text.replace("fraud-scorer", "scorer")) for name, text in parts}


EXPECTED: dict[str, tuple[str, str, str, str]] = {
    "azure-ml": ("Data drift of the fraud scorer", "critical", "2026-11-20T10:00:24.371321+00:00", "amount"),
    "vertex-ai": ("Feature skew of the fraud scorer", "critical", "2026-11-20T10:00:00+00:00", "amount"),
    "dvc": ("False positives above the champion", "warning", "2026-11-20T10:00:00+00:00", ""),
}


def test_every_shipped_mapping_is_documented_and_expected() -> None:
    assert set(documented()) == set(SHIPPED) == set(EXPECTED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_documented_payload_is_one_alert_of_its_system_however_often_it_comes(scene: Scene, name: str) -> None:
    body, sender = documented()[name], machine(scene, Scope.ALERT_WRITE)
    for begun in (1, 0):
        answer = good(sender.post(f"alerts/generic/?mapping={name}", body), 202)
        assert (answer["received"], answer["episodes"], answer["unassigned"]) == (1, begun, 0)
    alert = Alert.objects.get()
    told = (alert.name, alert.level, alert.starts_at.isoformat(), alert.labels.get("slice", ""))
    assert (told, alert.system, alert.heard, alert.ends_at) == (EXPECTED[name], scene.system, 2, None)


def over(name: str, body: dict[str, Any]) -> dict[str, Any]:
    if name == "azure-ml":
        body["data"]["essentials"] |= {"monitorCondition": "Resolved", "resolvedDateTime": "2026-11-20T11:00:00Z"}
    elif name == "vertex-ai":
        body["incident"] |= {"state": "closed", "ended_at": 1795172400}
    else:
        body["runs"][0] |= {"status": "resolved", "ended": "2026-11-20T11:00:00Z"}
    return body


@pytest.mark.parametrize("name", SHIPPED)
def test_the_word_that_it_is_over_ends_it(scene: Scene, name: str) -> None:
    sender = machine(scene, Scope.ALERT_WRITE)
    for body in (documented()[name], over(name, documented()[name])):
        good(sender.post(f"alerts/generic/?mapping={name}", body), 202)
    alert = Alert.objects.get()
    assert alert.ends_at is not None
    assert alert.ends_at.isoformat() == "2026-11-20T11:00:00+00:00"


def test_a_run_of_dvc_keeps_the_revision_it_leads_back_to() -> None:
    (found,) = generic.read_shipped(documented()["dvc"], "dvc")
    assert found.labels["dvc_rev"] == "4f2a9c1d"
    assert found.labels["dvc_experiment"] == "exp-gold-mews"


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("body", [{}, {"data": []}, {"incident": 7}, {"runs": [1]}, {"data": {"essentials": []}}])
def test_a_body_of_another_shape_is_refused_by_name(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        list(generic.read_shipped(body, name))


def test_an_unknown_mapping_is_refused_and_a_token_serves_as_password(scene: Scene) -> None:
    sender = machine(scene, Scope.ALERT_WRITE)
    assert "mapping" in problem(sender.post("alerts/generic/?mapping=none", {}), 400)["errors"]
    token = sender.sent["Authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"alerts:{token}".encode()).decode()
    answer = Caller().post("alerts/generic/?mapping=dvc", documented()["dvc"], Authorization=f"Basic {basic}")
    assert good(answer, 202)["episodes"] == 1
