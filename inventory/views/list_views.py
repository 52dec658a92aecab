"""Saving the list in front of one under a name, and dropping such a view."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access.rights import NotVisible
from governance.web.lists import listing
from governance.web.pages import Declared, WritingPage
from inventory.list_views import views_for
from inventory.models import SavedView, Unit
from inventory.services.list_views import drop_view, save_view


class ViewSave(WritingPage):
    """Keep the address of a list under a name."""

    permission = Declared.SIGNED_IN
    verb = "list_view.save"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save it and show the list as it was."""
        self.refuse_unknown({"of", "query", "name", "shared", "unit"})
        posted = request.POST
        slug = posted.get("unit", "")
        unit = Unit.objects.filter(slug=slug).first() if slug and "\0" not in slug else None
        view = save_view(
            person=self.person, of=posted.get("of", ""), name=posted.get("name", ""), query=posted.get("query", ""),
            shared=posted.get("shared", SavedView.Shared.NOBODY), unit=unit,
        )  # fmt: skip
        return self.done(f"Saved as “{view.name}”.", f"{_page(view)}?{view.query}")


class ViewDrop(WritingPage):
    """Drop a view; nothing of it is kept."""

    permission = Declared.SIGNED_IN
    verb = "list_view.drop"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Drop it and show the list. Raises NotVisible for a view the person does not find above the list."""
        self.refuse_unknown(set())
        view = views_for(self.person).filter(pk=self.kwargs["pk"]).first()
        if view is None:
            raise NotVisible
        drop_view(person=self.person, view=view)
        return self.done(f"“{view.name}” is dropped.", _page(view))


def _page(view: SavedView) -> str:
    """The list the view is of; the systems where it is no longer known."""
    found = listing(view.of)
    return reverse(found.page if found else "inventory:system_list")
