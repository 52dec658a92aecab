"""Exceptions for a unit or a tier over REST: whom they would reach, asking, granting, refusing."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.rights import NotVisible
from governance.inputs import Checks
from governance.ledger.acting import Door
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.views import PortalViewSet
from governance.validation import queries, services
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.models import Waiver
from governance.validation.reach import reached
from governance.validation.services.waivers_together import MOST
from inventory.models import Unit


class WaiversViews(PortalViewSet):
    """Exceptions asked for in one go; who may ask and decide is judged for each system."""

    queryset = queries.waivers()
    ordering = ("id",)
    permissions: ClassVar = dict.fromkeys(("reach", "retrieve", "create", "grant", "refuse"), Audience.SIGNED_IN)
    verbs: ClassVar = {"create": "waiver.request", "grant": "waiver.grant", "refuse": "waiver.refuse"}
    serializers: ClassVar = {"create": stops.WaiversRequested, "grant": shapes.Why, "refuse": shapes.Why}
    answers: ClassVar = {
        "reach": stops.WaiverReach,
        **dict.fromkeys(("retrieve", "create", "grant", "refuse"), stops.WaiversShown),
    }
    lookup_value_regex = "[0-9a-f-]{1,36}"
    query: ClassVar = {"reach": ("tier", "unit")}

    @action(detail=False, methods=["get"])
    def reach(self, request: Request) -> Response:
        """Which systems of a unit, a tier, or both you could ask an exception for."""
        unit, tier = request._request.GET.get("unit", ""), request._request.GET.get("tier", "")
        found = reached(self.person, self._unit(unit), tier, most=MOST)
        return Response(stops.WaiverReach(found).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Those of them you may see, with where each stands."""
        return Response(self._shown(pk))

    def create(self, request: Request) -> Response:
        """Ask for an exception for each system that was shown."""
        values = self.input()
        unit, tier = self._unit(values.pop("unit", "")), values.pop("tier", "")

        def create() -> Answer:
            made = services.request_waivers(actor=self.person, unit=unit, tier=tier, door=Door.API, **values)
            together = str(made[0].together)
            return self.creation(self._shown(together), f"/api/v1/waivers/together/{together}/")

        return self.created(create)

    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str) -> Response:
        """Grant all that wait, or none."""
        return self._decide(pk, "grant")

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse all that wait, or none."""
        return self._decide(pk, "refuse")

    def _decide(self, pk: str, verb: str) -> Response:
        self._asked(pk)
        services.decide_waivers(actor=self.person, together=UUID(pk), verb=verb, door=Door.API, **self.input())
        return Response(self._shown(pk))

    def _asked(self, pk: str) -> QuerySet[Waiver]:
        """Those the person may see. Raises NotVisible where there are none."""
        try:
            together = UUID(pk)
        except ValueError:
            raise NotVisible from None
        found = rights.visible(self.person, queries.waivers().filter(together=together)).order_by("id")
        if not found:
            raise NotVisible
        return found

    def _shown(self, pk: str) -> dict[str, object]:
        asked = self._asked(pk)
        told = {"together": asked[0].together, "reach": asked[0].reach, "waivers": asked}
        return dict(stops.WaiversShown(told).data)

    def _unit(self, slug: str) -> Unit | None:
        """The unit of that slug among those the person sees a system of. Raises InvalidInput."""
        if not slug:
            return None
        found = rights.Sight(self.person).units().filter(slug=slug).first()
        if found is None:
            checks = Checks()
            checks.refuse("unit", "There is no such unit for you.")
            checks.done()
        return found
