"""Named reads of lent roles: what a person may lend, what they lent and were lent, and for how long the policy lets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.access.models import User
from governance.access.roles import ROLE_PERMISSIONS
from governance.access.vocabulary import DELEGABLE_ROLES
from governance.database.clock import PortalNow
from governance.policy.queries import pack_in_force, rules
from inventory.models import Assignment, Standing

_WITH = ("person", "system", "unit", "delegated_from__person", "assigned_by", "ended_by")


@dataclass(frozen=True, slots=True)
class Lent:
    """A right a person holds only because somebody lent the role it comes from."""

    delegation: int
    delegator: int


def longest() -> timedelta | None:
    """For how long a role may be lent under the pack in force; None: not at all."""
    pack = pack_in_force()
    cover = rules(pack).document.cover if pack is not None else None
    days = cover.delegation_days if cover is not None else None
    return None if days is None else timedelta(days=days)


def delegations() -> QuerySet[Assignment]:
    """Every delegation there is or was, with the people, the place, and whether it gives its right now."""
    runs = Exists(Standing.objects.filter(assignment=OuterRef("pk")))
    return Assignment.objects.filter(delegated_from__isnull=False).select_related(*_WITH).annotate(runs=runs)


def lendable(person: User) -> QuerySet[Assignment]:
    """The roles this person holds in their own right now and may lend."""
    held = Assignment.objects.current().filter(person=person, delegated_from=None, role__in=sorted(DELEGABLE_ROLES))
    return held.select_related("person", "system", "unit").order_by("role", "id")


def unended(person: User) -> QuerySet[Assignment]:
    """Delegations from and to this person that run or will."""
    mine = Q(person=person) | Q(delegated_from__person=person)
    return delegations().filter(Q(until__gt=PortalNow()), mine).order_by("since", "id")


def ended(person: User, most: int) -> list[Assignment]:
    """Delegations from and to this person that are over, the latest first."""
    mine = Q(person=person) | Q(delegated_from__person=person)
    return list(delegations().filter(mine, until__lte=PortalNow()).order_by("-until", "-id")[:most])


def grounds(person: User, permission: str, system: int, unit: int) -> list[Assignment]:
    """The assignments this person holds a right on a system by now, those of their own first."""
    here = Standing.objects.filter(
        Q(system=system) | Q(unit=unit), person=person, role__in=_roles_with(permission)
    ).values("assignment")
    found = Assignment.objects.filter(pk__in=here).select_related("delegated_from__person")
    return sorted(found, key=lambda each: (each.delegated_from_id is not None, each.pk))


def lenders(person: User, permissions: Iterable[str], system: int, unit: int) -> dict[str, frozenset[int]]:
    """For each of these rights a person holds on a system only because it was lent: who lent it."""
    here = Standing.objects.filter(Q(system=system) | Q(unit=unit), person=person)
    rows = list(here.values_list("role", "delegated_from__person_id"))
    found = {}
    for permission in permissions:
        roles = _roles_with(permission)
        whom = {delegator for role, delegator in rows if role in roles}
        if whom and None not in whom:
            found[permission] = frozenset(each for each in whom if each is not None)
    return found


def only_lent(permission: str, system: int, unit: int) -> dict[int, int]:
    """Who holds a right on a system only because it was lent to them → who lent it (the first, of several)."""
    here = Standing.objects.filter(Q(system=system) | Q(unit=unit), role__in=_roles_with(permission))
    rows = list(here.values_list("person_id", "delegated_from__person_id").order_by("assignment_id"))
    own = {person for person, delegator in rows if delegator is None}
    found: dict[int, int] = {}
    for person, delegator in rows:
        if person not in own and delegator is not None:
            found.setdefault(person, delegator)
    return found


def _roles_with(permission: str) -> list[str]:
    return [role for role, words in ROLE_PERMISSIONS.items() if permission in words]


def latest(since: datetime, source: Assignment, most: timedelta) -> datetime:
    """The last instant a delegation that begins then may end."""
    return min(since + most, source.until) if source.until is not None else since + most
