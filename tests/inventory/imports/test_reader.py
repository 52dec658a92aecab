"""The reader finds the encoding, keeps every cell as written and names the line of every fault."""

import pytest

from inventory.imports.reader import Limits, Refused, Table, Unreadable, read_table


def read(content: bytes, **limits: int) -> Table:
    return read_table(content, limits=Limits(**limits))


def faults(content: bytes, **limits: int) -> list[tuple[int, str]]:
    with pytest.raises(Refused) as caught:
        read(content, **limits)
    return [(error.line, error.message) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("n,v\né,1\n".encode("utf-8-sig"), "utf-8-sig"),
        ("n,v\né,1\n".encode(), "utf-8"),
        ("n,v\né,1\n".encode("cp1252"), "cp1252"),
        ("n,v\né,1\n".encode("utf-16"), "utf-16"),
    ],
)
def test_it_finds_the_encoding_and_reads_the_same_text(content: bytes, encoding: str) -> None:
    table = read(content)
    assert table.encoding == encoding
    assert table.header == ("n", "v")
    assert table.rows[0].cells == ("é", "1")


def test_a_quoted_cell_keeps_its_line_breaks_and_a_row_the_line_it_begins_on() -> None:
    table = read(b'n,v\r\n"a\r\nb","c\nd"\r\ne,f\r\n')
    assert table.rows[0].cells == ("a\r\nb", "c\nd")
    assert [row.line for row in table.rows] == [2, 5]


def test_empty_lines_are_no_rows() -> None:
    assert len(read(b"n,v\n\na,b\n\n").rows) == 1


def test_a_file_without_rows_is_a_table_without_rows() -> None:
    assert read(b"n,v\n").rows == ()


def test_a_ragged_row_is_named_by_its_line() -> None:
    assert faults(b"n,v\na,b\nc\nd,e,f\n") == [
        (3, "Has 1 cells where the header has 2."),
        (4, "Has 3 cells where the header has 2."),
    ]


def test_a_file_cut_off_inside_a_quoted_cell_is_named_by_the_line_its_row_begins_on() -> None:
    ((line, message),) = faults(b'n,v\na,b\nc,"d\ne\n')
    assert line == 3
    assert "cut off" in message


def test_text_after_a_closing_quote_is_refused() -> None:
    assert faults(b'n,v\n"a"b,c\n')[0][0] == 2


def test_a_nul_character_is_named_by_its_line() -> None:
    assert faults(b"n,v\na,b\nc,d\0\n") == [(3, "Holds a NUL character: the file is damaged or no text.")]


def test_utf8_cut_inside_a_character_is_damage_not_another_encoding() -> None:
    whole = "n,v\né,ü\nä,ö".encode()
    assert faults(whole[:-1])[0][0] == 3


def test_a_byte_order_mark_promises_utf8() -> None:
    assert faults(b"\xef\xbb\xbfn,v\na,\xe9\n")[0][0] == 2


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\x89PNG\r\n", b"a\x81\x8d\n", bytes(range(1, 32)) * 20])
def test_what_is_no_text_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)


def test_an_empty_file_is_refused() -> None:
    assert faults(b"") == [(1, "The file is empty.")]


def test_limits_hold_before_anything_is_taken_apart() -> None:
    assert "at most 5 are read" in faults(b"n,v\na,b\n", bytes=5)[0][1]
    assert faults(b"n,v\na,b\nc,d\n", rows=1) == [(3, "More than 1 rows.")]
    assert faults(b"n,v\nabc,d\n", cell=2) == [(2, "More than 2 characters in one cell.")]
    assert faults(b"n,v\na,b\n", columns=1) == [(1, "More than 1 columns.")]
    assert faults(b"n,v\n" + b"x" * 200_000 + b",d\n")[0][0] == 2


def test_a_separator_is_taken_only_where_the_mapping_says_it() -> None:
    assert read(b"n;v\na;b\n").header == ("n;v",)
    assert read_table(b"n;v\na;b\n", delimiter=";", limits=Limits()).header == ("n", "v")


def test_a_mapping_may_insist_on_an_encoding() -> None:
    with pytest.raises(Refused, match="written in utf-8"):
        read_table(b"n,v\n", encodings=("cp1252",), limits=Limits())
