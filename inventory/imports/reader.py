"""The one reader of files that come from outside: encoding found, limits first, every fault with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_SIGNATURES = (
    b"PK\x03\x04",
    b"\x89PNG",
    b"%PDF",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"\x7fELF",
    b"GIF8",
    b"\xff\xd8\xff",
)
_DAMAGE = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff]")
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may hold; checked before it is taken apart."""

    bytes: int = 256 * 1024 * 1024
    rows: int = 250_000
    columns: int = 1_000
    cell: int = 100_000


@dataclass(frozen=True, slots=True)
class LineError:
    """One fault: the line of the file it stands on (the first is 1), the column or field, and what is wrong."""

    line: int
    field: str
    message: str


class Unreadable(Exception):  # noqa: N818  an answer, not an error
    """The file is missing, out of reach, or no text."""


class Refused(Exception):  # noqa: N818  an answer, not an error
    """The file was read and cannot be taken; every fault is named, nothing was changed."""

    def __init__(self, errors: list[LineError], encoding: str = "", rows: int = 0) -> None:
        super().__init__("; ".join(f"line {error.line}: {error.message}" for error in errors[:3]))
        self.errors = errors
        self.encoding = encoding
        self.rows = rows


class Row(NamedTuple):
    """One record: the line it begins on and its cells as written."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file taken apart."""

    encoding: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


MAX_ERRORS = 100


def read_table(
    content: bytes, *, delimiter: str = ",", encodings: tuple[str, ...] = (), reads_as: str = "", limits: Limits
) -> Table:
    """Take a separated-values file apart.

    `encodings` narrows what the file may be written in (empty: whatever is found), `reads_as` is the encoding somebody
    chose instead of the one that would be found. Raises Unreadable for what is no
    text, Refused with line numbers for everything else.
    """
    if len(content) > limits.bytes:
        raise Refused([LineError(0, "", f"The file has {len(content):,} bytes; at most {limits.bytes:,} are read.")])
    if not content.strip():
        raise Refused([LineError(1, "", "The file is empty.")])
    encoding, text = decode_as(content, reads_as) if reads_as else decode(content)
    if encodings and encoding not in encodings:
        wanted = " or ".join(encodings)
        raise Refused([LineError(1, "", f"The file is written in {encoding}; the mapping takes {wanted}.")], encoding)
    if found := _DAMAGE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        name = "a NUL character" if found[0] == "\0" else f"the control character U+{ord(found[0]):04X}"
        raise Refused([LineError(line, "", f"Holds {name}: the file is damaged or no text.")], encoding)
    return _take_apart(text, encoding, delimiter, limits)


def decode(content: bytes) -> tuple[str, str]:
    """The encoding found and the text in it.

    A byte order mark decides; without one UTF-8 is tried, then Windows-1252. Raises Unreadable for what is neither,
    Refused with the line for UTF-8 that is damaged.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", _strictly(content, "utf-16")
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", _strictly(content, "utf-8-sig")
    if content.startswith(_SIGNATURES) or len(_CONTROL.findall(content[:65536])) > 8 + len(content[:65536]) // 100:
        raise Unreadable("The file is no text.")
    try:
        return "utf-8", content.decode("utf-8")
    except UnicodeDecodeError:
        if _mostly_utf8(content):
            return "utf-8", _strictly(content, "utf-8")
    try:
        return "cp1252", content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is text in neither UTF-8 nor Windows-1252.") from error


def decode_as(content: bytes, encoding: str) -> tuple[str, str]:
    """The text in an encoding somebody chose. Raises Unreadable for what is no text, Refused with the line."""
    if content.startswith(_SIGNATURES):
        raise Unreadable("The file is no text.")
    return encoding, _strictly(content, encoding)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        where = error.start + (len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0)
        line = content.count(b"\n", 0, where) + 1
        message = f"Not valid {encoding} here (byte {where:,}): the file is cut off or damaged."
        raise Refused([LineError(line, "", message)], encoding) from error


def _mostly_utf8(content: bytes) -> bool:
    """Whether broken UTF-8 is still UTF-8: more characters beyond ASCII are whole than broken."""
    text = content.decode("utf-8", "surrogateescape")
    beyond = [character for character in text if character > "\x7f"]
    broken = sum("\udc80" <= character <= "\udcff" for character in beyond)
    return len(beyond) - broken > broken


def _take_apart(text: str, encoding: str, delimiter: str, limits: Limits) -> Table:
    records = _records(text, encoding, delimiter)
    first = next(records, None)
    if first is None:
        raise Refused([LineError(1, "", "The file is empty.")], encoding)
    header = first.cells
    if len(header) > limits.columns:
        raise Refused([LineError(first.line, "", f"More than {limits.columns:,} columns.")], encoding)
    rows: list[Row] = []
    errors: list[LineError] = []
    for row in records:
        if len(row.cells) != len(header):
            message = f"Has {len(row.cells)} cells where the header has {len(header)}."
            errors.append(LineError(row.line, "", message))
        if max(map(len, row.cells)) > limits.cell:
            errors += [
                LineError(row.line, name, f"More than {limits.cell:,} characters in one cell.")
                for name, cell in zip(header, row.cells, strict=False)
                if len(cell) > limits.cell
            ]
        rows.append(row)
        if len(rows) > limits.rows:
            errors.append(LineError(row.line, "", f"More than {limits.rows:,} rows."))
            break
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise Refused(errors, encoding, len(rows))
    return Table(encoding, header, tuple(rows))


def _records(text: str, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every record that is not an empty line. Raises Refused where quoting breaks, naming the line it began on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused([LineError(line, "", _sentence(error))], encoding, max(count - 1, 0)) from error
        if cells:
            count += 1
            yield Row(line, tuple(cells))


def _sentence(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "A quoted cell begins in this row and never ends: the file is cut off."
    if "field larger than field limit" in text:
        return "A cell in this row is longer than any cell may be, or a quoted cell never ends."
    return f"Cannot be read: {text}."
