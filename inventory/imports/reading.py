"""One row of a file read by its mapping: what was written beside what it means to us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import NamedTuple

from inventory.imports.dates import read_date
from inventory.imports.folding import bare, fold
from inventory.imports.reader import LineError, Refused, Row, Table
from inventory.imports.schema import MappingDocument

MARK = "'"
NAME_LENGTH = 500
UNIT_LENGTH = 300
LENGTHS = {"vendor": 300}
TEXT_LENGTH = 10_000
_UNSEEN = dict.fromkeys(
    map(ord, "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
_LINES = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")


class ReadRow(NamedTuple):
    """What one row says. `written` and `kept` are the cells as they stand, by column name."""

    line: int
    identifier: str
    units: tuple[str, ...]
    name: str
    values: dict[str, str]
    written: dict[str, str]
    kept: dict[str, str]
    dates: dict[str, dict[str, str]]
    unmapped: tuple[tuple[str, str], ...]
    digest: str


class RowReader:
    """Reads the rows of one table by one mapping. Raises Refused when the header is not what the mapping says.

    What comes again in row after row (the words of a closed choice, the units) is read once and looked up after that.
    """

    def __init__(self, mapping: MappingDocument, header: Sequence[str], decided: Mapping[tuple[str, str], str]) -> None:
        self.mapping = mapping
        self.names = column_names(mapping, header)
        self._decided = decided
        used = dict.fromkeys(mapping.used)
        self._written = tuple(used)
        self._kept = tuple(name for name in self.names if name not in used)
        self._texts: tuple[tuple[str, int], ...] = tuple(
            (target, LENGTHS.get(target, TEXT_LENGTH)) for target in mapping.texts
        )
        self._choices: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
            target: (field.column, {}) for target, field in mapping.values.items()
        }
        self._units: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}
        self._digest = _Teller(self.names, ("name", *mapping.texts, *mapping.values))

    def read(self, row: Row) -> tuple[ReadRow | None, list[LineError]]:
        """The row, or what stands against it."""
        mapping = self.mapping
        if mapping.format.marked:
            marked = (cell.removeprefix(MARK) for cell in row.cells)
            cells = dict(zip(self.names, marked, strict=True))
        else:
            cells = dict(zip(self.names, row.cells, strict=True))
        name = one_line(cells[mapping.system])
        units, is_placed = self._placed(cells)
        identifier = one_line(cells[mapping.identifier]) if mapping.identifier else ""
        values: dict[str, str] = {"name": name}
        is_sound = is_placed and 0 < len(name) <= NAME_LENGTH
        for target, longest in self._texts:
            values[target] = text = self._text(target, cells)
            if len(text) > longest:
                is_sound = False
        unmapped: tuple[tuple[str, str], ...] = ()
        for target, (column, known) in self._choices.items():
            cell = cells[column]
            if cell not in known:
                known[cell] = self._value(target, cells)
            values[target], strange = known[cell]
            if strange:
                unmapped += ((target, strange),)
        if not is_sound or mapping.identifier:
            errors = self._errors(row.line, name, units, identifier, cells, values)
            if errors:
                return None, errors
        written = {column: cells[column] for column in self._written}
        kept = {column: cells[column] for column in self._kept}
        dates = {target: self._date(target, cells) for target in mapping.dates}
        digest = self._digest.of(cells, values, dates)
        return ReadRow(row.line, identifier, units, name, values, written, kept, dates, unmapped, digest), []

    def _placed(self, cells: dict[str, str]) -> tuple[tuple[str, ...], bool]:
        """The units the cells name, and whether nothing stands against them."""
        mapping = self.mapping
        named = tuple([cells[column] for column in mapping.units])
        if named not in self._units:
            is_sound = self._has_root(named) and all(len(cell.strip()) <= UNIT_LENGTH for cell in named)
            self._units[named] = tuple(unit for cell in (mapping.within, *named) if (unit := one_line(cell))), is_sound
        return self._units[named]

    def _has_root(self, named: Sequence[str]) -> bool:
        """Whether the row says which organisation it belongs to, or the mapping says it for all."""
        return bool(one_line(self.mapping.within)) or bool(one_line(named[0]))

    def _text(self, target: str, cells: dict[str, str]) -> str:
        field = self.mapping.texts[target]  # type: ignore[index]
        cell = cells[field.column]
        if field.drop_nothing and fold(cell) in self.mapping.nothing_words:
            return ""
        # Rarer blanks stay: a later edition that lost them shows `?` in their place and must be recognised.
        plain = cell if cell.isascii() and cell.isprintable() else _LINES.sub("\n", cell)
        text = plain.strip(" \t\n\xa0")
        return "\n".join(_entries(text)) if field.reads == "list" else text

    def _value(self, target: str, cells: dict[str, str]) -> tuple[str, str]:
        """Our word for the cell, and the cell where no word fits it."""
        field = self.mapping.values[target]  # type: ignore[index]
        cell = cells[field.column]
        folded = fold(cell)
        word = field.table.get(folded) or self._decided.get((target, folded))
        if word is not None:
            return word, ""
        if not folded or folded in self.mapping.nothing_words:
            return field.blank, ""
        return field.otherwise, cell.strip()

    def _date(self, target: str, cells: dict[str, str]) -> dict[str, str]:
        field = self.mapping.dates[target]
        read = read_date(cells[field.column], order=field.order, nothing=self.mapping.nothing_words)
        entry = {"written": read.written, "shape": str(read.shape)}
        if read.value:
            entry["value"] = read.value.isoformat()
        if read.hint:
            entry["hint"] = read.hint
        return entry

    def _errors(
        self,
        line: int,
        name: str,
        units: tuple[str, ...],
        identifier: str,
        cells: dict[str, str],
        values: dict[str, str],
    ) -> list[LineError]:
        mapping = self.mapping
        errors = []
        if not name:
            errors.append(LineError(line, mapping.system, "A system needs a name."))
        if not self._has_root([cells[column] for column in mapping.units]):
            errors.append(LineError(line, mapping.units[0], "A system needs an organisation."))
        if mapping.identifier and not identifier:
            errors.append(LineError(line, mapping.identifier, "The identifier is blank."))
        if len(identifier) > NAME_LENGTH:
            errors.append(LineError(line, mapping.identifier or "", f"More than {NAME_LENGTH} characters."))
        if len(name) > NAME_LENGTH:
            errors.append(LineError(line, mapping.system, f"More than {NAME_LENGTH} characters."))
        errors += [
            LineError(line, column, f"More than {UNIT_LENGTH} characters.")
            for column in mapping.units
            if len(cells[column].strip()) > UNIT_LENGTH
        ]
        return errors + [
            LineError(line, target, f"More than {LENGTHS.get(target, TEXT_LENGTH):,} characters.")
            for target in mapping.texts
            if len(values[target]) > LENGTHS.get(target, TEXT_LENGTH)
        ]


def read_rows(
    table: Table, mapping: MappingDocument, decided: Mapping[tuple[str, str], str] = MappingProxyType({})
) -> Iterator[tuple[ReadRow | None, list[LineError]]]:
    """Every row of the table, or what stands against it. Raises Refused for a header the mapping does not fit.

    `decided` holds what people have said about writings the mapping does not know: (field, folded writing) → word.
    """
    try:
        marked = mapping.format.marked
        header = [title.removeprefix(MARK) if marked else title for title in table.header]
        reader = RowReader(mapping, header, decided)
    except Refused as refused:
        raise Refused(refused.errors, table.encoding, len(table.rows)) from refused
    for row in table.rows:
        yield reader.read(row)


def column_names(mapping: MappingDocument, header: Sequence[str]) -> tuple[str, ...]:
    """A name for every column: the mapping's, else the header as written, with its position where it stands twice.

    Raises Refused naming each column that is missing, ambiguous or elsewhere.
    """
    found: dict[int, str] = {}
    errors: list[LineError] = []
    folded = [fold(title) for title in header]
    for column in mapping.columns:
        where, fault = _position(column.header, column.position, folded, header)
        if where in found:
            fault = fault or f"Column {where + 1} is already read as {found[where]}."
        if fault:
            errors.append(LineError(1, column.name, fault))
        else:
            found[where] = column.name
    if errors:
        raise Refused(errors)
    taken = set(found.values())
    return tuple(
        found[index] if index in found else _own_name(index, folded, header, taken) for index in range(len(header))
    )


def _position(title: str | None, position: int | None, folded: list[str], header: Sequence[str]) -> tuple[int, str]:
    if position is not None:
        where = position - 1
        if where >= len(header):
            return where, f"The file has {len(header)} columns; the mapping reads column {position}."
        if title is not None and fold(title) != folded[where]:
            return where, f"Column {position} is “{_short(header[where])}”; the mapping expects “{_short(title)}”."
        return where, ""
    places = [index for index, other in enumerate(folded) if other == fold(title or "")]
    if len(places) == 1:
        return places[0], ""
    if places:
        listed = ", ".join(str(place + 1) for place in places)
        return -1, f"“{_short(title or '')}” heads the columns {listed}; the mapping must name a position."
    return -1, f"No column is headed “{_short(title or '')}”."


def _own_name(index: int, folded: list[str], header: Sequence[str], taken: set[str]) -> str:
    title = one_line(header[index])
    if not title or folded.count(folded[index]) > 1 or title in taken:
        return f"{title} [{index + 1}]".strip()
    return title


def one_line(text: str) -> str:
    """The text on one line, single-spaced, without marks that hide or reorder its letters."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def digest_of(cells: Mapping[str, str], values: Mapping[str, str], dates: Mapping[str, Mapping[str, str]]) -> str:
    """What the row says and what was made of it, blanks and zero-width marks aside; empty cells do not count."""
    return _Teller(cells, values).of(cells, values, dates)


class _Teller:
    """Digests of rows that share their columns: blake2b over `[[cells, values], dates]` as JSON, each by name."""

    def __init__(self, columns: Iterable[str], targets: Iterable[str]) -> None:
        self._parts = [
            [(name, f"[{encode_basestring_ascii(name)}, ") for name in sorted(part)]
            for part in (columns, targets)
        ]  # fmt: skip

    def of(
        self, cells: Mapping[str, str], values: Mapping[str, str], dates: Mapping[str, Mapping[str, str]]
    ) -> str:  # fmt: skip
        """The digest of one row."""
        told = "], [".join(
            [
                ", ".join(
                    [
                        f"{head}{encode_basestring_ascii(text)}]"
                        for name, head in part
                        if (cell := said[name]) and (text := bare(cell))
                    ]
                )
                for part, said in zip(self._parts, (cells, values), strict=True)
            ]
        )
        shapes = sorted((name, entry["shape"], entry.get("value", "")) for name, entry in dates.items())
        return blake2b(f"[[[{told}]], {json.dumps(shapes)}]".encode(), digest_size=32).hexdigest()


def _entries(text: str) -> list[str]:
    """The entries of a multiple choice written `["A","B"]`, one a line, or as it stands."""
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = None
        if isinstance(listed, list) and all(isinstance(entry, str) for entry in listed):
            return [one_line(entry) for entry in listed if entry.strip()]
    return [line.strip() for line in text.split("\n")]


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= 60 else f"{text[:57]}…"
