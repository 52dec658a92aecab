"""Waivers over REST: listed, shown, asked for, granted, refused, withdrawn, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.validation import queries, services
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.api.records import RecordView
from governance.validation.models import Waiver
from inventory.api.references import system_named

P = Permission
_VERBS = ("grant", "refuse", "withdraw", "revoke")


class WaiverViews(RecordView):
    """Exceptions to requirements of the gate."""

    queryset = queries.waivers()
    ordering = ("-id",)
    noun = "waiver"
    whole = stops.WaiverDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.WAIVER_REQUEST,
        "grant": P.WAIVER_GRANT,
        "refuse": P.WAIVER_GRANT,
        "withdraw": P.WAIVER_REQUEST,
        "revoke": P.WAIVER_GRANT,
    }
    verbs: ClassVar = {"create": "waiver.request", **{verb: f"waiver.{verb}" for verb in _VERBS}}
    serializers: ClassVar = {
        "create": stops.WaiverRequested,
        "grant": shapes.Why,
        "refuse": shapes.Why,
        "withdraw": shapes.MaybeWhy,
        "revoke": shapes.Why,
    }
    answers: ClassVar = {
        "list": stops.WaiverShown,
        **dict.fromkeys(("retrieve", "create", *_VERBS), stops.WaiverDetail),
    }
    filters: ClassVar = {
        "requirement": Filter("requirement", "Requirement of the policy.", limit=80),
        "state": Filter("state", "Where it stands.", choices=Waiver.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[Waiver]:
        """Waivers with everything shown of them."""
        return queries.waivers()

    def offers(self, record: Waiver) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.waiver_offers(self.person, record)

    def list(self, request: Request) -> Response:
        """Exceptions you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), stops.WaiverShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One exception with what you could do about it."""
        return self.shown_record(self.get_object())

    def create(self, request: Request) -> Response:
        """Ask for an exception to one requirement of a system."""
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def create() -> Answer:
            waiver = services.request_waiver(actor=self.person, system=system, door=Door.API, **values)
            shown = self.shown_record(waiver)
            return self.creation(shown.data, f"/api/v1/waivers/{waiver.pk}/", self.version(waiver))

        return self.created(create)

    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str) -> Response:
        """Grant it; another person than who asked, who does not build the system."""
        return self.do(services.grant_waiver)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse it."""
        return self.do(services.refuse_waiver)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the request back; who asked only."""
        return self.do(services.withdraw_waiver)

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """End a granted one now."""
        return self.do(services.revoke_waiver)
