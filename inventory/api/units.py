"""Business units over REST."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.views import PortalViewSet
from inventory import queries
from inventory.api import serializers as shapes
from inventory.api.references import unit_named
from inventory.models import Unit
from inventory.services import change_unit, create_unit
from inventory.services.units import unit_version

P = Permission


class UnitViews(PortalViewSet):
    """The tree of units that hold systems."""

    queryset = queries.units()
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9]+(?:-[a-z0-9]+)*"
    ordering = ("name", "id")
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.UNIT_CHANGE,
        "partial_update": P.UNIT_CHANGE,
    }
    verbs: ClassVar = {"create": "unit.create", "partial_update": "unit.change"}
    serializers: ClassVar = {"create": shapes.UnitAdded, "partial_update": shapes.UnitChanged}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create", "partial_update"), shapes.UnitShown)
    filters: ClassVar = {"parent": Filter("parent__slug", "Slug of the unit they hang below.", limit=120)}

    def list(self, request: Request) -> Response:
        """Units you may see, by name."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.UnitShown)

    def retrieve(self, request: Request, slug: str) -> Response:
        """One unit."""
        unit = self.get_object()
        return self.shown(unit, shapes.UnitShown(unit).data, unit_version(unit))

    def create(self, request: Request) -> Response:
        """Add a unit."""
        self.authorise(None)
        values = self.input()
        parent = values.pop("parent", None)
        below = unit_named(self.person, "parent", parent) if parent is not None else None

        def add() -> Answer:
            unit = create_unit(actor=self.person, parent=below, door=Door.API, **values)
            return self.creation(shapes.UnitShown(unit).data, f"/api/v1/units/{unit.slug}/", unit_version(unit))

        return self.created(add)

    def partial_update(self, request: Request, slug: str) -> Response:
        """Rename a unit or hang it elsewhere."""
        unit: Unit = self.get_object()
        expected = self.expected(unit_version(unit))
        values = self.input()
        move = "parent" in values
        parent = values.pop("parent", None)
        below = unit_named(self.person, "parent", parent) if parent is not None else None
        changed = change_unit(
            actor=self.person, unit=unit, parent=below, move=move, expected=expected, door=Door.API, **values
        )
        return self.shown(changed, shapes.UnitShown(changed).data, unit_version(changed))
