"""The imported record behind a system: every cell as written, under the words that stood above it."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.imports.dates import SHAPE_SENTENCES, DateShape
from inventory.imports.schema import MappingFault, load
from inventory.models import ImportedRow, System


@dataclass(frozen=True)
class ImportedRecord:
    """What one register says about one system, ready to be read."""

    row: ImportedRow
    read: list[tuple[str, str]]
    kept: list[tuple[str, str]]
    dates: list[tuple[str, str, str, str]]
    meanings: list[tuple[str, str]]


def imported_records(system: System) -> list[ImportedRecord]:
    """One record per register that knows the system."""
    rows = system.imported_rows.select_related("run", "seen_in", "gone_since").order_by("source")
    return [_record(row) for row in rows]


def _record(row: ImportedRow) -> ImportedRecord:
    titles = _titles(row.seen_in.mapping)
    order = list(titles)

    def told(cells: dict[str, str]) -> list[tuple[str, str]]:
        known = [name for name in order if name in cells]
        return [(titles.get(name, name), cells[name]) for name in [*known, *sorted(set(cells) - set(known))]]

    return ImportedRecord(row, told(row.written), told(row.kept), _dates(row), _meanings(row))


def _titles(mapping: str) -> dict[str, str]:
    """Column name → what stands above the column, in the order of the file; nothing once a mapping is gone."""
    try:
        columns = load(mapping).columns
    except MappingFault:
        return {}
    return {column.name: column.header or column.name for column in columns}


def _dates(row: ImportedRow) -> list[tuple[str, str, str, str]]:
    """Label, as written, certain value, and what is odd about it."""
    found = []
    for name, entry in row.dates.items():
        shape = DateShape(entry["shape"])
        if shape is DateShape.BLANK:
            continue
        odd = "" if shape is DateShape.CERTAIN else SHAPE_SENTENCES[shape]
        if entry.get("hint"):
            odd = f"{odd} The year may be {entry['hint']}."
        found.append((name, entry["written"], entry.get("value", ""), odd))
    return found


def _meanings(row: ImportedRow) -> list[tuple[str, str]]:
    """Label and value of what the cells were read as."""
    told = []
    for name, value in row.mapped.items():
        field = System._meta.get_field(name)
        labels = dict(getattr(field, "flatchoices", ()))
        told.append((str(getattr(field, "verbose_name", name)), str(labels.get(value, value))))
    return told
