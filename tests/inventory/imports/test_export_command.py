"""The export holds exactly the rows asked for, and comes back as it was."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from governance.ledger.acting import Command, Door
from inventory.exports import SYSTEM_COLUMNS
from inventory.imports.schema import MappingDocument, parse
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
