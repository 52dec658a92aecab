"""A workbook is read as the table it shows, in bounded memory; what is hostile is refused by its row."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.imports.reader import Limits, Refused, Unreadable
from inventory.imports.workbook import read_workbook
from inventory.workbooks import write_workbook

HEADER = ["Name", "Why"]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def book(*rows: list[str]) -> bytes:
    with write_workbook(HEADER, rows) as file:
        return file.read()


def with_sheet(rows: str, **parts: str) -> bytes:
    """A workbook whose sheet says exactly this."""
    written, made = io.BytesIO(book()), io.BytesIO()
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
        for name, text in parts.items():
            new.writestr(f"xl/{name}.xml", text)
    return made.getvalue()


def with_parts(sheet: bytes) -> bytes:
    """A workbook whose sheet is these bytes."""
    written, made = io.BytesIO(book()), io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    return made.getvalue()


def refusal(content: bytes, limits: Limits | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        read_workbook(content, limits=limits or Limits())
    return caught.value


@given(st.lists(st.tuples(CELLS.filter(bool), CELLS), min_size=1, max_size=4))
def test_what_was_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    table = read_workbook(book(*[list(row) for row in rows]), limits=Limits())
    assert table.header == ("Name", "Why")
    assert [row.cells for row in table.rows] == rows


def test_a_formula_is_refused_by_its_cell() -> None:
    found = refusal(
        with_sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="7"><c r="A7"><f>1+1</f><v>2</v></c></row>')
    )
    assert [(error.line, error.field) for error in found.errors] == [(7, "A7")]


def test_a_sheet_that_unpacks_to_more_than_may_be_read_is_refused() -> None:
    content = with_sheet("<row><c><v>1</v></c></row>" + " " * 20_000_000)
    assert len(content) < 100_000
    assert "unpacks to more" in str(refusal(content, Limits(bytes=1_000_000)))


def test_a_text_repeated_by_reference_counts_once_in_memory_and_is_held_to_the_cell_limit() -> None:
    long = "x" * 50
    strings = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{long}</t></si></sst>'
    content = with_sheet('<row><c t="s"><v>0</v></c></row>', sharedStrings=strings)
    assert "More than 40 characters" in refusal(content, Limits(cell=40)).errors[0].message


@pytest.mark.parametrize("tag", ["row", "si", "nothing"])
def test_elements_without_content_take_no_memory_however_many_there_are(tag: str) -> None:
    content = with_sheet('<row r="1"><c><v>1</v></c></row>' + f"<{tag}/>" * 300_000)
    tracemalloc.start()
    try:
        read_workbook(content, limits=Limits())
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "rows", ["<a>" * 100 + "</a>" * 100, f"<row><c>{'<a/>' * 20_000}</c></row>"], ids=["deep", "inside one cell"]
)
def test_elements_no_spreadsheet_holds_are_refused(rows: str) -> None:
    assert "more than a spreadsheet does" in str(refusal(with_sheet(rows)))


@pytest.mark.parametrize("number", ["0", "-5", "99999999999999"])
def test_a_row_with_a_number_no_spreadsheet_has_is_refused(number: str) -> None:
    assert "no spreadsheet has" in str(refusal(with_sheet(f'<row r="{number}"><c><v>1</v></c></row>')))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_in_an_unusual_way_is_unreadable(compression: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Unreadable, match="no spreadsheet packs"):
        read_workbook(made.getvalue(), limits=Limits())


@pytest.mark.parametrize(
    "head", ['<?xml version="1.0" encoding="cp037"?>', f'<?xml version="1.0"{" " * 400}encoding="cp037"?>', "\ufeff"]
)
def test_a_document_type_hides_in_no_other_encoding(head: str) -> None:
    sheet = f"{head}<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"
    content = with_parts(sheet.encode("utf-16" if head == "\ufeff" else "utf-8"))
    assert "not written in UTF-8" in str(refusal(content))


def test_a_document_type_is_refused() -> None:
    content = with_sheet("", sharedStrings='<!DOCTYPE x [<!ENTITY a "b">]><sst>&a;</sst>')
    assert "document type" in str(refusal(content))


@pytest.mark.parametrize("column", ["A1", "A2"])
def test_half_a_character_behind_an_escape_is_refused_by_its_cell(column: str) -> None:
    cells = {"A1": "Name", "A2": "x", column: "x_xD800_y"}
    rows = "".join(
        f'<row r="{place[1]}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in cells.items()
    )
    (error,) = refusal(with_sheet(rows)).errors
    assert (error.field, "half of a character" in error.message) == (column, True)


def test_a_row_longer_than_the_header_is_refused_by_its_number() -> None:
    content = with_sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c></row>')
    assert [error.line for error in refusal(content).errors] == [3]


def test_numbers_and_dates_read_as_a_person_sees_them() -> None:
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    cells = (
        '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row><c><v>3.0</v></c><c s="1"><v>45658</v></c></row>'
    )
    table = read_workbook(with_sheet(cells, styles=styles), limits=Limits())
    assert table.rows[0].cells == ("3", "2025-01-01")


@pytest.mark.parametrize("content", [b"PK\x03\x04rubbish", book()[:300], b"PK\x03\x04" + b"\0" * 500])
def test_what_is_no_workbook_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_workbook(content, limits=Limits())
