"""A mapping is typed data: what it may not say is refused with its line; what it says decides what a row means."""

import json
from hashlib import blake2b
from pathlib import Path

import pytest

from inventory.imports.folding import bare
from inventory.imports.reader import Limits, Refused, read_table
from inventory.imports.reading import ReadRow, column_names, digest_of, read_rows
from inventory.imports.schema import MappingDocument, MappingFault, load, names, parse
from inventory.imports.shipped import CHOICES

MAPPING = """\
name: small
version: "1"
title: A small register
source: small
nothing: ["N/A"]
system: title
units: [organisation, unit]
texts:
  purpose: {column: why}
  demographic_variables: {column: groups, reads: list, drop_nothing: true}
values:
  phase:
    column: stage
    blank: not_stated
    otherwise: unknown
    values:
      production: ["In use", "Live"]
dates:
  started: {column: start, order: mdy}
columns:
  - {name: title, header: Title}
  - {name: organisation, header: Organisation}
  - {name: unit, header: Unit}
  - {name: why, header: Why}
  - {name: stage, header: Stage}
  - {name: start, header: Start}
  - {name: groups, header: Groups}
  - {name: other_stage, position: 8, header: Other}
"""
HEADER = "Title,Organisation,Unit,Why,Stage,Start,Groups,Other,Other,Colour\n"


def mapping(text: str = MAPPING) -> MappingDocument:
    return parse(text, name="small")


def fault(text: str) -> str:
    with pytest.raises(MappingFault) as caught:
        mapping(text)
    return "; ".join(caught.value.sentences)


def read(line: str) -> ReadRow:
    table = read_table((HEADER + line).encode(), limits=Limits())
    ((row, errors),) = read_rows(table, mapping())
    assert row is not None, errors
    return row


@pytest.mark.parametrize("name", names())
def test_every_shipped_mapping_is_sound(name: str) -> None:
    assert load(name).strangers(CHOICES) == []


def test_the_two_releases_of_the_federal_inventory_share_source_and_column_names() -> None:
    first, second = load("omb-2024-raw"), load("omb-2024")
    assert first.source == second.source == "omb-2024"
    assert [column.name for column in first.columns] == [column.name for column in second.columns]


def test_an_unknown_key_is_refused_with_its_line() -> None:
    assert fault(MAPPING.replace("\nnothing:", "\nnihil:")).startswith("line 5: nihil")


def test_a_fault_deep_inside_is_refused_with_its_line() -> None:
    assert fault(MAPPING.replace("order: mdy", "order: ymd")).startswith("line 19: dates.started.order")


def test_a_field_of_a_column_nobody_named_is_refused() -> None:
    assert "no column is named reason" in fault(MAPPING.replace("column: why", "column: reason"))


def test_one_writing_cannot_mean_two_things() -> None:
    text = MAPPING.replace('"Live"]', '"Live"]\n      pilot: ["LIVE "]')
    assert "is read both as production and as pilot" in fault(text)


def test_broken_yaml_is_refused_with_its_line() -> None:
    assert fault("name: small\n  version: [").startswith("line 2")


def test_there_is_no_mapping_of_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(MappingFault, match="none of that name"):
        load("../../etc/passwd")
    with pytest.raises(MappingFault):
        load("small", tmp_path)


def test_a_row_keeps_what_was_written_beside_what_it_means() -> None:
    row = read('" Chat\nbot ",Ministry , Office,"Because\r\nso", in  USE ,7/15/1905,"[""A"",""B""]",x,y,red\n')
    assert (row.name, row.units) == ("Chat bot", ("Ministry", "Office"))
    assert row.values == {
        "name": "Chat bot", "purpose": "Because\nso", "demographic_variables": "A\nB", "phase": "production",
    }  # fmt: skip
    assert row.written["stage"] == " in  USE "
    assert row.written["title"] == " Chat\nbot "
    assert row.dates == {"started": {"written": "7/15/1905", "shape": "typed_year", "hint": "2023"}}


def test_columns_nobody_reads_are_kept_and_namesakes_told_apart_by_position() -> None:
    row = read("Chatbot,Ministry,Office,,,,,eight,nine,red\n")
    assert row.kept == {"other_stage": "eight", "Other [9]": "nine", "Colour": "red"}


@pytest.mark.parametrize(("written", "word", "left"), [
    ("", "not_stated", ()), (" n/a", "not_stated", ()), ("Live", "production", ()),
    ("Asleep ", "unknown", (("phase", "Asleep"),)),
])  # fmt: skip
def test_unknown_is_a_value_and_goes_to_the_work_list(
    written: str, word: str, left: tuple[tuple[str, str], ...]
) -> None:
    row = read(f"Chatbot,Ministry,Office,,{written},,,,,\n")
    assert (row.values["phase"], row.unmapped) == (word, left)


def test_a_row_without_a_unit_hangs_on_its_organisation() -> None:
    assert read("Chatbot,Ministry, ,,,,,,,\n").units == ("Ministry",)


def test_blanks_do_not_change_what_a_row_says_but_case_does() -> None:
    plain = read("Chatbot,Ministry,Office,So it is,,,,,,\n").digest
    assert read("Chatbot ,Ministry,Office,So  it\u202fis,,,,,,\n").digest == plain
    assert read("Chatbot,Ministry,Office,SO it is,,,,,,\n").digest != plain


@pytest.mark.parametrize("cell", ["<script>alert(1)</script>", "{{ 7*7 }}", "=1+1", "'; DROP TABLE x; --", "${7*7}"])
def test_markup_and_formulas_are_text(cell: str) -> None:
    assert read(f'{cell},Ministry,Office,"{cell}",,,,,,\n').values["purpose"] == cell


def test_a_digest_is_that_of_the_plain_words_so_that_an_older_import_is_recognised() -> None:
    cells = {'b"': "x\u200b y\\\n", "a": 'É "q" \U0001d518', "none": " ", "0": "", "Z": "\x7f\ttab"}
    values = {"name": "Straße", "purpose": ""}
    dates = {"start": {"written": "1/2/2024", "shape": "certain", "value": "2024-01-02"}, "end": {"shape": "blank"}}
    told = [sorted((name, bare(text)) for name, text in part.items() if bare(text)) for part in (cells, values)]
    shapes = [["end", "blank", ""], ["start", "certain", "2024-01-02"]]
    plain = blake2b(json.dumps([told, shapes]).encode(), digest_size=32).hexdigest()
    assert digest_of(cells, values, dates) == plain


def test_a_row_that_cannot_be_a_system_is_named_by_line_and_column() -> None:
    table = read_table((HEADER + " ,,Office,,,,,,,\n").encode(), limits=Limits())
    ((row, errors),) = read_rows(table, mapping())
    assert row is None
    assert [(error.line, error.field) for error in errors] == [(2, "title"), (2, "organisation")]


def test_a_header_the_mapping_does_not_fit_is_refused_column_by_column() -> None:
    header = ["Name", "Organisation", "Unit", "Why", "Why", "Start", "Groups", "Another"]
    with pytest.raises(Refused) as caught:
        column_names(mapping(), header)
    assert {error.field: error.message for error in caught.value.errors} == {
        "title": "No column is headed “Title”.",
        "why": "“Why” heads the columns 4, 5; the mapping must name a position.",
        "stage": "No column is headed “Stage”.",
        "other_stage": "Column 8 is “Another”; the mapping expects “Other”.",
    }
