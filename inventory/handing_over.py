"""What the inventory knows of what somebody left: the systems they owned, and who keeps their gate open meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import PortalNow
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.web.handing_over import LEGACIES, Left, Legacy
from inventory.models import Assignment, Document, DocumentRevision, System, UnitClosure
from inventory.services.assignments import assign

MOST = 200
WRITTEN = "Whoever owns or develops the system names another contact in the document's next revision."


def left_without_owner() -> QuerySet[Assignment]:
    """The last ownership of each closed person on each living system nobody owns now."""
    owners = Assignment.objects.filter(system=OuterRef("system"), role=Role.OWNER)
    living = Assignment.objects.exclude(system__phase=System.Phase.RETIRED)
    return living.filter(
        ~Exists(owners.filter(Q(until=None) | Q(until__gt=PortalNow()))),
        ~Exists(owners.filter(until__gt=OuterRef("until"))),
        role=Role.OWNER, person__closed_at__isnull=False, until__gte=F("person__closed_at"),
    )  # fmt: skip


def systems_of(person: User) -> Iterable[Left]:
    """Systems this person owns, or owned last; with who stands in for the owner."""
    held = Q(until=None) | Q(until__gt=PortalNow()) | Q(pk__in=left_without_owner().values("pk"))
    owned = Assignment.objects.filter(held, role=Role.OWNER, person=person).select_related("system__unit")
    deputies = Assignment.objects.current().filter(role=Role.DEPUTY_OWNER).select_related("person")
    rows = owned.prefetch_related(Prefetch("system__assignments", deputies, to_attr="deputies"))
    pack = pack_in_force()
    access = rules(pack).document.access if pack is not None else None
    days = timedelta(days=access.deputy_days) if access is not None else timedelta()
    for row in rows.order_by("system__name", "pk")[:MOST]:
        assert row.system is not None  # noqa: S101  owners stand on systems
        yield Left(
            row.system.pk, row.system.name, reverse("inventory:system_detail", args=[row.system.slug]),
            _meanwhile(row, row.system, days),
        )  # fmt: skip


def _meanwhile(row: Assignment, system: System, days: timedelta) -> str:
    """Whether a deputy keeps the gate of the system open, and until when."""
    if row.until is None:
        return "Still theirs."
    deputies = list(system.deputies)  # type: ignore[attr-defined]
    if not deputies:
        above = UnitClosure.objects.filter(descendant=system.unit_id).values("ancestor")
        deputies = list(
            Assignment.objects.current().filter(role=Role.DEPUTY_OWNER, unit__in=above).select_related("person")[:1]
        )
    if not deputies or not days:
        return "Nobody stands in: its gate is closed until somebody owns it."
    return f"{deputies[0].person} keeps its gate open until {row.until + days:%-d %b %Y %H:%M} UTC."


def give_system(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Make somebody the owner."""
    system = System.objects.get(pk=key)
    return assign(actor=actor, person=successor, role=Role.OWNER, system=system, reason=reason, door=door)


def documents_of(person: User) -> Iterable[Left]:
    """Documents whose newest revision names this person as its contact."""
    newest = DocumentRevision.objects.filter(document=OuterRef("pk")).order_by("-number").values("contact")[:1]
    names = {each.casefold() for each in (person.name, person.username, person.email) if each}
    named = Document.objects.exclude(system__phase=System.Phase.RETIRED).annotate(named=Lower(Subquery(newest)))
    for each in named.filter(named__in=names).select_related("system").order_by("system__name", "pk")[:MOST]:
        page = reverse("inventory:document_detail", args=[each.system.slug, each.template])
        yield Left(each.pk, each.title, page, each.system.name)


def closed_with_systems() -> list[User]:
    """Closed people whose systems wait for an owner, for whoever hands over."""
    left = left_without_owner().values("person")
    return list(User.objects.filter(pk__in=left).order_by("closed_at", "pk")[:MOST])


def register() -> None:
    """Say what the inventory hands over; called once at start."""
    LEGACIES.register(Legacy("documents", "Documents that name them", documents_of, otherwise=WRITTEN, order=90))
    LEGACIES.register(Legacy("systems", "Systems they owned", systems_of, give_system, order=10))
