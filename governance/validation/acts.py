"""The report of independence: what people did to releases, and which of it stands against independence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from governance.validation.independence import Violation, violations
from governance.validation.models import Act
from inventory.exports import csv_lines

Places = Mapping[tuple[str, int], list[Violation]]
HEADER = ("When", "System", "Release", "Person", "User name", "Act", "What", "Stands against independence")


def acts() -> QuerySet[Act]:
    """Every act with its system, release and person."""
    return Act.objects.select_related("system", "release", "person")


def narrowed(rows: QuerySet[Act], wanted: Mapping[str, Any]) -> QuerySet[Act]:
    """By slug of the system, version of the release, user name and kind of act; an empty value narrows nothing."""
    fields = {"system": "system__slug", "release": "release__version", "person": "person__username__iexact",
              "kind": "kind"}  # fmt: skip
    return rows.filter(**{field: wanted[name] for name, field in fields.items() if wanted.get(name)})


def violated() -> tuple[list[Violation], Places]:
    """Every violation on record, and the same by the row of the act."""
    found = violations()
    places: dict[tuple[str, int], list[Violation]] = {}
    for violation in found:
        places.setdefault((violation.table, violation.key), []).append(violation)
    return found, places


def told(rows: Iterable[Act], places: Places) -> Iterator[tuple[Act, list[Violation]]]:
    """Each act with what it violates: the rules that judge what its person did, in that row."""
    for act in rows:
        here = places.get((act.table_name, act.key), ())
        yield act, [each for each in here if each.person_id == act.person_id]


def narrowed_violations(found: Iterable[Violation], wanted: Mapping[str, Any]) -> list[Violation]:
    """By slug of the system, version of the release and user name, as the acts are; an empty value narrows nothing."""
    system, release, person = (wanted.get(name) or "" for name in ("system", "release", "person"))
    return [
        each
        for each in found
        if system in ("", each.system)
        and release in ("", each.release)
        and person.lower() in ("", each.username.lower())
    ]


def acts_csv(rows: QuerySet[Act], wanted: Mapping[str, Any]) -> Iterator[str]:
    """The report as a file, piece by piece: the acts that were asked for, then what violates and is no act."""
    return csv_lines(HEADER, _lines(rows, wanted))


def _lines(rows: QuerySet[Act], wanted: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    found, places = violated()
    listed: set[Violation] = set()
    for act, against in told(rows.iterator(), places):
        listed.update(against)
        yield _line(act, against)
    if not wanted.get("kind"):
        yield from (_line_of(each) for each in narrowed_violations(found, wanted) if each not in listed)


def _line(act: Act, against: list[Violation]) -> tuple[object, ...]:
    return (
        act.at, act.system.slug, act.release.version if act.release else "", act.person.name, act.person.username,
        act.get_kind_display(), act.what, "; ".join(f"{each.rule}: {each.sentence}" for each in against),
    )  # fmt: skip


def _line_of(violation: Violation) -> tuple[object, ...]:
    return (
        violation.at, violation.system, violation.release, violation.person, violation.username,
        "", f"{violation.table} {violation.key}", f"{violation.rule}: {violation.sentence}",
    )  # fmt: skip
