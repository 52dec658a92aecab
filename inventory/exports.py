"""The one writer of CSV: streamed, and with no cell a spreadsheet could run as a formula.

**The mark.** A cell is written with one apostrophe before it when a spreadsheet might run it (its first sign, blanks
and quotation marks aside, is `=`, `+`, `-`, `@` or the full-width form of one, or it begins with a tab or a line
break) or when it begins with an apostrophe itself. So every cell that begins with an apostrophe carries exactly one
mark, and taking one apostrophe off such a cell (`unmarked`; in a mapping `format: {marked: true}`) gives back what
was exported. Numbers and dates we write ourselves carry no mark.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from governance.access.vocabulary import Role
from governance.database.clock import PortalNow
from inventory.models import Assignment, System, Unit

MARK: Final = "'"
BYTE_ORDER_MARK: Final = "\ufeff"  # or Excel reads UTF-8 as the local code page
_STARTERS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b\t\r\n")
_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb\uff02\uff07")
_BREAKS = frozenset("\t\r\n")


def marked(text: str) -> str:
    """The text so that no spreadsheet runs it; see the module's text for the mark."""
    return MARK + text if text.startswith(MARK) or _may_run(text) else text


def unmarked(text: str) -> str:
    """What `marked` was given."""
    return text.removeprefix(MARK)


def _may_run(text: str) -> bool:
    for character in text:
        if character in _STARTERS:
            return True
        if not (character in _QUOTES or character.isspace() or unicodedata.category(character) in {"Cf", "Cc"}):
            return False
    return False


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return marked(str(value))


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file piece by piece, beginning with a byte order mark: hand it to a streaming response or a file."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield BYTE_ORDER_MARK + str(writer.writerow([marked(title) for title in header]))
    for row in rows:
        yield str(writer.writerow([_cell(value) for value in row]))


Column = tuple[str, Callable[[Any], object]]

SYSTEM_COLUMNS: tuple[Column, ...] = (
    ("System", lambda system: system.slug),
    ("Name", lambda system: system.name),
    ("Organisation", lambda system: system.path[0]),
    ("Unit", lambda system: system.path[-1] if len(system.path) > 1 else ""),
    ("Phase", lambda system: system.phase),
    ("Declared impact", lambda system: system.impact),
    ("Origin", lambda system: system.origin),
    ("Vendor", lambda system: system.vendor),
    ("Personal data", lambda system: system.personal_data),
    ("Tier", lambda system: system.tier),
    ("Owner", lambda system: system.owner_name),
    ("Purpose", lambda system: system.purpose),
    ("Intended use", lambda system: system.intended_use),
    ("Outputs", lambda system: system.outputs),
    ("Demographic variables", lambda system: system.demographic_variables),
    ("Last changed", lambda system: system.updated_at),
)


def systems_csv(systems: QuerySet[System]) -> Iterator[str]:
    """Exactly the given systems in their order, read in one statement while the file is written."""
    paths = _unit_paths()
    owner = Assignment.objects.filter(
        Q(until=None) | Q(until__gt=PortalNow()), role=Role.OWNER, system=OuterRef("pk"), since__lte=PortalNow()
    ).values("person__name")[:1]
    rows = systems.annotate(owner_name=Subquery(owner)).defer("search")
    return csv_lines([title for title, _ in SYSTEM_COLUMNS], _system_rows(rows, paths))


def _system_rows(rows: Iterable[Any] | QuerySet[Any], paths: dict[int, list[str]]) -> Iterator[list[object]]:
    found = rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else rows
    for system in found:
        system.path = paths[system.unit_id]
        yield [read(system) for _, read in SYSTEM_COLUMNS]


def _unit_paths() -> dict[int, list[str]]:
    """Every unit's names from the top of the organisation down."""
    units = {pk: (parent, name) for pk, parent, name in Unit.objects.values_list("pk", "parent_id", "name")}
    paths: dict[int, list[str]] = {}
    for pk in units:
        path: list[str] = []
        here: int | None = pk
        while here is not None:
            here, name = units[here]
            path.insert(0, name)
        paths[pk] = path
    return paths
