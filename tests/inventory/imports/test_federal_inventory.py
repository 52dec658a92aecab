"""The two releases of the 2024 federal inventory come to every figure that was counted without us."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from inventory.models import ImportedRow, System, Unit, UnmappedValue
from tests.inventory.imports.test_import_command import run

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

FILES = {
    "omb-2024-raw": "2024_consolidated_ai_inventory_raw.csv",
    "omb-2024": "2024_consolidated_ai_inventory_raw_v2.csv",
}
PHASES = {
    "planned": "initiated", "development": "development", "pilot": "implementation", "production": "operation",
    "retired": "retired", "not_stated": "(blank)", "unknown": "(no clear target: reviewer decides)",
}  # fmt: skip
IMPACTS = {
    "neither": "neither", "rights": "rights", "safety": "safety", "both": "rights+safety", "not_stated": "(blank)",
    "undetermined": "(undetermined)",
}  # fmt: skip
SHAPES = {
    "certain": "m/d/yyyy", "blank": "blank", "no_value": "no-value word", "other": "other text",
    "typed_year": "d/m or m/d date, year 1900-1949 (a year typed into a date cell)",
    "ambiguous": "dd-Mon or yy-Mon (ambiguous)",
}  # fmt: skip
DATES = {
    "initiated": "date initiated", "acquisition_began": "date acquisition began", "implemented": "date implemented",
    "retired": "date retired",
}  # fmt: skip


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "federal-2024"


@pytest.fixture
def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return found


def tally(values: Iterable[str], names: dict[str, str]) -> dict[str, int]:
    return {names[value]: count for value, count in Counter(values).items()}


def cells(column: str) -> list[str]:
    """What every row wrote in a column, in the order of the file."""
    rows = ImportedRow.objects.order_by("line").values_list("written", "kept")
    return [({**written, **kept})[column] for written, kept in rows]


def as_written(column: str) -> dict[str, int]:
    return dict(Counter(cell.strip() or "(blank)" for cell in cells(column)))


@pytest.mark.parametrize("mapping", list(FILES))
def test_one_release_alone(mapping: str, folder: Path, expected: dict[str, Any]) -> None:
    figures = expected[FILES[mapping]]
    status, report, _ = run(folder / FILES[mapping], mapping=mapping)
    assert (status, report["errors"], report["encoding"]) == (0, [], figures["encoding"])
    assert report["rows"] == report["created"] == System.objects.count() == figures["rows"]
    assert report["counts"]["organisations"] == Unit.objects.filter(parent=None).count()
    assert report["counts"]["organisations"] == figures["distinct_agency_names_trimmed"]
    assert report["counts"]["units"] == Unit.objects.exclude(parent=None).count()
    assert report["counts"]["units"] == figures["distinct_bureaus_trimmed_nonblank"]
    assert tally(System.objects.values_list("phase", flat=True), PHASES) == figures["stage_mapped"]
    assert tally(System.objects.values_list("impact", flat=True), IMPACTS) == figures["impact_mapped"]
    assert as_written("dev_stage") == figures["stage_as_written"]
    assert as_written("impact_type") == figures["impact_as_written_trimmed"]
    check_blanks_and_duplicates(figures)
    check_dates(figures)
    check_organisations(figures)


def check_blanks_and_duplicates(figures: dict[str, Any]) -> None:
    blanks = {column: sum(not cell.strip() for cell in cells(column)) for column in ("bureau", "topic_area")}
    assert blanks == {"bureau": figures["missing_bureau"], "topic_area": figures["missing_topic"]}
    names = cells("use_case_name")
    assert sum("\n" in name for name in names) == figures["names_multiline"]
    assert sum(name != name.strip() for name in names) == figures["names_outer_whitespace"]
    assert System.objects.filter(unit__parent=None).count() == figures["missing_bureau"]
    keys = Counter(
        tuple(cell.strip() for cell in key)
        for key in zip(cells("agency"), cells("bureau"), names, strict=True)
    )  # fmt: skip
    repeated = [count for count in keys.values() if count > 1]
    assert (len(keys), len(repeated), sum(repeated)) == (
        figures["distinct_agency_bureau_name"],
        figures["keys_occurring_more_than_once"],
        figures["rows_in_those_keys"],
    )
    whole = Counter(
        json.dumps([written, kept]) for written, kept in ImportedRow.objects.values_list("written", "kept")
    )  # fmt: skip
    assert sum(count - 1 for count in whole.values()) == figures["rows_identical_to_an_earlier_row"]


def check_dates(figures: dict[str, Any]) -> None:
    rows = list(ImportedRow.objects.values_list("dates", flat=True))
    found = {name: tally((dates[field]["shape"] for dates in rows), SHAPES) for field, name in DATES.items()}
    assert found == figures["date_shapes"]
    retired = ImportedRow.objects.filter(system__phase="retired").values_list("dates", flat=True)
    without = [dates for dates in retired if dates["retired"]["shape"] == "blank"]
    assert len(without) == figures["retired_without_retire_date"]


def check_organisations(figures: dict[str, Any]) -> None:
    found: dict[str, list[int]] = {}
    systems = System.objects.values_list("unit__parent__name", "unit__name", "impact")
    for parent, name, impact in systems:
        counts = found.setdefault(parent or name, [0, 0])
        counts[0] += 1
        counts[1] += impact in {"rights", "safety", "both"}
    assert found == figures["per_agency"]


def test_no_cell_is_lost_or_changed(folder: Path) -> None:
    run(folder / FILES["omb-2024"], mapping="omb-2024")
    with (folder / FILES["omb-2024"]).open(encoding="cp1252", newline="") as file:
        _, *rows = csv.reader(file)
    kept = ImportedRow.objects.order_by("line").values_list("written", "kept")
    assert [sorted([*written.values(), *others.values()]) for written, others in kept] == [sorted(row) for row in rows]


def test_the_second_release_after_the_first(folder: Path, expected: dict[str, Any]) -> None:
    figures = expected["import raw, then v2"]
    first = folder / FILES["omb-2024-raw"]
    second = folder / FILES["omb-2024"]
    run(first, mapping="omb-2024-raw")
    slugs = dict(System.objects.values_list("pk", "slug"))
    status, report, _ = run(second, mapping="omb-2024")
    assert status == 0
    assert (report["created"], report["vanished"]) == (figures["rows only in v2"], figures["rows only in raw"])
    assert report["updated"] == figures["of them with a differing cell"]
    assert report["unchanged"] == 1735
    assert System.objects.count() == report["rows"]
    assert dict(System.objects.filter(pk__in=slugs).values_list("pk", "slug")) == slugs
    new = System.objects.exclude(pk__in=slugs).values_list("unit__parent__name", "unit__name")
    assert Counter(parent or name for parent, name in new) == figures["new rows by agency"]
    assert not System.objects.filter(purpose__contains=".?").exists()  # no better text gave way to a lossy copy
    again = run(second, mapping="omb-2024")[1]
    assert (again["created"], again["updated"], again["unchanged"], again["vanished"]) == (0, 0, report["rows"], 0)
    back = run(first, mapping="omb-2024-raw")[1]
    assert (back["created"], back["vanished"]) == (0, 376)
    assert System.objects.count() == report["rows"]


def test_what_no_mapping_reads_is_on_the_work_list(folder: Path) -> None:
    report = run(folder / FILES["omb-2024"], mapping="omb-2024")[1]
    assert report["unmapped"] == {"phase": {"Research or  Administrative Action Complete": 5}}
    assert UnmappedValue.objects.get().rows == 5
    assert report["counts"]["phase"] == {
        "planned": 399, "development": 404, "pilot": 287, "production": 892, "retired": 142, "blank": 4, "unmapped": 5,
    }  # fmt: skip
    assert report["counts"]["impact"] == {
        "neither": 1722, "rights": 131, "safety": 25, "rights+safety": 195, "blank": 39, "undetermined": 21,
    }  # fmt: skip


@pytest.mark.parametrize("damage", ["truncated", "ragged", "wrong mapping"])
def test_a_damaged_release_changes_nothing(damage: str, folder: Path, tmp_path: Path) -> None:
    content = (folder / FILES["omb-2024"]).read_bytes()
    path = tmp_path / "damaged.csv"
    path.write_bytes({
        "truncated": content[: len(content) // 2],
        "ragged": content + b"one,two\r\n",
        "wrong mapping": content,
    }[damage])  # fmt: skip
    status, report, _ = run(path, mapping="omb-2024-raw" if damage == "wrong mapping" else "omb-2024")
    assert status == 1
    assert report["errors"][0]["line"] >= 1
    assert report["errors"][0]["message"]
    assert not System.objects.exists()
