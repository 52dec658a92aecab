"""What the header of every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from governance.access.models import User
from governance.web import slots
from governance.web.slots import Entry, Slot

FITS = 6


def portal(request: HttpRequest) -> dict[str, Any]:
    """Menus, the number of things waiting, the theme; asked of the database only if the template shows them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": User.Theme.LIGHT}
    return {
        "theme": user.theme,
        "navigation": SimpleLazyObject(lambda: _folded(_entries(request, slots.NAVIGATION, user))),
        "account_menu": SimpleLazyObject(lambda: _entries(request, slots.ACCOUNT, user)),
        "waiting_count": SimpleLazyObject(lambda: slots.waiting_count(user)),
    }


def _folded(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The navigation of a header that stays one line: what does not fit is folded away, unless it is a single entry."""
    shown = len(rows) if len(rows) <= FITS + 1 else FITS
    return {
        "shown": rows[:shown], "folded": rows[shown:], "folded_active": any(row["active"] for row in rows[shown:]),
    }  # fmt: skip


def _entries(request: HttpRequest, slot: Slot[Entry], user: User) -> list[dict[str, Any]]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        {"entry": entry, "href": reverse(entry.url_name), "active": _family(here) == _family(entry.url_name)}
        for entry in slots.entries(slot, user)
    ]


def _family(view_name: str) -> str:
    """`inventory:system_list` and `inventory:system_detail` light up the same entry."""
    return view_name.rsplit("_", 1)[0]
