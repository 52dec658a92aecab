"""Whatever bytes come, the reader answers: a table, a refusal with its line, or that it is no text."""

from __future__ import annotations

import csv
import io
from unicodedata import normalize

from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.imports.folding import bare, is_lossy_copy, loose_fold
from inventory.imports.reader import Limits, Refused, Unreadable, read_table

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=12)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
@example(b'"')
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf")
@example(b'a,b\n"x\r\ny",\r')
def test_any_bytes_are_answered(content: bytes) -> None:
    table, errors = None, []
    try:
        table = read_table(content, limits=Limits())
    except Unreadable:
        return
    except Refused as refused:
        errors = refused.errors
    if table is None:
        assert errors
        assert all(error.line >= 0 and error.message for error in errors)
        return
    assert all(len(row.cells) == len(table.header) for row in table.rows)
    assert [row.line for row in table.rows] == sorted({row.line for row in table.rows})


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_every_cell_comes_back_as_it_was_written(rows: list[list[str]], end: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows([["a", "b", "c"], *rows])
    table = read_table(file.getvalue().encode("utf-8-sig"), limits=Limits())
    assert [list(row.cells) for row in table.rows] == rows


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="?"), max_size=30))
def test_a_copy_through_windows_1252_is_recognised(text: str) -> None:
    text = normalize("NFC", text)
    units = text.encode("utf-16-le")
    halves = [units[place : place + 2].decode("utf-16-le", "surrogatepass") for place in range(0, len(units), 2)]
    copy = "".join(halves).encode("cp1252", "replace").decode("cp1252")
    assert bare(bare(text)) == bare(text)
    assert is_lossy_copy(text, copy) == ("?" in copy)
    assert loose_fold(text) == loose_fold(copy)
