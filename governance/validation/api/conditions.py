"""Conditions over REST: listed, shown, reported as fulfilled, confirmed, sent back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.validation import queries, services
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.api.records import RecordView
from governance.validation.models import Condition
from governance.validation.promises import standings_of

P = Permission
_VERBS = ("claim", "confirm", "refuse")


class ConditionViews(RecordView):
    """Promises attached to conditional signatures."""

    queryset = queries.conditions()
    ordering = ("-id",)
    noun = "condition"
    whole = stops.ConditionDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "claim": P.CONDITION_FULFIL,
        "confirm": P.CONDITION_CONFIRM,
        "refuse": P.CONDITION_CONFIRM,
    }
    verbs: ClassVar = {verb: f"condition.{verb}" for verb in _VERBS}
    serializers: ClassVar = {"claim": stops.Evidence, "confirm": shapes.MaybeWhy, "refuse": shapes.Why}
    answers: ClassVar = {
        "list": stops.ConditionShown,
        **dict.fromkeys(("retrieve", *_VERBS), stops.ConditionDetail),
    }
    filters: ClassVar = {
        "release": Filter("submission__release_id", "Number of its release.", number=True),
        "state": Filter("state", "Where it stands.", choices=Condition.State.values),
        "system": Filter("submission__release__system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[Condition]:
        """Conditions with everything shown of them."""
        return queries.conditions()

    def offers(self, record: Condition) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.condition_offers(self.person, record)

    def version(self, record: Condition) -> str:
        """Changes with the evidence and who answers for it."""
        return queries.condition_version(record)

    def complete(self, record: Any) -> None:
        """How what the portal checks of it stands."""
        record.standing = standings_of([record]).get(record.pk)

    def list(self, request: Request) -> Response:
        """Conditions you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), stops.ConditionShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One condition with what you could do about it."""
        return self.shown_record(self.get_object())

    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Report it as fulfilled."""
        return self.do(services.claim_condition)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Confirm it as met; another person than who reported it."""
        return self.do(services.confirm_condition, judges=True)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Send it back."""
        return self.do(services.refuse_condition, judges=True)
