"""Named reads of the inventory: each list states here what it selects, so that ten rows cost what two hundred do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Lower

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import PortalNow
from governance.lifecycle import Offer
from inventory.lifecycle import RELEASE, SYSTEM, ReleaseFacts
from inventory.models import (
    Artifact,
    Assignment,
    Document,
    DocumentRevision,
    Release,
    Sandbox,
    System,
    Unit,
    UnitClosure,
)
from inventory.services.systems import system_facts

RARE = 1000  # systems that have a word, at most, for it to be looked up first


def with_owners(systems: QuerySet[System]) -> QuerySet[System]:
    """The systems with their current owner, in one more statement however many."""
    owner = Assignment.objects.current().filter(role=Role.OWNER).select_related("person")
    return systems.prefetch_related(Prefetch("assignments", owner, to_attr="owners"))


def units() -> QuerySet[Unit]:
    """Units with the one they hang below."""
    return Unit.objects.select_related("parent")


def releases() -> QuerySet[Release]:
    """Releases with what their detail names."""
    return Release.objects.select_related(
        "system", "predecessor", "rollback_target", "created_by", "suspended_by"
    ).prefetch_related("artifacts")


def documents() -> QuerySet[Document]:
    """Documents with their revisions, newest first."""
    return Document.objects.select_related("system", "successor").prefetch_related("revisions__author")


def sandboxes() -> QuerySet[Sandbox]:
    """Sandboxes with whose they are, without their files; whoever may import sees all of them."""
    return Sandbox.objects.select_related("person").defer("content")


def current_assignments(system: System) -> QuerySet[Assignment]:
    """Who holds which role on the system itself now."""
    return Assignment.objects.current().filter(system=system).select_related("person", "assigned_by", "system", "unit")


def system_offers(system: System, person: User) -> tuple[Offer, ...]:
    """Every verb the person could press on the system, with what blocks it."""
    return SYSTEM.offered(system.phase, allowed=_allowed(person, system), facts=system_facts(system))


def release_offers(release: Release, person: User) -> tuple[Offer, ...]:
    """Every verb the person could press on the release, as far as the inventory knows."""
    facts = ReleaseFacts(actor_id=person.pk, suspended_by_id=release.suspended_by_id)
    return RELEASE.offered(release.state, allowed=_allowed(person, release), facts=facts)


def _allowed(person: User, obj: Model) -> frozenset[str]:
    return frozenset(rights.permissions_of(person, obj))


def system_rows() -> QuerySet[System]:
    """Systems with unit, owner now and latest release, as the list and the export show them."""
    owner = Assignment.objects.current().filter(system=OuterRef("pk"), role=Role.OWNER)
    release = Release.objects.filter(system=OuterRef("pk")).exclude(state=Release.State.DISCARDED)
    newest = release.order_by("-created_at", "-id")
    return (
        System.objects.select_related("unit")
        .defer("search", "answers", "regimes", "responsibilities", "links")
        .annotate(
            lower_name=Lower("name"),
            owner_name=Subquery(owner.values("person__name")[:1]),
            release_version=Subquery(newest.values("version")[:1]),
            release_state=Subquery(newest.values("state")[:1]),
        )
    )


def narrow_systems(systems: QuerySet[System], wanted: Mapping[str, Any]) -> QuerySet[System]:
    """The systems that fit the declared filters of the list."""
    for name in ("phase", "tier", "impact", "origin"):
        if value := wanted.get(name):
            systems = systems.filter(**{name: "" if value == "none" else value})
    if regime := wanted.get("regime"):
        systems = systems.filter(regimes__contains=[{"regime": regime, "scope": "in"}])
    if unit := wanted.get("unit"):
        systems = systems.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
    if state := wanted.get("state"):
        systems = systems.filter(Q(release_state=state))
    if owner := wanted.get("owner"):
        owned = Assignment.objects.current().filter(role=Role.OWNER, system__isnull=False)
        if owner == "none":
            systems = systems.exclude(pk__in=owned.values("system"))
        else:
            systems = systems.filter(pk__in=owned.filter(person__username__iexact=owner).values("system"))
    if text := wanted.get("q"):
        systems = searched(systems, text)
    return systems


def searched(systems: QuerySet[System], text: str) -> QuerySet[System]:
    """The systems whose words fit, by whole words and by their beginnings.

    Rare words are looked up first, so that their index answers; the few rows found are then judged one by one. Words
    that many systems have are left to the list's own order, which meets them soon.
    """
    query = SearchQuery(text, config="english", search_type="websearch")
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    if words:
        beginnings = " & ".join(f"{word}:*" for word in words)
        query = query | SearchQuery(beginnings, config="english", search_type="raw")
    found = list(System.objects.filter(search=query).order_by().values_list("pk", flat=True)[: RARE + 1])
    return systems.filter(pk__in=found) if len(found) <= RARE else systems.filter(search=query)


def system_pages() -> QuerySet[System]:
    """One system with what its page needs beside its own row."""
    return System.objects.select_related("unit").defer("search").prefetch_related("external_ids")


def path_of(unit: Unit) -> list[Unit]:
    """The unit and everything above it, from the top."""
    above = UnitClosure.objects.filter(descendant=unit).values("ancestor")
    units = {each.pk: each for each in Unit.objects.filter(pk__in=above)}
    path: list[Unit] = []
    here = units.get(unit.pk)
    while here is not None:
        path.insert(0, here)
        here = units.get(here.parent_id) if here.parent_id else None
    return path


def people_of(system: System) -> QuerySet[Assignment]:
    """Everybody who has a role on the system now, directly or through a unit above it."""
    units = UnitClosure.objects.filter(descendant=system.unit_id).values("ancestor")
    return (
        Assignment.objects.current()
        .filter(Q(system=system) | Q(unit__in=units))
        .select_related("person", "unit", "assigned_by", "delegated_from__person")
        .order_by("role", "system", "since", "id")
    )


def people_now(system: System) -> list[Assignment]:
    """The same, asked once for each system read: several answers of its page are made of it."""
    found: list[Assignment] | None = system.__dict__.get("_people_now")
    if found is None:
        found = system.__dict__["_people_now"] = list(people_of(system))
    return found


def past_people_of(system: System) -> QuerySet[Assignment]:
    """Direct roles that have ended, the latest first."""
    return (
        Assignment.objects.filter(system=system, until__lte=PortalNow())
        .select_related("person", "assigned_by", "ended_by")
        .order_by("-until", "-id")
    )


def releases_of(system: System) -> QuerySet[Release]:
    """The releases of a system, newest first."""
    return Release.objects.filter(system=system).select_related("created_by").order_by("-created_at", "-id")


def release_pages() -> QuerySet[Release]:
    """One release with what its page needs."""
    return Release.objects.select_related(
        "system", "system__unit", "created_by", "predecessor", "rollback_target", "suspended_by"
    ).prefetch_related(Prefetch("artifacts", Artifact.objects.order_by(Lower("name"), "id")))


def last_approved_before(release: Release) -> Release | None:
    """The release of the same system that was approved last, other than this one."""
    usable = (Release.State.APPROVED, Release.State.SUSPENDED, Release.State.RETIRED)
    return (
        Release.objects.filter(system=release.system_id, state__in=usable, created_at__lt=release.created_at)
        .order_by("-created_at", "-id")
        .prefetch_related("artifacts")
        .first()
    )


@dataclass(frozen=True, slots=True)
class ArtifactDifference:
    """How one line of the bill of materials differs: `before` or `after` is None when it was added or removed."""

    name: str
    before: Artifact | None
    after: Artifact | None

    @property
    def kind(self) -> str:
        """added, removed, changed or same."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "same" if self.before.sha256 == self.after.sha256 else "changed"


def difference(before: Release, after: Release) -> list[ArtifactDifference]:
    """Line by line, by name, what the later release changes."""
    old = {artifact.name: artifact for artifact in before.artifacts.all()}
    new = {artifact.name: artifact for artifact in after.artifacts.all()}
    return [ArtifactDifference(name, old.get(name), new.get(name)) for name in sorted({*old, *new}, key=str.lower)]


def documents_of(system: System) -> QuerySet[Document]:
    """The documents of a system with the newest revision's number, time and author."""
    newest = DocumentRevision.objects.filter(document=OuterRef("pk")).order_by("-number")
    return Document.objects.filter(system=system).annotate(
        number=Subquery(newest.values("number")[:1]),
        saved_at=Subquery(newest.values("created_at")[:1]),
        author_name=Subquery(newest.values("author__name")[:1]),
    )


def revisions_of(document: Document) -> QuerySet[DocumentRevision]:
    """The revisions of a document, newest first."""
    return document.revisions.select_related("author").order_by("-number")


def datasets_of(release: Release) -> QuerySet[Artifact]:
    """The data a release says it comes with."""
    return release.artifacts.filter(kind=Artifact.Kind.DATASET).order_by("name")


def unit_choices() -> QuerySet[Unit]:
    """All units by name, for choosing one."""
    return Unit.objects.select_related("parent").order_by(Lower("name"), "id")


def units_around(sight: rights.Sight) -> QuerySet[Unit]:
    """The units some system in sight belongs to, with every unit above them."""
    holding = UnitClosure.objects.filter(rights.among("descendant", sight.units().values("pk"))).values("ancestor")
    return unit_choices().filter(rights.among("pk", holding))


def started_by(person: Any) -> QuerySet[Release]:
    """Releases a person described that are on their way: drafts and those in review."""
    return (
        Release.objects.filter(created_by=person, state__in=[Release.State.DRAFT, Release.State.IN_REVIEW])
        .select_related("system")
        .order_by("-updated_at")
    )


def tier_phase_counts(systems: QuerySet[System]) -> list[dict[str, Any]]:
    """How many systems of each tier are in each phase."""
    from_rows = systems.order_by().values("tier", "phase")
    return [dict(row) for row in from_rows.annotate(number=Count("pk"))]


def owned_without_tier(person: Any) -> QuerySet[System]:
    """Systems a person owns whose questionnaire nobody has answered."""
    owned = Assignment.objects.current().filter(role=Role.OWNER, person=person, system__isnull=False)
    return System.objects.filter(pk__in=owned.values("system"), tier="").exclude(phase=System.Phase.RETIRED)


def systems_per_unit(systems: QuerySet[System]) -> dict[int, int]:
    """How many of these systems each unit holds itself."""
    return dict(systems.order_by().values_list("unit").annotate(number=Count("pk")))


def people_named_in(text: str) -> tuple[str, ...]:
    """Names of people with an account that a text holds. A name of one word may be any word: only longer ones count."""
    said = Value(" ".join(text.split()), output_field=TextField())
    people = User.objects.annotate(said=said).filter(name__contains=" ", said__icontains=F("name"))
    return tuple(people.values_list("name", flat=True))
