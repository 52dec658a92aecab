"""Editions of the incident database: what comes in, what is refused by name and line, what stays as it was."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.ledger.acting import Command
from governance.ledger.models import Event
from inventory.imports.reader import Limits, Refused, Unreadable
from inventory.models import PastIncident
from inventory.past_incidents.reading import COLUMNS, read_incidents
from inventory.services.failure_modes import import_incidents

HEADER = ",".join(COLUMNS)
GOOD = '7,2020-01-02,A bot insults a customer,It happened.,"[1,2]","[""shop""]","[""lab""]","[""buyers""]"'


def edition(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *lines)).encode()


def line(**changed: str) -> str:
    cells = dict(zip(COLUMNS, ["7", "2020-01-02", "Bot", "Text", "[]", "[]", "[]", "[]"], strict=True))
    return ",".join('"' + {**cells, **changed}[name].replace('"', '""') + '"' for name in COLUMNS)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (edition(), "no incident"),
        (edition(GOOD + ",more", header=HEADER + ",title"), "twice"),
        (edition(GOOD, header=HEADER.replace("title", "name")), "missing"),
        (edition(GOOD + ",more"), "cells"),
        (edition(GOOD, GOOD), "stands in the file twice"),
        (edition(line(incident_id="-1")), "whole number"),
        (edition(line(incident_id="9" * 30)), "whole number"),
        (edition(line(date="2020-13-01")), "day"),
        (edition(line(title=" ")), "empty"),
        (edition(line(title="x" * 1001)), "longer"),
        (edition(line(description="x" * 50_001)), "longer"),
        (edition(line(reports="[1")), "whole numbers"),
        (edition(line(reports="[true]")), "whole numbers"),
        (edition(line(reports="[" * 90_000)), "whole numbers"),
        (edition(line(**{"Alleged deployer of AI system": '{"a": 1}'})), "list"),
        (edition(GOOD).replace(b"bot", b"b\0t"), "NUL"),
        (edition(GOOD).replace(b"bot", b"b\xfft"), "utf-8"),
        (edition(GOOD + '\n8,2020-01-01,"never ends'), "never ends"),
    ],
)
def test_a_hostile_edition_is_refused_by_name(content: bytes, named: str) -> None:
    with pytest.raises(Refused) as refused:
        read_incidents(content)
    assert named in " ".join(error.message for error in refused.value.errors)


def test_what_is_no_text_is_unreadable_and_what_is_too_large_is_not_taken_apart() -> None:
    with pytest.raises(Unreadable):
        read_incidents(b"PK\x03\x04" + bytes(300))
    with pytest.raises(Refused, match="bytes"):
        read_incidents(edition(GOOD), Limits(bytes=20))


@pytest.mark.django_db
def test_a_later_edition_updates_and_adds_and_never_removes() -> None:
    actor = Command("import_incident_database")
    first = import_incidents(actor=actor, content=edition(GOOD, line(incident_id="8")))
    assert (first.rows, first.created) == (2, 2)
    events = Event.objects.count()
    again = import_incidents(actor=actor, content=edition(GOOD, line(incident_id="8")))
    assert (again.unchanged, again.created, again.updated) == (2, 0, 0)
    assert Event.objects.count() == events
    looked = import_incidents(actor=actor, content=edition(line(title="New words")), dry_run=True)
    assert looked.updated == 1
    assert PastIncident.objects.get(number=7).title == "A bot insults a customer"
    later = import_incidents(actor=actor, content=edition(line(title="New words"), line(incident_id="9")))
    assert (later.created, later.updated, later.vanished) == (1, 1, 1)
    assert set(PastIncident.objects.values_list("number", flat=True)) == {7, 8, 9}
    assert PastIncident.objects.get(number=7).title == "New words"


@pytest.mark.django_db
def test_the_command_says_in_json_what_came_of_it_and_exits_accordingly(tmp_path: Path) -> None:
    file = tmp_path / "edition.csv"
    file.write_bytes(edition(line(date="soon")))
    for path, status in ((file, 1), (tmp_path / "none.csv", 2)):
        out = StringIO()
        with pytest.raises(SystemExit) as left:
            call_command("import_incident_database", str(path), "--json", stdout=out)
        assert left.value.code == status
        assert json.loads(out.getvalue())["errors"]
    assert not PastIncident.objects.exists()
    file.write_bytes(edition(GOOD))
    out = StringIO()
    call_command("import_incident_database", str(file), "--json", stdout=out)
    told = {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "vanished": 0, "errors": []}
    assert json.loads(out.getvalue()) == told


@pytest.mark.shared
@pytest.mark.django_db
def test_the_real_snapshot_comes_to_its_figures(shared_data: Path) -> None:
    expected = json.loads((shared_data / "aiid" / "expected.json").read_text())
    content = (shared_data / "aiid" / expected["file"]).read_bytes()
    actor = Command("import_incident_database")
    report = import_incidents(actor=actor, content=content)
    assert (report.rows, report.created) == (expected["rows"], expected["distinct incident_id"])
    rows = list(PastIncident.objects.defer("search"))
    assert sum(len(row.reports) for row in rows) == expected["report references"]
    assert len({report for row in rows for report in row.reports}) == expected["distinct reports"]
    parties = ("deployers", "developers", "harmed")
    distinct = [len({name for row in rows for name in getattr(row, field)}) for field in parties]
    assert distinct == list(expected["distinct entities by role"].values())
    days = sorted(str(row.occurred_on) for row in rows)
    assert [days[0], days[-1]] == expected["first and last date"]
    numbers = {row.number for row in rows}
    assert (min(numbers), max(numbers)) == (expected["lowest id"], expected["highest id"])
    missing = sorted(set(range(1, max(numbers) + 1)) - numbers)
    assert missing == expected["ids missing in between"]
    again = import_incidents(actor=actor, content=content)
    assert (again.unchanged, again.created, again.updated) == (expected["rows"], 0, 0)
