"""Saving a list as one likes it, and dropping it again. Not governed: no row of the ledger says so."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.web.lists import LISTINGS, PASSING, listing
from inventory import queries
from inventory.models import SavedView, Unit

MOST = 50


def save_view(
    *, person: User, of: str, name: str, query: str, shared: str = SavedView.Shared.NOBODY, unit: Unit | None = None
) -> SavedView:
    """Keep the address of a list under a name; one's own view of that name is replaced.

    With a unit shares who sees something of it, with everybody who may change units. Raises InvalidInput, Forbidden,
    Conflict `too_many`.
    """
    checks = Checks()
    of = checks.choice("of", of, [one.key for one in LISTINGS])
    name = checks.text("name", name, limit=80, required=True)
    shared = checks.choice("shared", shared, SavedView.Shared.values)
    kept = _query(checks, person, of, query)
    if shared == SavedView.Shared.UNIT and (unit is None or not _units(person).filter(pk=unit.pk).exists()):
        checks.refuse("unit", "Choose a unit of which you see something.")
    checks.done()
    if shared == SavedView.Shared.EVERYBODY and not rights.can(person, Permission.UNIT_CHANGE):
        raise Forbidden(Reason("forbidden", "Views for everybody are shared by the governance team."))
    with transaction.atomic():
        own = SavedView.objects.select_for_update().filter(of=of, person=person)
        if own.exclude(name=name).count() >= MOST:
            raise Conflict(Reason("too_many", f"You keep {MOST} views of this list already; drop one first."))
        values = {
            "query": kept, "shared": shared, "saved_at": portal_now(),
            "unit": unit if shared == SavedView.Shared.UNIT else None,
        }  # fmt: skip
        view, _ = SavedView.objects.update_or_create(of=of, person=person, name=name, defaults=values)
        return view


def drop_view(*, person: User, view: SavedView) -> None:
    """Throw a view away: one's own, or as governance one that is shared. Raises Forbidden."""
    shared = view.shared != SavedView.Shared.NOBODY
    if view.person_id != person.pk and not (shared and rights.can(person, Permission.UNIT_CHANGE)):
        raise Forbidden(Reason("forbidden", "Only who saved a view drops it."))
    view.delete()


def _units(person: User) -> QuerySet[Unit]:
    return queries.units_around(rights.Sight(person, Permission.SYSTEM_VIEW))


def _query(checks: Checks, person: User, of: str, query: str) -> str:
    """The address as it may be kept: filters the list has, with values it takes, and its order."""
    told = QueryDict(checks.text("query", query.removeprefix("?"), limit=2000), mutable=True)
    for name in PASSING & set(told):
        del told[name]
    listed = listing(of)
    if listed is None:
        return ""
    filters = listed.bound(told, person)
    if unknown := set(told) - set(filters.fields) - {"order"}:
        checks.refuse("query", f"The list has no filter {', '.join(sorted(unknown))[:200]}.")
    elif not filters.is_valid():
        checks.refuse("query", "The list does not take these filters.")
    return told.urlencode()
