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


def acts_csv(rows: QuerySet[Act]) -> Iterator[str]:
    """The report as a file, piece by piece."""
    _, places = violated()
    return csv_lines(HEADER, (_line(act, against) for act, against in told(rows.iterator(), places)))


def _line(act: Act, against: list[Violation]) -> tuple[object, ...]:
    return (
        act.at, act.system.slug, act.release.version if act.release else "", act.person.name, act.person.username,
        act.get_kind_display(), act.what, "; ".join(f"{each.rule}: {each.sentence}" for each in against),
    )  # fmt: skip
