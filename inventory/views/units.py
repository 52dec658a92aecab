"""The tree of business units and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import Declared, FormPage, ObjectFormPage, Page
from inventory import queries
from inventory.forms import UnitForm
from inventory.models import System, Unit
from inventory.services import change_unit, create_unit
from inventory.services.units import unit_version


class UnitList(Page):
    """Units that hold something the person may see, as a tree, with the number of systems in each."""

    permission = Declared.SIGNED_IN
    takes = frozenset()
    template_name = "inventory/unit_list.html"

    def context(self) -> dict[str, Any]:
        """The tree, from three statements whatever its size."""
        sight = rights.Sight(self.person)
        systems = sight.rows(System.objects.all())
        may_change = rights.can(self.person, Permission.UNIT_CHANGE)
        units = queries.unit_choices() if may_change else queries.units_around(sight)
        counts = queries.systems_per_unit(systems)
        return {**super().context(), "tree": tree(list(units), counts), "may_change": may_change}


def tree(units: list[Unit], counts: dict[int, int]) -> list[dict[str, Any]]:
    """Units under their parents; each counts the systems of its whole subtree."""
    nodes: dict[int, dict[str, Any]] = {
        unit.pk: {"unit": unit, "children": [], "own": counts.get(unit.pk, 0), "total": 0} for unit in units
    }
    top: list[dict[str, Any]] = []
    for unit in units:
        above = nodes.get(unit.parent_id or 0)
        (above["children"] if above else top).append(nodes[unit.pk])
    for node in top:
        _total(node)
    return top


def _total(node: dict[str, Any]) -> int:
    node["total"] = node["own"] + sum(_total(child) for child in node["children"])
    return int(node["total"])


class UnitCreate(FormPage):
    """Add a unit."""

    permission = Permission.UNIT_CHANGE
    verb = "unit.create"
    template_name = "web/form.html"
    form_class = UnitForm

    def form_arguments(self) -> dict[str, Any]:
        """Units it can hang below."""
        return {"units": queries.unit_choices()}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {**super().context(), "heading": "Add a business unit", "cancel": reverse("inventory:unit_list")}

    def save(self, form: Any) -> HttpResponseBase:
        """Add it."""
        unit = create_unit(
            actor=self.person, door=Door.WEB, name=form.cleaned_data["name"], parent=form.cleaned_data["parent"]
        )
        return self.done(f"“{unit.name}” was added.", reverse("inventory:unit_list"))


class UnitChange(ObjectFormPage[Unit]):
    """Rename a unit or hang it elsewhere."""

    permission = Permission.UNIT_CHANGE
    sees = Permission.UNIT_CHANGE
    verb = "unit.change"
    template_name = "web/form.html"
    form_class = UnitForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[Unit]:
        """The unit."""
        return queries.unit_choices()

    def form_arguments(self) -> dict[str, Any]:
        """Units it can hang below; the service refuses rings."""
        return {"units": queries.unit_choices().exclude(pk=self.object.pk)}

    def initial(self) -> dict[str, Any]:
        """The unit as it is."""
        return {"name": self.object.name, "parent": self.object.parent_id, "seen": unit_version(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Edit business unit", "pretitle": self.object.name,
            "cancel": reverse("inventory:unit_list"),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Write it."""
        values = form.cleaned_data
        change_unit(
            actor=self.person, door=Door.WEB, unit=self.object, name=values["name"], parent=values["parent"],
            move=values["parent"] != self.object.parent, expected=values["seen"],
        )  # fmt: skip
        return self.done("The unit was changed.", reverse("inventory:unit_list"))
