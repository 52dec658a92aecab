"""Holds over REST: listed, shown, placed, lifted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.validation import queries, services
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.api.findings import release_named
from governance.validation.api.records import RecordView
from governance.validation.models import Hold
from inventory.api.references import system_named
from inventory.models import System

P = Permission


class HoldViews(RecordView):
    """Stops that close the gate until another person lifts them."""

    queryset = queries.holds()
    ordering = ("-id",)
    noun = "hold"
    whole = stops.HoldDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.HOLD_PLACE,
        "lift": P.HOLD_LIFT,
    }
    verbs: ClassVar = {"create": "hold.place", "lift": "hold.lift"}
    serializers: ClassVar = {"create": stops.HoldPlaced, "lift": shapes.Why}
    answers: ClassVar = {
        "list": stops.HoldShown,
        **dict.fromkeys(("retrieve", "create", "lift"), stops.HoldDetail),
    }
    filters: ClassVar = {
        "release": Filter("release_id", "Number of the release.", number=True),
        "state": Filter("state", "Whether it stands.", choices=Hold.State.values),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def records(self) -> QuerySet[Hold]:
        """Holds with everything shown of them."""
        return queries.holds()

    def offers(self, record: Hold) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.hold_offers(self.person, record)

    def list(self, request: Request) -> Response:
        """Holds you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), stops.HoldShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One hold with what you could do about it."""
        return self.shown_record(self.get_object())

    def create(self, request: Request) -> Response:
        """Place a hold on a release, or on a whole system."""
        values = self.input()
        release = release_named(self, values["release"]) if "release" in values else None
        system = self._system(values.get("system"), release.system if release else None)

        def create() -> Answer:
            hold = services.place_hold(
                actor=self.person, system=system, release=release, reason=values["reason"], door=Door.API
            )
            return self.creation(self.shown_record(hold).data, f"/api/v1/holds/{hold.pk}/", self.version(hold))

        return self.created(create)

    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Lift it; another person than who placed it."""
        return self.do(services.lift_hold)

    def _system(self, slug: str | None, of_release: System | None) -> System:
        """The system named, or the release's. Raises InvalidInput when neither or both disagree."""
        if slug is None:
            if of_release is None:
                raise InvalidInput({"system": ["Name a system or a release."]})
            return of_release
        return system_named(self.person, slug)
