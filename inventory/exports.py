"""The one writer of tables: streamed, and with no cell a spreadsheet could run as a formula.

**The mark.** A cell is written with one apostrophe before it when a spreadsheet might run it (its first sign, blanks
and quotation marks aside, is `=`, `+`, `-`, `@` or the full-width form of one, or it begins with a tab or a line
break) or when it begins with an apostrophe itself. So every cell that begins with an apostrophe carries exactly one
mark, and taking one apostrophe off such a cell (`unmarked`; in a mapping `format: {marked: true}`) gives back what
was exported. Numbers and dates we write ourselves carry no mark.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import OuterRef, Q, QuerySet, Subquery

from governance.access.vocabulary import Role
from governance.database.clock import PortalNow
from inventory.models import Assignment, System, Unit
from inventory.workbooks import write_workbook

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
    ("Objectives", lambda system: system.objectives),
    ("Uses out of scope", lambda system: system.out_of_scope_use),
    ("Affected groups", lambda system: system.affected_groups),
    ("Human oversight", lambda system: system.human_oversight),
    ("Own role", lambda system: system.own_role),
    ("Reason of own role", lambda system: system.own_role_reason),
    # Beside the unit itself, so that a tree of units comes back as it was.
    ("Unit level 2", lambda system: _level(system, 2)),
    ("Unit level 3", lambda system: _level(system, 3)),
    ("Unit level 4", lambda system: _level(system, 4)),
    ("Unit level 5", lambda system: _level(system, 5)),
    ("Unit level 6", lambda system: _level(system, 6)),
)


def _level(system: Any, number: int) -> str:
    return str(system.path[number - 1]) if len(system.path) >= number else ""


HEADER: Final = tuple(title for title, _ in SYSTEM_COLUMNS)


# What a column of the list is in a file.
LISTED: Final[dict[str, tuple[str, ...]]] = {
    "tier": ("Tier",), "phase": ("Phase",), "release": ("Latest release", "State of it"), "owner": ("Owner",),
    "unit": ("Organisation", "Unit"), "changed": ("Last changed",), "impact": ("Declared impact",),
    "origin": ("Origin",), "vendor": ("Vendor",), "personal_data": ("Personal data",), "own_role": ("Own role",),
}  # fmt: skip
# Only the rows of the list know them.
_OF_LIST: tuple[Column, ...] = (
    ("Latest release", lambda system: system.release_version),
    ("State of it", lambda system: system.release_state),
)


def columns_for(listed: Iterable[str]) -> tuple[Column, ...]:
    """The columns of a file for columns of the list, in the list's order; which system it is always stands first."""
    reads = dict((*SYSTEM_COLUMNS, *_OF_LIST))
    wanted = set(listed)
    titles = ["System", "Name", *(title for name, several in LISTED.items() if name in wanted for title in several)]
    return tuple((title, reads[title]) for title in titles)


def systems_csv(systems: QuerySet[System], columns: Sequence[Column] = SYSTEM_COLUMNS) -> Iterator[str]:
    """Exactly the given systems in their order, read in one statement while the file is written."""
    return csv_lines([title for title, _ in columns], system_rows(systems, columns))


def systems_xlsx(systems: QuerySet[System], columns: Sequence[Column] = SYSTEM_COLUMNS) -> IO[bytes]:
    """The same as a workbook, in a temporary file at its beginning; whoever takes it closes it."""
    titles = [title for title, _ in columns]
    return write_workbook(titles, ([_cell(value) for value in row] for row in system_rows(systems, columns)))


def systems_json(systems: QuerySet[System], columns: Sequence[Column] = SYSTEM_COLUMNS) -> Iterator[str]:
    """The same as one JSON list of objects, title to value, nothing marked."""
    titles = [title for title, _ in columns]
    opening = "["
    for row in system_rows(systems, columns):
        yield opening + json.dumps(dict(zip(titles, row, strict=True)), cls=DjangoJSONEncoder, ensure_ascii=False)
        opening = ",\n"
    yield "[]\n" if opening == "[" else "]\n"


def system_rows(systems: QuerySet[System], columns: Sequence[Column] = SYSTEM_COLUMNS) -> Iterator[list[object]]:
    """The cells of each system, in the order of the columns."""
    return _system_rows(_with_owner(systems), unit_paths(), columns)


def _with_owner(systems: QuerySet[System]) -> QuerySet[Any]:
    owner = Assignment.objects.filter(
        Q(until=None) | Q(until__gt=PortalNow()), role=Role.OWNER, system=OuterRef("pk"), since__lte=PortalNow()
    ).values("person__name")[:1]
    return systems.annotate(owner_name=Subquery(owner)).defer("search")


def _system_rows(
    rows: Iterable[Any] | QuerySet[Any], paths: dict[int, list[str]], columns: Sequence[Column]
) -> Iterator[list[object]]:
    found = rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else rows
    for system in found:
        system.path = paths[system.unit_id]
        yield [read(system) for _, read in columns]


def unit_paths() -> dict[int, list[str]]:
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
