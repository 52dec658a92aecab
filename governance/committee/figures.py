"""The figures a risk committee asks for, over the systems one person may see, as they stand at one instant.

A system is counted by its approval, not by the gate: an approval in force may still be closed by a hold, an incident or
an overdue duty, which have lines of their own. Retired systems are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from governance.changes.models import Change, FollowUp
from governance.committee.ending import endings
from governance.engagements.models import AuditFinding, Covered, Engagement
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import PackDocument
from governance.validation.certifications import amiss
from governance.validation.models import Condition, Finding, Hold, Review, Submission, Waiver
from governance.validation.overdue import late
from governance.validation.queries import unsettled
from incidents.models import ActionItem, Incident, RegulatorClock
from inventory.models import Artifact, Assignment, Dependency, Release, Risk, System

SOON, AHEAD = timedelta(days=30), timedelta(days=90)
LISTED, VENDORS = 60, 15
NO_TIER = "none"
STANDINGS = {
    "approved": "Approved", "ending": "Ends within 90 days", "ended": "Approval ended", "in_review": "In review",
    "none": "Never approved",
}  # fmt: skip
AGES = ((30, "up to 30 days"), (90, "31 to 90 days"), (180, "91 to 180 days"))
OLDEST = "over 180 days"
UNSETTLED = (Finding.State.OPEN, Finding.State.ANSWERED)
OPEN_INCIDENTS = (Incident.State.REPORTED, Incident.State.TRIAGED, Incident.State.CONTAINED)


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts in rows and columns, each row with its sum."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]

    @property
    def total(self) -> int:
        """Everything counted."""
        return sum(number for _, _, number in self.rows)


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many of one kind are past their day, and since when the oldest."""

    what: str
    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One line about one system: an exception, a hold, or something that ends soon."""

    system: str
    href: str
    what: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The first lines of a list, and how many there are in all."""

    lines: tuple[Standing, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Vendor:
    """A supplier, and how many systems need it; `share` is per cent of all systems counted."""

    name: str
    systems: int
    share: int


@dataclass(frozen=True, slots=True)
class Said:
    """Where an open incident stands, in one sentence, as somebody said it."""

    incident: str
    href: str
    sentence: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the pack says."""

    at: datetime
    policy: str
    inventory: Grid
    ageing: Grid
    overdue: tuple[Overdue, ...]
    exceptions: Listed
    closing: Listed
    vendors: tuple[Vendor, ...]
    incidents: tuple[tuple[str, int], ...]
    said: tuple[Said, ...]


def figures(systems: QuerySet[System], at: datetime) -> Figures:
    """The figures over these systems. The number of statements does not depend on how many there are."""
    pack = pack_in_force()
    document = rules(pack).document if pack else None
    running = systems.exclude(phase=System.Phase.RETIRED)
    keys = running.order_by().values("pk")
    inventory = inventory_grid(running, document, at)
    return Figures(
        at=at,
        policy=f"{pack.name} {pack.version}" if pack else "none",
        inventory=inventory,
        ageing=_ageing(keys, document, at),
        overdue=tuple(each for each in _overdue(running, keys, at) if each.number),
        exceptions=_exceptions(keys, at),
        closing=_closing(keys, document, at),
        vendors=_vendors(running, keys, inventory.total),
        incidents=_incidents(keys, document),
        said=_said(keys),
    )


def inventory_grid(systems: QuerySet[System], document: PackDocument | None, at: datetime) -> Grid:
    """Systems by tier and by where their approval stands."""
    ends = Submission.objects.filter(
        release__system=OuterRef("pk"), release__state=Release.State.APPROVED, state=Submission.State.APPROVED
    ).order_by("-valid_until")
    reviewing = Release.objects.filter(system=OuterRef("pk"), state=Release.State.IN_REVIEW)
    counted = (
        systems.annotate(until=Subquery(ends.values("valid_until")[:1]))
        .annotate(
            standing=Case(
                When(until__gt=at + AHEAD, then=Value("approved")),
                When(until__gt=at, then=Value("ending")),
                When(Exists(reviewing), then=Value("in_review")),
                When(until__isnull=False, then=Value("ended")),
                default=Value("none"),
                output_field=CharField(),
            )
        )
        .order_by()
        .values_list("tier", "standing")
        .annotate(number=Count("pk"))
    )
    titles = {tier.id: tier.title for tier in document.tiers.order} if document else {}
    return _grid(counted, titles, "Not tiered", STANDINGS)


def _ageing(keys: QuerySet[Any], document: PackDocument | None, at: datetime) -> Grid:
    """Findings of reviews and of audits that are not settled, by severity and by how long they have been open."""
    reviews = Finding.objects.filter(unsettled(at), release__system__in=keys)
    audits = AuditFinding.objects.filter(system__in=keys, state__in=UNSETTLED)
    counted: dict[tuple[str, str], int] = defaultdict(int)
    found = (rows.order_by().values_list("severity", "raised_at") for rows in (reviews, audits))
    for severity, raised in chain.from_iterable(found):
        days = (at - raised).days
        counted[severity, next((words for most, words in AGES if days <= most), OLDEST)] += 1
    titles = {each.id: each.title for each in document.findings.severities} if document and document.findings else {}
    columns = {words: words for _, words in AGES} | {OLDEST: OLDEST}
    return _grid(((*names, number) for names, number in counted.items()), titles, "Other", columns)


def _grid(
    counted: Iterable[tuple[str, str, int]], rows: dict[str, str], otherwise: str, columns: dict[str, str]
) -> Grid:
    """Counts as a table in the order of the titles; what the policy does not know comes last, if there is any."""
    cells: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row, column, number in counted:
        cells[row if row in rows else NO_TIER][column] += number
    shown = [*rows.items(), *([(NO_TIER, otherwise)] if NO_TIER in cells else [])]
    lines = [(title, tuple(cells[key][column] for column in columns)) for key, title in shown]
    return Grid(tuple(columns.values()), tuple((title, numbers, sum(numbers)) for title, numbers in lines))


def _overdue(systems: QuerySet[System], keys: QuerySet[Any], at: datetime) -> Iterable[Overdue]:
    """What should have been done by now."""
    owners = Assignment.objects.filter(
        Q(until=None) | Q(until__gt=at), system=OuterRef("pk"), role="owner", person__closed_at=None
    )
    yield Overdue("Systems without an owner", systems.exclude(Exists(owners)).count(), None)
    findings = Finding.objects.filter(release__system__in=keys, state__in=UNSETTLED)
    accepted = Finding.objects.filter(release__system__in=keys, state=Finding.State.ACCEPTED)
    conditions = Condition.objects.filter(
        submission__release__system__in=keys, submission__state=Submission.State.APPROVED
    )
    changes = Change.objects.filter(system__in=keys)
    verifying = changes.filter(state=Change.State.IMPLEMENTED)
    ratifying = changes.filter(ratification=Change.Ratification.DUE)
    actions = ActionItem.objects.filter(incident__system__in=keys, done_at=None)
    owed = RegulatorClock.objects.filter(incident__system__in=keys, reported_at=None, dropped_at=None)
    risks = Risk.objects.filter(system__in=keys).exclude(state=Risk.State.CLOSED)
    for what, rows, field in (
        ("Findings past their due date", findings, "due"),
        ("Findings whose risk is accepted no longer", accepted, "accepted_until"),
        ("Conditions past their due date", conditions.exclude(state=Condition.State.MET), "due"),
        ("Changes carried out and not verified in time", verifying, "verify_due"),
        ("Emergency changes not approved in time", ratifying, "ratify_due"),
        ("Follow-up work past its day", FollowUp.objects.filter(system__in=keys, state=FollowUp.State.OPEN), "due"),
        ("Action items of incidents past their day", actions, "due"),
        ("Reports to authorities past their deadline", owed, "deadline"),
        ("Treatments of risks past their day", risks.filter(state=Risk.State.TREATED), "due"),
        ("Risks not looked at again in time", risks, "review_at"),
        (
            "Findings of audits past their due date",
            AuditFinding.objects.filter(system__in=keys, state__in=UNSETTLED),
            "due",
        ),
    ):
        yield _late(what, rows.filter(**{f"{field}__lt": at}), field)
    stages = Review.objects.filter(late(), submission__release__system__in=keys)
    yield _late("Stages open longer than the policy allows", stages, "opened_at")
    records = (
        amiss()
        .filter(system__in=keys)
        .order_by()
        .aggregate(number=Count("pk"), oldest=Min(Coalesce("decided_at", "campaign__due")))
    )
    yield Overdue("Records said to be wrong, or not certified in time", records["number"], records["oldest"])
    audits = Engagement.objects.filter(
        Exists(Covered.objects.filter(engagement=OuterRef("pk"), system__in=keys)), ends_at__lt=at,
        state__in=(Engagement.State.PLANNED, Engagement.State.RUNNING),
    ).aggregate(number=Count("pk"), oldest=Min("ends_at"))  # fmt: skip
    yield Overdue("Audits past their planned end", audits["number"], audits["oldest"])


def _late(what: str, rows: QuerySet[Any], field: str) -> Overdue:
    told = rows.order_by().aggregate(number=Count("pk"), oldest=Min(field))
    return Overdue(what, told["number"], told["oldest"])


def _exceptions(keys: QuerySet[Any], at: datetime) -> Listed:
    """Exceptions in force, the one that ends first at the top, then what is held."""
    waivers = Waiver.objects.filter(system__in=keys, state=Waiver.State.GRANTED, until__gt=at).order_by("until", "pk")
    holds = Hold.objects.filter(system__in=keys, state=Hold.State.PLACED).order_by("placed_at", "pk")
    granted, waiving = _first(waivers.select_related("system"))
    placed, holding = _first(holds.select_related("system"))
    lines = [
        _standing(waiver.system, f"Exception: {waiver.title} ({waiver.environment or 'everywhere'})", waiver.until)
        for waiver in granted
    ]
    lines += [_standing(hold.system, f"Hold: {hold.reason}", None) for hold in placed]
    return Listed(tuple(lines), waiving + holding)


def _first(rows: QuerySet[Any]) -> tuple[list[Any], int]:
    """As many as are listed, and how many there are: counted only where that is not all of them."""
    found = list(rows[:LISTED])
    return found, len(found) if len(found) < LISTED else rows.count()


def _closing(keys: QuerySet[Any], document: PackDocument | None, at: datetime) -> Listed:
    """What ends within 90 days, soonest first."""
    found, number = [], 0
    for kind in endings(keys, document, at):
        rows, all_of_it = _first(kind.within(AHEAD))
        found += [_standing(kind.system(row), kind.told(row), row.ends) for row in rows]
        number += all_of_it
    return Listed(tuple(sorted(found, key=lambda each: (each.until or at, each.system))[:LISTED]), number)


def _standing(system: System, what: str, until: datetime | None) -> Standing:
    return Standing(system.name, reverse("inventory:system_detail", args=[system.slug]), what, until)


def _vendors(systems: QuerySet[System], keys: QuerySet[Any], total: int) -> tuple[Vendor, ...]:
    """Suppliers of systems, of the services in releases that count, and of what systems are built upon."""
    pairs = set(systems.exclude(vendor="").order_by().values_list("vendor", "pk"))
    living = (Release.State.APPROVED, Release.State.IN_REVIEW, Release.State.SUSPENDED)
    services = Artifact.objects.filter(release__system__in=keys, release__state__in=living).exclude(vendor="")
    pairs |= set(services.order_by().values_list("vendor", "release__system"))
    needs = Dependency.objects.filter(system__in=keys, ended_at=None, on_asset__isnull=False)
    pairs |= set(needs.exclude(on_asset__vendor="").order_by().values_list("on_asset__vendor", "system"))
    needing: dict[str, set[int]] = defaultdict(set)
    written: dict[str, str] = {}
    for vendor, key in sorted(pairs):
        folded = " ".join(vendor.casefold().split())
        needing[folded].add(key)
        written.setdefault(folded, " ".join(vendor.split()))
    counted = sorted(
        ((len(keys), written[folded]) for folded, keys in needing.items()), key=lambda each: (-each[0], each[1])
    )
    return tuple(Vendor(name, number, round(100 * number / total)) for number, name in counted[:VENDORS])


def _said(keys: QuerySet[Any]) -> tuple[Said, ...]:
    """Where open incidents stand, the newest word first."""
    found = Incident.objects.filter(system__in=keys, state__in=OPEN_INCIDENTS).exclude(status_line="")
    return tuple(
        Said(
            str(each), reverse("incidents:incident_detail", args=[each.pk]), each.status_line,
            each.status_at or each.reported_at, str(each.status_by),
        )
        for each in found.select_related("status_by").order_by("-status_at")[:LISTED]
    )  # fmt: skip


def _incidents(keys: QuerySet[Any], document: PackDocument | None) -> tuple[tuple[str, int], ...]:
    """Open incidents by severity, in the policy's order."""
    found = Incident.objects.filter(system__in=keys, state__in=OPEN_INCIDENTS)
    counted: dict[str, int] = dict(found.order_by().values_list("severity").annotate(number=Count("pk")))
    known = document.incidents.severities if document and document.incidents else ()
    titles = {each.id: each.title for each in known}
    order = [*titles, *sorted(set(counted) - set(titles))]
    return tuple((titles.get(key) or "Not graded yet", counted[key]) for key in order if key in counted)
