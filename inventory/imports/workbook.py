"""The one reader of workbooks (.xlsx): the first sheet, values only, in bounded memory, every fault with its row.

A workbook is a zip of XML: what it says of its own sizes is not believed, a part is unpacked piece by piece and no
further than a limit; a document type (the way to expand or to reach out) is refused; of a formula the portal would only
know what another program last made of it, so it is refused by name.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from inventory.imports.reader import MAX_ERRORS, Limits, LineError, Refused, Row, Table, Unreadable

SIGNATURE = b"PK\x03\x04"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_HALF = re.compile("[\\ud800-\\udfff]")  # escaped as _xD800_, it is no XML and would be no UTF-8
_REFERENCE = re.compile("([A-Z]{1,3})[0-9]+")
_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's day has no zone
_NO_CELL = frozenset({"e", "b", "s", "str", "inlineStr", "d"})
_PART = 64 * 1024
_WHOLE = frozenset({f"{_MAIN}c", f"{_MAIN}si"})  # read when they are complete; everything else is let go at its end
_LAST_ROW = 1_048_576
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)")
_DEEPEST, _MOST_INSIDE, _MOST_ELEMENTS = 32, 10_000, 20_000_000


class _Measured:
    """A part of the archive that ends in a refusal where the limit does."""

    def __init__(self, part: IO[bytes], limit: int) -> None:
        self._part, self._left, self._checked = part, limit, b""

    def read(self, size: int = _PART) -> bytes:
        """The next piece. Raises Refused."""
        piece = self._part.read(min(size, _PART) if size > 0 else _PART)
        self._left -= len(piece)
        if self._left < 0:
            raise Refused([LineError(0, "", "The workbook unpacks to more than may be read.")], "xlsx")
        if b"\0" in piece or not (self._checked or _is_utf8(piece[:300])):
            raise Refused([LineError(0, "", "The workbook is not written in UTF-8, as spreadsheets write it.")], "xlsx")
        if b"<!DOCTYPE" in self._checked + piece:
            raise Refused([LineError(0, "", "The workbook holds a document type; no spreadsheet writes one.")], "xlsx")
        self._checked = piece[-16:]
        return piece


def _is_utf8(head: bytes) -> bool:
    """Whether a part says no other encoding, in which a document type could hide."""
    declared = _DECLARED.search(head)
    return (not declared or declared[1].lower() == b"utf-8") and (b"<?xml" not in head or b"?>" in head)


def read_workbook(content: bytes, *, limits: Limits) -> Table:
    """The first sheet as a table. Raises Unreadable for what is no workbook, Refused with rows for everything else."""
    if len(content) > limits.bytes:
        raise Refused([LineError(0, "", f"The file has {len(content):,} bytes; at most {limits.bytes:,} are read.")])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in archive.filelist):
                raise Unreadable("The file is packed in a way no spreadsheet packs one.")
            return _Book(archive, limits).table()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError) as error:
        raise Unreadable("The file is no workbook (.xlsx), or it is damaged.") from error
    except (ElementTree.ParseError, expat.ExpatError, UnicodeError, ValueError) as error:
        raise Unreadable(f"The workbook is damaged: {str(error)[:200]}.") from error


class _Book:
    """One archive while it is read."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        self._text_left = limits.bytes

    def table(self) -> Table:
        """Header and rows, ragged ends filled, empty rows left out."""
        sheet = self._first_sheet()
        self._strings, self._dates = self._shared_strings(), self._date_styles()
        errors: list[LineError] = []
        records = self._rows(sheet, errors)
        header = next(((line, cells) for line, cells in records if any(cells)), None)
        if header is None:
            raise Refused(errors or [LineError(1, "", "The first sheet is empty.")], "xlsx")
        titles = header[1]
        while titles and not titles[-1]:
            titles.pop()
        rows: list[Row] = []
        for line, cells in records:
            while len(cells) > len(titles) and not cells[-1]:
                cells.pop()
            if len(cells) > len(titles):
                errors.append(LineError(line, "", f"Has {len(cells)} cells where the header has {len(titles)}."))
            if any(cells):
                rows.append(Row(line, (*cells, *[""] * (len(titles) - len(cells)))))
            if len(rows) > self._limits.rows:
                errors.append(LineError(line, "", f"More than {self._limits.rows:,} rows."))
                break
            if len(errors) >= MAX_ERRORS:
                break
        if errors:
            raise Refused(errors[:MAX_ERRORS], "xlsx", len(rows))
        return Table("xlsx", tuple(titles), tuple(rows))

    def _elements(self, name: str) -> Iterator[tuple[str, ElementTree.Element]]:
        """Starts and ends of elements. Only cells and texts are kept until they end, so memory does not grow.

        Raises Refused for more elements, or deeper ones, than a spreadsheet has.
        """
        around: list[ElementTree.Element] = []
        whole = inside = seen = 0
        with self._archive.open(name) as part:
            measured = _Measured(part, self._limits.bytes)
            for event, element in ElementTree.iterparse(measured, ("start", "end")):  # noqa: S314  see _Measured
                if event == "start":
                    around.append(element)
                    whole += element.tag in _WHOLE
                    inside, seen = inside + 1, seen + 1
                    if len(around) > _DEEPEST or inside > _MOST_INSIDE or seen > _MOST_ELEMENTS:
                        raise Refused([LineError(0, "", "The workbook holds more than a spreadsheet does.")], "xlsx")
                    yield event, element
                else:
                    yield event, element
                    around.pop()
                    whole -= element.tag in _WHOLE
                    if not whole:
                        inside = 0
                        if around:
                            around[-1].remove(element)

    def _first_sheet(self) -> str:
        wanted = ""
        for event, element in self._elements("xl/workbook.xml"):
            if event == "start" and element.tag == f"{_MAIN}sheet" and not wanted:
                wanted = element.get(f"{_OFFICE}id", "")
        for event, element in self._elements("xl/_rels/workbook.xml.rels"):
            if event == "start" and element.get("Id") == wanted:
                return posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/")
        raise KeyError(wanted)

    def _shared_strings(self) -> list[str]:
        strings: list[str] = []
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return strings
        for event, element in self._elements("xl/sharedStrings.xml"):
            if event == "end" and element.tag == f"{_MAIN}si":
                strings.append(self._text(element))
                element.clear()
        return strings

    def _date_styles(self) -> frozenset[int]:
        """Which cell styles show a number as a date."""
        if "xl/styles.xml" not in self._archive.namelist():
            return frozenset()
        own: dict[int, bool] = {}
        found: list[int] = []
        inside = False
        for event, element in self._elements("xl/styles.xml"):
            if element.tag == f"{_MAIN}cellXfs":
                inside = event == "start"
            elif event == "start" and element.tag == f"{_MAIN}numFmt":
                code = _QUOTED.sub("", element.get("formatCode", "")).lower()
                own[int(element.get("numFmtId", "0"))] = any(sign in code for sign in "yd")
            elif event == "start" and inside and element.tag == f"{_MAIN}xf":
                found.append(int(element.get("numFmtId", "0")))
        return frozenset(n for n, style in enumerate(found) if own.get(style, style in _DATE_FORMATS))

    def _rows(self, sheet: str, errors: list[LineError]) -> Iterator[tuple[int, list[str]]]:
        line, cells = 0, list[str]()
        for event, element in self._elements(sheet):
            if event == "start" and element.tag == f"{_MAIN}row":
                line, cells = int(element.get("r") or line + 1), []
                if not 0 < line <= _LAST_ROW:
                    raise Refused([LineError(0, "", "A row has a number no spreadsheet has.")], "xlsx")
            elif event == "end" and element.tag == f"{_MAIN}c":
                self._place(element, line, cells, errors)
                element.clear()
            elif event == "end" and element.tag == f"{_MAIN}row":
                element.clear()
                yield line, cells

    def _place(self, element: ElementTree.Element, line: int, cells: list[str], errors: list[LineError]) -> None:
        """Put the cell where its reference says."""
        found = _REFERENCE.fullmatch(element.get("r", ""))
        column = _number(found[1]) if found else len(cells) + 1
        if column > self._limits.columns:
            raise Refused([LineError(line, "", f"More than {self._limits.columns:,} columns.")], "xlsx")
        if column <= len(cells):
            raise Refused([LineError(line, "", "A cell stands twice or out of order: the file is damaged.")], "xlsx")
        cells.extend([""] * (column - 1 - len(cells)))
        if element.find(f"{_MAIN}f") is not None:
            errors.append(LineError(line, element.get("r", ""), "Holds a formula: save the values instead."))
        text = self._value(element)
        if len(text) > self._limits.cell:
            errors.append(LineError(line, element.get("r", ""), f"More than {self._limits.cell:,} characters."))
        if "\0" in text:
            errors.append(LineError(line, element.get("r", ""), "Holds a NUL character."))
        elif _HALF.search(text):
            errors.append(LineError(line, element.get("r", ""), "Holds half of a character (a lone surrogate)."))
        cells.append(text[: self._limits.cell])

    def _value(self, element: ElementTree.Element) -> str:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = element.find(f"{_MAIN}is")
            return self._text(inline) if inline is not None else ""
        value = element.findtext(f"{_MAIN}v") or ""
        if kind == "s":
            place = int(value)
            if not 0 <= place < len(self._strings):
                raise ValueError("a text is missing")
            return self._strings[place]
        if kind == "b":
            return "yes" if value == "1" else "no"
        if kind in _NO_CELL or not value:
            return _unescaped(value)
        return _day(value) if int(element.get("s", "0")) in self._dates else _plain(value)

    def _text(self, element: ElementTree.Element) -> str:
        """The text of a cell or shared string, phonetic readings aside; all of it counts towards the limit."""
        runs = [element, *element.findall(f"{_MAIN}r")]
        text = "".join(run.findtext(f"{_MAIN}t") or "" for run in runs)
        self._text_left -= len(text)
        if self._text_left < 0:
            raise Refused([LineError(0, "", "The workbook unpacks to more than may be read.")], "xlsx")
        return _unescaped(text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _plain(value: str) -> str:
    """A whole number as people write it; everything else as the file has it."""
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else value


def _day(value: str) -> str:
    """A spreadsheet's day number as a date, or date and time. A number out of the calendar stays one."""
    try:
        moment = _EPOCH + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    whole = moment.replace(microsecond=0)
    return whole.date().isoformat() if float(value).is_integer() else whole.isoformat(" ")
