"""Named reads of the inventory."""

from __future__ import annotations

from django.db.models import Model, Prefetch, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Role
from governance.lifecycle import Offer
from inventory.lifecycle import RELEASE, SYSTEM, ReleaseFacts
from inventory.models import Assignment, Document, Release, System, Unit
from inventory.services.systems import system_facts


def systems_for_lists() -> QuerySet[System]:
    """Systems with their unit and current owner, in three statements however many."""
    owner = Assignment.objects.current().filter(role=Role.OWNER).select_related("person")
    return System.objects.select_related("unit").prefetch_related(Prefetch("assignments", owner, to_attr="owners"))


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
    return Document.objects.select_related("system").prefetch_related("revisions__author")


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
