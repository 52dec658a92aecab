"""No exported cell runs in a spreadsheet, and every one can be brought back as it was."""

import csv
import io

import pytest

from inventory.exports import csv_lines, marked, unmarked

LIVE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\ttext", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201",
    "  =1",     '"=1', "'=1", "\u00a0=1", "\u200b=1", "\u201c=1", " ' \"=1", "=cmd|'/c calc'!A0", "\u22121",
]  # fmt: skip


@pytest.mark.parametrize("text", LIVE)
def test_what_a_spreadsheet_might_run_begins_with_the_mark(text: str) -> None:
    assert marked(text) == f"'{text}"


@pytest.mark.parametrize("text", ["plain", "a=b", "", "1-2", "'quoted", "''", "'", "(=1)", *LIVE])
def test_taking_the_mark_off_gives_back_what_was_exported(text: str) -> None:
    assert unmarked(marked(text)) == text


def test_a_file_read_back_cell_by_cell_is_what_was_written() -> None:
    rows = [[text, f"x{text}", 'quote " and\nbreak, comma; '] for text in LIVE]
    text = "".join(csv_lines(["=head", "b", "c"], rows))
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [[unmarked(cell) for cell in row] for row in read] == [["=head", "b", "c"], *rows]


def test_numbers_and_missing_values_carry_no_mark() -> None:
    assert list(csv_lines(["n"], [[-5], [None]]))[1:] == ['"-5"\r\n', '""\r\n']
