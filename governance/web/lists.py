"""Lists people like: what a list can show and be narrowed by is declared once, and kept views and files go by it.

An app declares its `Listing` from its AppConfig.ready; the page of the list is a `LikedList`. Where views are kept,
and who finds which above a list, is said by the app that keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.web.pages import ListPage
from governance.web.slots import Slot

M = TypeVar("M", bound=Model)
# What of an address is a place in the list and no wish about it.
PASSING = frozenset({"after", "before"})
# The parameter with the columns that were chosen.
CHOSEN = "columns"


@dataclass(frozen=True)
class Listing:
    """One list. `filters(query, person)` is its filter form, bound to an address; `together` the name of the address
    where several rows are changed, by who has `changes` on something."""

    key: str
    title: str
    page: str
    columns: Mapping[str, str]
    usual: tuple[str, ...]
    filters: Callable[[QueryDict, User], forms.Form]
    together: str = ""
    changes: Permission | None = None
    order: int = 100

    def bound(self, query: QueryDict, person: User) -> forms.Form:
        """The filters of an address, with the choice of columns."""
        return self.with_columns(self.filters(query, person))

    def with_columns(self, form: forms.Form) -> forms.Form:
        """The form with the choice of columns beside its filters."""
        form.fields[CHOSEN] = forms.MultipleChoiceField(
            required=False, choices=list(self.columns.items()), widget=forms.CheckboxSelectMultiple
        )
        return form

    def shown(self, chosen: Any) -> dict[str, str]:
        """The columns that stand beside the name, with their titles: those that were chosen, else the usual ones."""
        wanted = chosen or self.usual
        return {name: title for name, title in self.columns.items() if name in wanted}


LISTINGS: Slot[Listing] = Slot("lists")
Views = Callable[[User, str], Mapping[str, Any]]
_keepers: list[Views] = []


def listing(key: str) -> Listing | None:
    """The list of that name."""
    return next((one for one in LISTINGS if one.key == key), None)


def keep_views(views: Views) -> None:
    """Say what stands about kept views above a list, for a person and the list's name; called once, at start."""
    _keepers[:] = [views]


def holds_somewhere(person: User, permission: Permission) -> bool:
    """Whether the person has the right on any system."""
    reach = rights.reach_of(person, permission)
    return reach.everything or bool(reach.units or reach.systems)


class LikedList(ListPage[M], Generic[M], abstract=True):
    """A list whose filters, order and columns stand in its address, and can be kept under a name."""

    listing: ClassVar[Listing]

    def bound_filters(self) -> forms.Form:
        """The declared filters and the choice of columns."""
        return self.listing.bound(self.request.GET, self.person)

    def context(self) -> dict[str, Any]:
        """Adds the columns, the views, what is filtered by in words, and whether rows can be ticked."""
        context, listed = super().context(), self.listing
        kept = {name: value for keeper in _keepers for name, value in keeper(self.person, listed.key).items()}
        changes = listed.changes
        return {
            **context, **kept, "listing": listed, "list_href": reverse(listed.page),
            "shown": listed.shown(self.filters.cleaned_data.get(CHOSEN)),
            "here": self.request.GET.urlencode(), "chips": chips(self.request.GET, self.filters, context["chosen"]),
            "can_edit": changes is not None and holds_somewhere(self.person, changes),
            "together_href": reverse(listed.together) if listed.together else "",
        }  # fmt: skip


def chips(query: QueryDict, filters: forms.Form, chosen: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is filtered by, in words, each with the address without it."""
    found = []
    for name, value in chosen.items():
        if name == CHOSEN or value is False:
            continue
        field = filters.fields[name]
        if isinstance(value, Model):
            words = str(getattr(value, "name", value))
        else:
            words = "yes" if value is True else str(dict(getattr(field, "choices", [])).get(value, value))
        rest = query.copy()
        for gone in (name, *PASSING):
            rest.pop(gone, None)
        label = str(field.label or name.replace("_", " ").capitalize())
        found.append({"label": label, "value": words, "href": f"?{rest.urlencode()}"})
    return found
