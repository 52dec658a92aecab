"""From the first rows of a file to a mapping: what each column could mean, and what was chosen. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from inventory.imports.folding import fold
from inventory.imports.reader import Refused, Table
from inventory.imports.reading import column_names
from inventory.imports.schema import MappingDocument, TextTarget, ValueTarget

MOST_COLUMNS = 200
MOST_VALUES = 40
EXAMPLES = 3
LONGEST_EXAMPLE = 80
# What a value column says where it says nothing, and where nobody has read what it says.
BLANK = dict.fromkeys(get_args(ValueTarget), "not_stated")
OTHERWISE = {**BLANK, "phase": "unknown", "impact": "undetermined"}
LABELS = {
    "purpose": "Purpose", "objectives": "Objectives", "intended_use": "Intended use",
    "out_of_scope_use": "Uses out of scope", "affected_groups": "Affected groups",
    "human_oversight": "Human oversight", "outputs": "Outputs", "vendor": "Vendor",
    "own_role_reason": "Why this role", "demographic_variables": "Demographic variables", "phase": "Phase",
    "origin": "Origin", "impact": "Declared impact", "own_role": "Our own role", "personal_data": "Personal data",
}  # fmt: skip
UNITS = ("unit1", "unit2", "unit3")
ROLES: dict[str, str] = {
    "": "Keep it as it is written",
    "system": "Name of the system",
    "identifier": "Identifier (one for each row)",
    "unit1": "Organisation or unit",
    "unit2": "Unit below it",
    "unit3": "Unit below that",
    **{f"text:{target}": LABELS[target] for target in get_args(TextTarget)},
    **{f"value:{target}": f"{LABELS[target]} (by a table of values)" for target in get_args(ValueTarget)},
    "date:mdy": "Date (month before day)",
    "date:dmy": "Date (day before month)",
}
ONCE = frozenset(role for role in ROLES if role and not role.startswith("date:"))
_HEADS: dict[str, tuple[str, ...]] = {
    "system": ("name", "system", "system name", "model", "model name", "use case", "use case name", "application"),
    "identifier": ("id", "identifier", "key", "number", "ref", "reference", "model id", "system id"),
    "unit1": ("organisation", "organization", "agency", "company", "unit", "business unit", "department", "division"),
    "unit2": ("bureau", "team", "sub unit", "subunit", "group"),
    "text:purpose": ("purpose", "description", "summary", "what it does"),
    "text:intended_use": ("intended use", "use"),
    "text:vendor": ("vendor", "supplier", "provider", "vendor name"),
    "text:outputs": ("outputs", "output"),
    "text:affected_groups": ("affected groups", "affected people", "users affected"),
    "value:phase": ("phase", "stage", "status", "lifecycle", "stage of development", "state"),
    "value:origin": ("origin", "source", "built by", "development method", "make or buy"),
    "value:impact": ("impact", "declared impact", "impact type"),
    "value:personal_data": ("personal data", "pii", "contains pii", "personal information"),
}
_OWNERS = frozenset({"owner", "owned by", "system owner", "responsible", "accountable", "product owner", "contact"})
_MEANINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "phase": {
        "planned": ("planned", "idea", "ideation", "initiated", "proposed"),
        "development": ("development", "dev", "in development", "build", "building"),
        "pilot": ("pilot", "test", "testing", "poc", "proof of concept", "trial"),
        "production": ("production", "prod", "live", "in production", "operational", "in use", "deployed"),
        "retired": ("retired", "decommissioned", "inactive", "ended", "off"),
    },
    "origin": {
        "in_house": ("in-house", "in house", "inhouse", "internal", "own"),
        "vendor": ("vendor", "external", "third party", "third-party", "bought", "saas"),
        "mixed": ("mixed", "both", "hybrid"),
    },
    "impact": {
        "neither": ("neither", "none", "no"), "rights": ("rights", "rights-impacting"),
        "safety": ("safety", "safety-impacting"), "both": ("both",), "undetermined": ("undetermined",),
    },
    "own_role": {"provider": ("provider",), "deployer": ("deployer",), "both": ("both",)},
    "personal_data": {"yes": ("yes", "y", "true", "1"), "no": ("no", "n", "false", "0")},
}  # fmt: skip


@dataclass(frozen=True)
class Sketch:
    """What somebody has chosen so far: a role for each column, and what written values of a column mean."""

    roles: tuple[str, ...]
    meanings: Mapping[tuple[int, str], str] = field(default_factory=dict)
    within: str = ""


def distinct(table: Table, column: int) -> list[tuple[str, int]]:
    """What a column says and in how many rows, most often first; what is read alike is told once, blanks never."""
    counted = Counter(text for row in table.rows if (text := row.cells[column].strip()))
    alike: dict[str, tuple[str, int]] = {}
    for text, number in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
        first, before = alike.get(fold(text), (text, 0))
        alike[fold(text)] = first, before + number
    return sorted(alike.values(), key=lambda each: (-each[1], each[0]))


def examples(table: Table, column: int) -> list[str]:
    """The first different things a column says, cut short."""
    found = dict.fromkeys(text for row in table.rows[:200] if (text := row.cells[column].strip()))
    return [text[:LONGEST_EXAMPLE] for text in list(found)[:EXAMPLES]]


def guessed(header: Sequence[str]) -> Sketch:
    """What the heads of the columns suggest; each role once, the first column that fits has it."""
    heads = {fold(head): role for role, written in _HEADS.items() for head in written}
    taken: set[str] = set()
    roles = []
    for head in header:
        role = heads.get(fold(head.replace("_", " ")), "")
        roles.append("" if role in taken else role)
        taken.add(role)
    if "unit2" in roles and "unit1" not in roles:
        roles[roles.index("unit2")] = "unit1"
    return Sketch(tuple(roles))


def meant(target: str, written: str) -> str:
    """What a written value most likely means; nothing where that is not plain."""
    folded = fold(written)
    for word, writings in _MEANINGS[target].items():
        if folded in {fold(word), *map(fold, writings)}:
            return word
    return ""


def drawn(mapping: MappingDocument, table: Table) -> Sketch:
    """The sketch a mapping comes from, for a file of the same columns; what the heads suggest for any other file."""
    try:
        names = column_names(mapping, table.header)
    except Refused:
        return guessed(table.header)
    roles = dict.fromkeys(names, "")
    roles.update({column: role for role, column in zip(UNITS, mapping.units, strict=False)})
    roles.update({found.column: f"text:{target}" for target, found in mapping.texts.items()})
    roles.update({found.column: f"date:{found.order}" for found in mapping.dates.values()})
    roles.update({found.column: f"value:{target}" for target, found in mapping.values.items()})
    roles[mapping.system] = "system"
    if mapping.identifier:
        roles[mapping.identifier] = "identifier"
    meanings = {
        (at, written): word
        for at, name in enumerate(names)
        for target, found in mapping.values.items()
        if found.column == name
        for written, _ in distinct(table, at)[:MOST_VALUES]
        if (word := found.table.get(fold(written)))
    }
    return Sketch(tuple(roles[name] for name in names), meanings, mapping.within)


def twice(roles: Sequence[str]) -> list[str]:
    """The labels of roles more than one column has."""
    return [ROLES[role] for role, number in Counter(roles).items() if role in ONCE and number > 1]


def document_of(
    sketch: Sketch, header: Sequence[str], *, name: str, title: str, written: Mapping[str, Any],
    base: MappingDocument | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The mapping as plain data; `base` is the one it was begun from, whose register and finer points it keeps."""
    columns = _columns(header)
    at = {role: columns[number]["name"] for number, role in enumerate(sketch.roles) if role in ONCE}
    texts: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for number, role in enumerate(sketch.roles):
        kind, _, target = role.partition(":")
        column = columns[number]["name"]
        if kind == "text":
            before = base.texts.get(target) if base else None  # type: ignore[call-overload]
            texts[target] = {**(before.model_dump() if before else {}), "column": column}
        elif kind == "value":
            values[target] = _read(sketch, number, target, base) | {"column": column}
    dates = {
        columns[number]["name"]: {"column": columns[number]["name"], "order": role.partition(":")[2]}
        for number, role in enumerate(sketch.roles)
        if role.startswith("date:")
    }
    finer = {"nothing": list(base.nothing)} if base else {}
    marked = {"marked": base.format.marked} if base else {}
    return {
        **finer, "name": name, "version": "1", "title": title, "source": base.source if base else name,
        "format": {**marked, **written}, "columns": columns, "identifier": at.get("identifier"),
        "within": sketch.within, "units": [at[unit] for unit in UNITS if unit in at], "system": at.get("system", ""),
        "texts": texts, "values": values, "dates": dates,
    }  # fmt: skip


def _read(sketch: Sketch, number: int, target: str, base: MappingDocument | None) -> dict[str, Any]:
    """The table of one value column: what was chosen, and what the mapping it was begun from knew besides."""
    before = base.values.get(target) if base else None  # type: ignore[call-overload]
    chosen = {fold(written): (written, word) for (at, written), word in sketch.meanings.items() if at == number}
    table: dict[str, list[str]] = {}
    for word, writings in (before.values if before else {}).items():
        for writing in writings:
            if fold(writing) not in chosen:
                table.setdefault(word, []).append(writing)
    for written, word in chosen.values():
        if word:
            table.setdefault(word, []).append(written)
    return {
        "values": table, "blank": before.blank if before else BLANK[target],
        "otherwise": before.otherwise if before else OTHERWISE[target],
    }  # fmt: skip


def _columns(header: Sequence[str]) -> list[dict[str, Any]]:
    """Every column by its head; by its place where the head says nothing or stands twice."""
    heads = Counter(fold(head) for head in header)
    columns: list[dict[str, Any]] = []
    taken: set[str] = set()
    for number, head in enumerate(header, start=1):
        word = re.sub(r"[^a-z0-9]+", "_", head.lower()).strip("_")[:50]
        name = word if word[:1].isalpha() and word.isascii() and word not in taken else f"column_{number}"
        taken.add(name)
        plain = bool(fold(head)) and heads[fold(head)] == 1
        columns.append({"name": name, "header": head} if plain else {"name": name, "position": number})
    return columns


OWNERS = frozenset(
    map(fold, ("owner", "owned by", "system owner", "responsible", "accountable", "product owner", "contact"))
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a file would bring by a sketch, before anything is written."""

    rows: int
    unnamed: int
    doubled: int
    unplaced: int
    units: int
    phases: tuple[tuple[str, int], ...]
    owner_column: str
    unowned: int
    recognised: int
    columns: int


def glanced(table: Table, sketch: Sketch) -> Glance:
    """Names, units, phases and owners as the sketch reads them; an owner is only looked for, never taken over."""
    at = {role: number for number, role in enumerate(sketch.roles) if role in ONCE}
    said = [[cell.strip() for cell in row.cells] for row in table.rows]
    names = Counter(fold(row[at["system"]]) for row in said) if "system" in at else Counter({"": len(said)})
    units = Counter(row[at["unit1"]] for row in said) if "unit1" in at else Counter({"": len(said)})
    owner = next(
        (number for number, head in enumerate(table.header) if head.replace("_", " ").strip().lower() in _OWNERS), None
    )
    return Glance(
        rows=len(said), unnamed=names[""], doubled=sum(1 for name, number in names.items() if name and number > 1),
        unplaced=0 if sketch.within else units[""], units=sum(1 for unit in units if unit),
        phases=_phases(said, at.get("value:phase"), sketch),
        owner_column="" if owner is None else table.header[owner],
        unowned=len(said) if owner is None else sum(1 for row in said if not row[owner]),
        recognised=sum(1 for role in sketch.roles if role), columns=len(table.header),
    )  # fmt: skip


def _phases(said: list[list[str]], column: int | None, sketch: Sketch) -> tuple[tuple[str, int], ...]:
    """How many rows are in which phase; the word for what is not read comes with the others."""
    if column is None:
        return (("not_stated", len(said)),)
    chosen = {fold(text): word for (at, text), word in sketch.meanings.items() if at == column}
    found: Counter[str] = Counter()
    for row in said:
        written = row[column]
        word = chosen[fold(written)] if fold(written) in chosen else meant("phase", written)
        found[(word or OTHERWISE["phase"]) if written else BLANK["phase"]] += 1
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))
