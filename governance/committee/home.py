"""The estate at a glance on the governance team's My work: approvals by tier, what ends, where work piles up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.changes.models import Change, FollowUp
from governance.committee.ending import Ending, endings
from governance.committee.figures import OPEN_INCIDENTS, Grid, inventory_grid
from governance.database.clock import portal_now
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import PackDocument
from governance.validation.models import Finding, Review, Waiver
from incidents.models import Incident
from inventory.models import System

WINDOWS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number with how much it stands out, from 0 to 4."""

    number: int
    heat: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of numbers."""

    title: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Pile:
    """Work of one kind that waits for somebody: how much, since when the oldest, and where it is done."""

    title: str
    number: int
    oldest: datetime | None
    href: str


def at_a_glance(request: HttpRequest) -> Mapping[str, Any] | None:
    """What the governance team, and others with a role over the whole organisation, see; None for anybody else."""
    person = request.user
    if not isinstance(person, User) or not person.groups.filter(name__in=[*OrganisationRole]).exists():
        return None
    now, pack = portal_now(), pack_in_force()
    document = rules(pack).document if pack else None
    grid = inventory_grid(_running(), document, now)
    return {
        "columns": grid.columns, "rows": heated(grid), "windows": WINDOWS, "ending": list(ending(document, now)),
        "piles": sorted(piles(), key=lambda pile: pile.oldest or now),
    }  # fmt: skip


def heated(grid: Grid) -> tuple[Row, ...]:
    """The table with the colour of each cell, deeper the more it holds."""
    most = max((number for _, numbers, _ in grid.rows for number in numbers), default=0)
    return tuple(
        Row(
            title,
            tuple(Cell(number, 1 + min(3, (4 * number - 1) // most) if number else 0) for number in numbers),
            total,
        )
        for title, numbers, total in grid.rows
    )


def ending(document: PackDocument | None, now: datetime) -> Iterable[tuple[str, tuple[int, ...]]]:
    """What closes gates by itself unless somebody acts, by kind, within 30, 60 and 90 days."""
    for kind in endings(_running().order_by().values("pk"), document, now):
        yield kind.title, _within(kind, now)


def _running() -> QuerySet[System]:
    return System.objects.exclude(phase=System.Phase.RETIRED)


def _within(kind: Ending, now: datetime) -> tuple[int, ...]:
    """How many of its instants lie within each window."""
    counts = kind.within(timedelta(days=max(WINDOWS))).aggregate(
        **{f"within_{days}": Count("pk", filter=Q(ends__lte=now + timedelta(days=days))) for days in WINDOWS}
    )
    return tuple(counts[f"within_{days}"] for days in WINDOWS)


def piles() -> Iterable[Pile]:
    """Where work waits, stage by stage and kind by kind."""
    stages = Review.objects.filter(state=Review.State.OPEN).order_by().values("title", "role")
    for stage in stages.annotate(number=Count("pk"), oldest=Min("opened_at")).order_by("title", "role"):
        yield Pile(stage["title"], stage["number"], stage["oldest"], reverse("validation:review_list"))
    kinds: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
        (
            "Findings to answer",
            Finding.objects.filter(state=Finding.State.OPEN),
            "raised_at",
            "validation:finding_list",
        ),
        (
            "Answers to verify",
            Finding.objects.filter(state=Finding.State.ANSWERED),
            "raised_at",
            "validation:finding_list",
        ),
        (
            "Exceptions to decide",
            Waiver.objects.filter(state=Waiver.State.REQUESTED),
            "requested_at",
            "validation:waiver_list",
        ),
        (
            "Changes to approve",
            Change.objects.filter(state=Change.State.IN_APPROVAL),
            "submitted_at",
            "changes:change_list",
        ),
        ("Follow-up work", FollowUp.objects.filter(state=FollowUp.State.OPEN), "opened_at", "changes:follow_up_list"),
        ("Incidents open", Incident.objects.filter(state__in=OPEN_INCIDENTS), "reported_at", "incidents:incident_list"),
    )
    for title, rows, field, address in kinds:
        found = rows.aggregate(number=Count("pk"), oldest=Min(field))
        if found["number"]:
            yield Pile(title, found["number"], found["oldest"], reverse(address))
