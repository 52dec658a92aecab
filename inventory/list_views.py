"""Named reads of saved views: what somebody finds above a list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from inventory import queries
from inventory.models import SavedView

LISTED = 100


def views_for(person: User) -> QuerySet[SavedView]:
    """The person's own, those of units they see something of, and those for everybody."""
    units = queries.units_around(rights.Sight(person, Permission.SYSTEM_VIEW))
    mine, everybody = Q(person=person), Q(shared=SavedView.Shared.EVERYBODY)
    theirs = Q(shared=SavedView.Shared.UNIT, unit__in=units.order_by().values("pk"))
    return SavedView.objects.filter(mine | everybody | theirs).select_related("unit", "person").order_by("name", "id")


def views_of(person: User, of: str) -> list[SavedView]:
    """The views of one list, each with whether this person may drop it."""
    governs = rights.can(person, Permission.UNIT_CHANGE)
    found = list(views_for(person).filter(of=of)[:LISTED])
    for view in found:
        shared = view.shared != SavedView.Shared.NOBODY
        view.may_drop = view.person_id == person.pk or (shared and governs)  # type: ignore[attr-defined]
    return found


def above_list(person: User, of: str) -> dict[str, Any]:
    """What stands about kept views above a list: the views, with whom this person may share one."""
    return {
        "views": views_of(person, of), "may_share": rights.can(person, Permission.UNIT_CHANGE),
        "view_units": queries.units_around(rights.Sight(person, Permission.SYSTEM_VIEW)),
    }  # fmt: skip
