"""The command answers in one JSON object and one exit status, and says which line is at fault."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.access.models import User
from inventory.imports.schema import load
from inventory.models import System

pytestmark = pytest.mark.django_db

KEYS = ["rows", "created", "updated", "unchanged", "vanished", "errors", "unmapped", "encoding", "counts"]


def run(path: Path, *options: str, mapping: str = "omb-2024-raw") -> tuple[int, dict[str, Any], str]:
    """Exit status, the JSON object, what was said on stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_inventory", str(path), "--mapping", mapping, "--json", *options, stdout=out, stderr=err)
    except SystemExit as leaving:
        return int(str(leaving.code)), json.loads(out.getvalue()), err.getvalue()
    return 0, json.loads(out.getvalue()), err.getvalue()


@pytest.fixture
def edition(tmp_path: Path, header: str) -> Path:
    path = tmp_path / "edition.csv"
    cells = ["Chatbot", "Ministry", "MIN", "Office", *[""] * 5, "Retired", "Neither\n", *[""] * 51]
    path.write_bytes((header + "\r\n" + ",".join(f'"{cell}"' for cell in cells) + "\r\n").encode("utf-8-sig"))
    return path


def test_it_answers_in_one_object(edition: Path) -> None:
    status, report, said = run(edition)
    assert (status, list(report)) == (0, KEYS)
    assert (report["rows"], report["created"], report["encoding"]) == (1, 1, "utf-8-sig")
    assert report["counts"]["phase"]["retired"] == report["counts"]["impact"]["neither"] == 1
    assert "reading 1 of 1" in said


def test_a_dry_run_writes_nothing(edition: Path) -> None:
    assert run(edition, "--dry-run")[1]["created"] == 1
    assert not System.objects.exists()


def test_another_mapping_is_refused_column_by_column(edition: Path) -> None:
    status, report, _ = run(edition, mapping="omb-2024")
    assert (status, report["created"]) == (1, 0)
    assert report["errors"][0] == {
        "line": 1,
        "field": "use_case_name",
        "message": "Column 1 is “2_use_case_name”; the mapping expects “Use Case Name”.",
    }
    assert not System.objects.exists()


def test_a_file_cut_off_is_refused_with_its_line(edition: Path) -> None:
    edition.write_bytes(edition.read_bytes()[:-20])
    status, report, _ = run(edition)
    assert (status, report["errors"][0]["line"]) == (1, 2)


def test_what_is_missing_or_no_text_could_not_be_read(edition: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere.csv")[0] == 2
    assert run(tmp_path)[0] == 2
    edition.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    status, report, _ = run(edition)
    assert (status, report["errors"]) == (2, [{"line": 0, "field": "", "message": "The file is no text."}])


def test_an_unknown_mapping_is_refused(edition: Path) -> None:
    status, report, _ = run(edition, mapping="nothing")
    assert status == 1
    assert "none of that name" in report["errors"][0]["message"]


def test_a_person_answers_with_his_own_rights(edition: Path) -> None:
    User.objects.create_user("devi", name="Devi")
    status, report, _ = run(edition, "--as", "devi")
    assert status == 1
    assert "right to import" in report["errors"][0]["message"]
    assert run(edition, "--as", "nobody")[0] == 1
    assert not System.objects.exists()


def test_people_read_sentences(edition: Path) -> None:
    out = StringIO()
    call_command("import_inventory", str(edition), "--mapping", "omb-2024-raw", stdout=out, stderr=StringIO())
    assert "1 rows (utf-8-sig): 1 created" in out.getvalue()


@pytest.fixture
def header() -> str:
    """The header the mapping expects, taken from the mapping itself."""
    return ",".join(str(column.header) for column in load("omb-2024-raw").columns)
