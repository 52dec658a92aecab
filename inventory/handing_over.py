"""What the inventory knows of what somebody left: the systems they owned, and who keeps their gate open meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.urls import reverse

from governance.access.models import Token, User
from governance.access.vocabulary import Role
from governance.database.clock import PortalNow
from governance.ledger.acting import Door
from governance.ledger.models import Event
from governance.policy.queries import pack_in_force, rules
from governance.web.handing_over import LEGACIES, Left, Legacy
from inventory.models import Assignment, Document, DocumentRevision, Risk, System, UnitClosure
from inventory.services.assignments import assign
from inventory.services.documents import hand_over_document
from inventory.services.risks import hand_over_risk

MOST = 200
ENDS_WITH_IT = "They end with the account. Whoever runs the pipeline next makes a token of their own."


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


def roles_of(person: User) -> Iterable[Left]:
    """Other roles this person holds, or held when the account closed where nobody was given them since."""
    since = Assignment.objects.filter(
        Q(until=None) | Q(until__gt=PortalNow()), role=OuterRef("role"), since__gte=OuterRef("until"),
        delegated_from=None,
    )  # fmt: skip
    given = Exists(since.filter(system=OuterRef("system"))) | Exists(since.filter(unit=OuterRef("unit")))
    held = Q(until=None) | Q(until__gt=PortalNow())
    if person.closed_at is not None:
        held |= Q(until__gte=person.closed_at, since__lt=person.closed_at) & ~given
    theirs = Assignment.objects.filter(held, person=person, delegated_from=None)
    duties = theirs.exclude(role__in=(Role.OWNER, Role.VIEWER)).exclude(system__phase=System.Phase.RETIRED)
    rows = duties.select_related("system", "unit")
    for row in rows.order_by("role", "pk")[:MOST]:
        place = row.system or row.unit
        page = reverse("inventory:system_detail", args=[row.system.slug]) if row.system else _unit_page(row)
        yield Left(row.pk, f"{row.get_role_display()} of {place}", page, "Still theirs." if row.until is None else "")


def _unit_page(row: Assignment) -> str:
    assert row.unit is not None  # noqa: S101  a role stands on a system or a unit
    return f"{reverse('inventory:system_list')}?unit={row.unit.slug}"


def give_role(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Give somebody the same role in the same place; who may hold it there is judged as it always is."""
    row = Assignment.objects.select_related("person", "system", "unit").get(pk=key, person=person)
    return assign(
        actor=actor, person=successor, role=row.role, system=row.system, unit=row.unit, until=_meant_until(row),
        reason=reason, door=door,
    )  # fmt: skip


def _meant_until(row: Assignment) -> datetime | None:
    """Until when a role was given before the closing of the account ended it: nobody inherits it for longer."""
    if row.person.closed_at is None or row.until is None or row.until < row.person.closed_at:
        return row.until
    ended = Event.objects.filter(table_name="inventory_assignment", key=str(row.pk), op=Event.Op.UPDATE)
    last = ended.order_by("-pk").first()
    before = (last.before or {}).get("until") if last else None
    return datetime.fromisoformat(before) if before else None


def risks_of(person: User) -> Iterable[Left]:
    """Open risks this person is to treat."""
    theirs = Risk.objects.filter(owner=person).exclude(state=Risk.State.CLOSED)
    for each in theirs.select_related("system").order_by("due", "pk")[:MOST]:
        due = f", due {each.due:%-d %b %Y}" if each.due else ""
        yield Left(each.pk, str(each), reverse("inventory:risk_detail", args=[each.pk]), f"{each.system.name}{due}")


def give_risk(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else treat it."""
    risk = Risk.objects.get(pk=key, owner=person)
    return hand_over_risk(actor=actor, risk=risk, owner=successor, reason=reason, door=door)


def documents_of(person: User) -> Iterable[Left]:
    """Documents about which this person is asked: named by the newest revision, or having taken over since."""
    newest = DocumentRevision.objects.filter(document=OuterRef("pk")).order_by("-number").values("contact")[:1]
    names = {each.casefold() for each in (person.name, person.username, person.email) if each}
    asked = Document.objects.exclude(system__phase=System.Phase.RETIRED).annotate(named=Lower(Subquery(newest)))
    theirs = asked.filter(Q(successor=person) | Q(successor=None, named__in=names))
    for each in theirs.select_related("system").order_by("system__name", "pk")[:MOST]:
        page = reverse("inventory:document_detail", args=[each.system.slug, each.template])
        yield Left(each.pk, each.title, page, each.system.name)


def give_document(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else asked about it; its revisions stay as they are."""
    document = Document.objects.get(pk=key)
    return hand_over_document(actor=actor, document=document, contact=successor, reason=reason, door=door)


def tokens_of(person: User) -> Iterable[Left]:
    """Running tokens this person made, or made for a machine of theirs."""
    running = Q(expiry=None) | Q(expiry__gt=PortalNow())
    theirs = Token.objects.filter(running, Q(minted_by=person) | Q(user__sponsor=person), revoked_at=None)
    for each in theirs.select_related("user").order_by("pk")[:MOST]:
        yield Left(each.pk, str(each.user), reverse("inventory:token_list"))


def closed_with_systems() -> list[User]:
    """Closed people whose systems wait for an owner, for whoever hands over."""
    left = left_without_owner().values("person")
    return list(User.objects.filter(pk__in=left).order_by("closed_at", "pk")[:MOST])


def register() -> None:
    """Say what the inventory hands over; called once at start."""
    LEGACIES.register(Legacy("systems", "Systems they owned", systems_of, give_system, order=10))
    LEGACIES.register(Legacy("roles", "Other roles they held", roles_of, give_role, order=15))
    LEGACIES.register(Legacy("risks", "Risks they treat", risks_of, give_risk, order=45))
    LEGACIES.register(Legacy("documents", "Documents that name them", documents_of, give_document, order=90))
    LEGACIES.register(Legacy("tokens", "Tokens they answer for", tokens_of, otherwise=ENDS_WITH_IT, order=95))
