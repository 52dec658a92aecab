"""The export holds exactly the rows asked for, and comes back as it was."""

from __future__ import annotations

import csv
import io
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door
from inventory import federal
from inventory.exports import HEADER, SYSTEM_COLUMNS
from inventory.imports.reader import Limits
from inventory.imports.schema import MappingDocument, MappingFault, parse
from inventory.imports.shipped import chosen
from inventory.imports.workbook import read_workbook
from inventory.mappings import named_or_own
from inventory.models import System
from inventory.services.imports import import_inventory
from tests.inventory.scene import Scene

MAPPING = """\
name: exported
version: "1"
title: The portal's own export
source: exported
format: {marked: true}
system: name
units: [organisation, unit]
texts: {purpose: {column: purpose}}
columns:
  - {name: name, header: Name}
  - {name: organisation, header: Organisation}
  - {name: unit, header: Unit}
  - {name: purpose, header: Purpose}
"""


def export(*options: str) -> str:
    out = StringIO()
    call_command("export_inventory", *options, stdout=out)
    return out.getvalue()


def lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").splitlines()


def test_filters_leave_exactly_their_rows(scene: Scene) -> None:
    System.objects.filter(pk=scene.scorer.pk).update(phase="production")
    assert len(lines(export())) == 3
    assert [line.split(",")[0] for line in lines(export("--phase", "production"))[1:]] == ['"scorer"']
    assert len(lines(export("--unit", "bank"))) == 2


def test_a_person_gets_what_he_may_see(scene: Scene) -> None:
    assert [line.split(",")[0] for line in lines(export("--as", "viewer"))[1:]] == ['"scorer"']
    assert len(lines(export("--as", "stranger"))) == 1


def test_the_owner_stands_beside_the_system(scene: Scene) -> None:
    where = [title for title, _ in SYSTEM_COLUMNS].index("Owner")
    assert lines(export("--unit", "bank"))[1].split(",")[where] == f'"{scene.owner.name}"'


@pytest.mark.parametrize("text", ["=1+1", "'quoted", " -1", "\uff1d1", "plain"])
def test_an_export_taken_in_again_changes_nothing(scene: Scene, text: str) -> None:
    System.objects.filter(pk=scene.scorer.pk).update(purpose=text)
    mapping: MappingDocument = parse(MAPPING, name="exported")
    report = import_inventory(
        actor=Command("test"), content=export().encode(), file_name="e.csv", mapping=mapping, door=Door.COMMAND
    )
    assert (report.created, report.updated, report.conflicts) == (0, 2, ())
    scene.scorer.refresh_from_db()
    assert scene.scorer.purpose == text


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=30).map(
    lambda text: " ".join(text.split())
)


@given(purpose=WORDS, oversight=WORDS, phase=st.sampled_from(System.Phase.values))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_exported_value_comes_back_as_it_was(scene: Scene, purpose: str, oversight: str, phase: str) -> None:
    told = {"purpose": purpose, "human_oversight": oversight, "own_role": "both", "impact": "rights"}
    mapping, now = chosen("portal"), portal_now()
    with transaction.atomic():
        kept = System.objects.create(
            slug="kept", name="Kept", unit=scene.scorer.unit, created_at=now, updated_at=now, phase=phase, **told
        )
        content = export("--unit", "bank").encode()
        System.objects.filter(pk=kept.pk).update(name="Another now")
        report = import_inventory(
            actor=Command("test"), content=content, file_name="e.csv", mapping=mapping, door=Door.COMMAND
        )
        again = System.objects.values(*told, "phase", "unit__slug").get(name="Kept")
        assert (report.created, report.unmapped) == (1, {})
        assert again == {**told, "phase": phase, "unit__slug": "cards"}
        transaction.set_rollback(True)


def test_a_workbook_and_json_hold_the_same_rows(scene: Scene, tmp_path: Path) -> None:
    target = tmp_path / "systems.xlsx"
    export("--format", "xlsx", "--output", str(target))
    table = read_workbook(target.read_bytes(), limits=Limits())
    rows = json.loads(export("--format", "json"))
    assert table.header == HEADER
    assert [row.cells[0] for row in table.rows] == [row["System"] for row in rows] == ["foreign", "scorer"]


def test_the_federal_export_answers_the_nine_only_where_they_are_asked(scene: Scene) -> None:
    System.objects.filter(pk=scene.scorer.pk).update(impact="rights", affected_groups="Applicants", phase="pilot")
    rows = {row["use_case_id"]: row for row in csv.DictReader(io.StringIO(export("--format", "omb-2025")[1:]))}
    nine = [name for name in federal.HEADER if name.startswith("hi_")]
    assert len(nine) == 9
    assert (rows["scorer"]["high_impact"], rows["scorer"]["stage"]) == ("high-impact", "pilot")
    assert rows["scorer"]["hi_potential_impacts"] == "Applicants"
    assert not any(rows["foreign"][name] for name in nine)


def test_a_mapping_file_of_ones_own_is_taken(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(MAPPING)
    assert named_or_own(str(tmp_path / "own.yaml")).name == "exported"
    (tmp_path / "bomb.yaml").write_text("a: &a [x]\nb: [*a, *a]\n")
    with pytest.raises(MappingFault, match="line 2"):
        named_or_own(str(tmp_path / "bomb.yaml"))
