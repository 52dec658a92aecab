"""A pack with the duties of monitoring: the gate opens when values come and closes when they stay out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import OrganisationRole, Scope
from governance.database.clock import portal_now
from governance.policy.packs import shipped
from governance.policy.services import adopt_pack, load_pack, propose_pack
from tests.clocks import Clock
from tests.governance.access.people import join
from tests.governance.gate.asking import Pipeline, token
from tests.governance.policy import records
from tests.governance.validation.scene import SHA, Scene
from tests.incidents.test_measurements import machine
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db
WATCHED = {"accuracy": "performance", "psi": "input_drift", "parity-gap": "fairness"}


def lay_over(scene: Scene) -> None:
    """The shipped baseline with the shipped overlay, adopted by a second person."""
    source = shipped("baseline").replace("  - ethics\n", "  - ethics\n  - monitoring\n")
    source = source.replace('version: "2026.1"', 'version: "2026.2"', 1)
    other = join(records.person("greg"), OrganisationRole.GOVERNANCE)
    pack = propose_pack(actor=scene["governor"], pack=load_pack(actor=scene["governor"], source=source))
    adopt_pack(actor=other, pack=pack)


def test_the_gate_opens_with_values_and_closes_with_silence(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    gate = Pipeline(token(scene["owner"], scene.system))

    def answer() -> tuple[str, dict[str, Any], Any]:
        told = gate.get(
            {"system": "scorer", "release": release.version, "environment": "production", "sha256": SHA}
        ).json()
        line = next(one for one in told["requirements"] if one["id"] == "monitoring")
        return told["decision"], line, told["closes_because"]

    assert answer()[0] == "allow"
    lay_over(scene)
    decision, line, _ = answer()
    assert (decision, line["reason"]) == ("deny", "No metric is monitored.")
    assert line["href"] == "/systems/scorer/monitoring/"
    owner = Caller(scene["owner"])
    for metric, kind in WATCHED.items():
        assert answer()[0] == "deny"
        plan = {"system": "scorer", "metric": metric, "kind": kind, "direction": "lower", "longest_silence_hours": 24}
        good(owner.post("monitoring/", plan), 201)
    decision, line, _ = answer()
    assert (decision, line["status"]) == ("deny", "unmet")
    assert line["reason"] == "No value of performance has come yet; 48 hours is the longest silence."

    def send() -> None:
        at = portal_now().isoformat()
        rows = [{"system": "scorer", "metric": metric, "at": at, "value": 0.1} for metric in WATCHED]
        good(machine(scene, Scope.MEASUREMENT_WRITE).post("measurements/", {"measurements": rows}))

    send()
    decision, line, closes = answer()
    assert (decision, line["status"]) == ("allow", "met")
    assert closes == "Monitoring is in place: Monitored: accuracy, parity-gap, psi."
    clock.move(timedelta(hours=49))
    decision, line, _ = answer()
    assert (decision, "No value of performance has come since" in line["reason"]) == ("deny", True)
    send()
    assert answer()[0] == "allow"
