"""What the trends are counted from, read in a number of statements that does not depend on how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from governance.access import rights
from governance.inputs import Checks
from governance.policy.sections import Incidents
from incidents.causes import TITLES
from incidents.models import ActionItem, ContributingFactor, Foresight, Incident, RegulatorClock
from incidents.queries import rules_of_incidents
from incidents.trends.figures import Cause, Duty, Read, Story, Table, Task, Titles, tables
from inventory.models import Unit, UnitClosure
from inventory.queries import units_around

PERIODS = {"3": "The last 3 months", "12": "The last 12 months", "36": "The last 36 months", "all": "Always"}
USUAL = "12"
PARAMETERS = frozenset({"period", "unit", "type", "severity"})
# What was no incident, or is told elsewhere.
_LEFT_OUT = (Incident.State.DISMISSED, Incident.State.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents are asked for."""

    period: str
    unit: Unit | None
    type: str
    severity: str

    def since(self, at: datetime) -> datetime | None:
        """The first instant of the period: that of a month, so that months are compared whole; None for always."""
        if self.period == "all":
            return None
        month = at.year * 12 + at.month - int(self.period)
        return at.replace(year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Trends:
    """The tables, with what can be asked for and what was."""

    at: datetime
    wanted: Wanted
    units: tuple[Unit, ...]
    titles: Titles
    total: int
    left_out: int
    tables: tuple[Table, ...]

    def words(self) -> list[str]:
        """What was asked for, in words."""
        wanted = self.wanted
        return [
            PERIODS[wanted.period],
            wanted.unit.name if wanted.unit else "all units the reader may see",
            self.titles.types.get(wanted.type, "every type"),
            self.titles.severities.get(wanted.severity, "every severity"),
        ]


def trends_for(person: Any, asked: Mapping[str, str], at: datetime) -> Trends:
    """The trends over what a person may see. Raises InvalidInput for words that are none of the choices."""
    sight = rights.Sight(person)
    units, titles = tuple(units_around(sight)), _titles(rules_of_incidents())
    wanted = _wanted(asked, units, titles)
    read = _read(sight, wanted, at)
    return Trends(
        at, wanted, units, titles, len(read.stories), read.left_out, tables(read, titles, at, wanted.since(at))
    )


def _titles(rules: Incidents | None) -> Titles:
    if rules is None:
        return Titles()
    return Titles({one.id: one.title for one in rules.types}, {one.id: one.title for one in rules.severities})


def _wanted(asked: Mapping[str, str], units: tuple[Unit, ...], titles: Titles) -> Wanted:
    checks = Checks()
    said = {name: asked.get(name, "") for name in PARAMETERS}
    for name, choices in (("period", PERIODS), ("type", titles.types), ("severity", titles.severities)):
        if said[name]:
            checks.choice(name, said[name], list(choices))
    unit = next((one for one in units if one.slug == said["unit"]), None)
    if said["unit"] and unit is None:
        checks.refuse("unit", "No unit you may see has this slug.")
    checks.done()
    return Wanted(said["period"] or USUAL, unit, said["type"], said["severity"])


def chosen(sight: rights.Sight, wanted: Wanted, at: datetime) -> QuerySet[Incident]:
    """The incidents asked for, among those in sight."""
    rows = sight.rows(Incident.objects.all())
    narrowed = Q()
    if (since := wanted.since(at)) is not None:
        narrowed &= Q(aware_at__gte=since)
    if wanted.unit is not None:
        below = UnitClosure.objects.filter(ancestor=wanted.unit).values("descendant")
        narrowed &= Q(system__unit__in=below)
    if wanted.type:
        narrowed &= Q(type=wanted.type)
    if wanted.severity:
        narrowed &= Q(severity=wanted.severity)
    return rows.filter(narrowed)


_STORY = (
    "pk", "title", "system__name", "system__unit__name", "type", "severity", "state", "aware_at", "occurred_at",
    "contained_at", "resolved_at",
)  # fmt: skip


def _read(sight: rights.Sight, wanted: Wanted, at: datetime) -> Read:
    found = [Story(*row) for row in chosen(sight, wanted, at).order_by("aware_at", "pk").values_list(*_STORY)]
    stories = tuple(story for story in found if story.state not in _LEFT_OUT)
    names = {story.pk: f"INC-{story.pk} {story.title}" for story in stories}
    keys = chosen(sight, wanted, at).exclude(state__in=_LEFT_OUT).order_by().values("pk")
    tasks = ActionItem.objects.filter(incident__in=keys).order_by("due", "pk")
    owed = RegulatorClock.objects.filter(incident__in=keys, binding=True).order_by("deadline", "pk")
    named = ContributingFactor.objects.filter(incident__in=keys, taken_back_at=None).exclude(factor="")
    said = Foresight.objects.filter(incident__in=keys, taken_back_at=None).order_by("pk")
    return Read(
        stories,
        tuple(
            Task(names.get(key, ""), text, owner, due, done)
            for key, text, owner, due, done in tasks.values_list("incident_id", "text", "owner__name", "due", "done_at")
        ),
        tuple(
            Duty(names.get(key, ""), title, deadline, reported, dropped)
            for key, title, deadline, reported, dropped in owed.values_list(
                "incident_id", "title", "deadline", "reported_at", "dropped_at"
            )
        ),
        len(found) - len(stories),
        tuple(
            Cause(TITLES.get(word, word), key, system, aware)
            for word, key, system, aware in named.values_list(
                "factor", "incident_id", "incident__system__name", "incident__aware_at"
            )
        ),
        {
            key: (foreseen, risk is not None)
            for key, foreseen, risk in said.values_list("incident_id", "foreseen", "risk_id")
        },
    )
