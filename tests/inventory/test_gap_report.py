"""The gap report over the inventory: the same answer by command and page, few statements, nothing hidden told."""

from __future__ import annotations

import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.packs import shipped
from governance.policy.services import adopt_at_bootstrap, load_pack
from inventory.gap_report import report
from inventory.models import System
from inventory.services import ArtifactInput, answer_questionnaire, create_release
from inventory.services.controls import record_controls
from tests.inventory.scene import ANSWERS, SHA, Scene, adopt_baseline
from tests.papers import write_papers

pytestmark = pytest.mark.django_db
CONTROLS_ASKED = """
requirements:
  - id: controls
    title: Controls are in place
    why: What protects a system is known.
    check: controls
    parameters: {controls: [encryption-at-rest]}
"""
FEDERAL = "2024_consolidated_ai_inventory_raw_v2.csv"


def told(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("gap_report", "--json", *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def tiered(scene: Scene) -> Scene:
    adopt_baseline()
    answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=ANSWERS)
    return scene


def counts(met: int = 0, unmet: int = 0, unknown: int = 0) -> dict[str, int]:
    return {"met": met, "unmet": unmet, "unknown": unknown}


def test_duties_are_counted_by_tier_with_the_unknown_apart(tiered: Scene) -> None:
    table = told()
    tiered.scorer.refresh_from_db()
    tier = tiered.scorer.tier
    assert table["owner"][tier] == counts(met=1)
    assert table["owner"]["unknown"] == counts(unmet=1)
    assert table["documents"][tier] == counts(unmet=1)
    assert table["artifacts"][tier] == counts(unknown=1)
    write_papers(tiered.scorer, tiered.owner)
    line = ArtifactInput(name="model", kind="model", sha256=SHA)
    create_release(actor=tiered.owner, system=tiered.scorer, version="1", artifacts=[line])
    table = told("--unit", "bank")
    assert (table["documents"][tier], table["artifacts"][tier]) == (counts(met=1), counts(met=1))
    assert table["owner"]["unknown"] == counts()
    assert table["release-approval"][tier] == counts(unmet=1)


def test_what_somebody_may_not_see_is_not_counted_for_them(tiered: Scene, client: Client) -> None:
    assert told("--as", "viewer")["owner"]["unknown"] == counts()
    client.force_login(tiered.viewer)
    page = client.get("/gaps/?duty=owner&tier=&status=unmet").content.decode()
    assert "Foreign" not in page
    client.force_login(tiered.governor)
    page = client.get("/gaps/?duty=owner&tier=unknown&status=unmet").content.decode()
    assert "Foreign" in page
    assert "Mend it" in page


def test_many_systems_take_as_many_statements_as_few(tiered: Scene) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            report(System.objects.all())
        return len(caught)

    few = statements()
    now = portal_now()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        System.objects.bulk_create(
            System(slug=f"many-{n}", name=f"Many {n}", unit=tiered.cards, created_at=now, updated_at=now)
            for n in range(300)
        )
    assert statements() == few
    assert told()["tier"]["unknown"]["unmet"] == 301


@pytest.mark.parametrize(
    "query", ["duty=none&status=met", "duty=owner&status=x", "duty=owner&status=met&tier=x", "a=b"]
)
def test_a_cell_there_is_not_is_refused(tiered: Scene, client: Client, query: str) -> None:
    client.force_login(tiered.owner)
    assert client.get(f"/gaps/?{query}").status_code == 400


def test_without_rules_nothing_is_reported(scene: Scene) -> None:
    with pytest.raises(CommandError, match="No policy pack"):
        told()


@pytest.mark.shared
def test_the_federal_inventory_is_reported_whole_in_a_handful_of_statements(scene: Scene, shared_data: Path) -> None:
    adopt_baseline()
    file = shared_data / "federal-2024" / FEDERAL
    call_command("import_inventory", str(file), "--mapping", "omb-2024", "--json", stdout=StringIO())
    with CaptureQueriesContext(connection) as caught:
        start = time.monotonic()
        table = told()
        taken = time.monotonic() - start
    living = System.objects.exclude(phase=System.Phase.RETIRED).count()
    assert sum(sum(cell.values()) for cell in table["owner"].values()) == living > 1500
    assert table["release-approval"]["unknown"]["unknown"] == living
    assert len(caught) < 8
    print(f"{living} systems: {len(caught)} statements, {taken:.1f} s")  # noqa: T201  a measurement


def test_controls_a_pack_asks_for_are_unmet_until_somebody_shows_them(scene: Scene) -> None:
    source = shipped("baseline").replace("\nrequirements:\n", CONTROLS_ASKED, 1)
    adopt_at_bootstrap(actor=Command("scene"), pack=load_pack(actor=Command("scene"), source=source))
    answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=ANSWERS)
    scene.scorer.refresh_from_db()
    tier = scene.scorer.tier
    table = told()
    assert (table["controls"][tier], table["controls"]["unknown"]) == (counts(unmet=1), counts(unmet=1))
    for state, found in (("partly", counts(unmet=1)), ("yes", counts(met=1))):
        fact = {"control": "encryption-at-rest", "state": state, "stated_on": portal_now().date()}
        record_controls(actor=scene.owner, subject=scene.scorer, facts=[fact])
        assert told()["controls"][tier] == found
