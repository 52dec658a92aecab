"""Lowered tiers over REST: proposed, granted, refused, withdrawn, ended."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Instant, Offered, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named
from inventory.api.risks import RiskReason
from inventory.api.serializers import PersonShown
from inventory.lowered import lowered_rows
from inventory.models import LoweredTier
from inventory.services.lowering import VERBS_OF_LOWERED, lowered_offers, lowered_version, propose_lower_tier

P = Permission


class LoweredListed(serializers.Serializer[Any]):
    """A line of the list."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    from_tier = serializers.CharField(help_text="What the answers came to when it was proposed.")
    to_tier = serializers.CharField(help_text="The tier the system is held to instead.")
    state = serializers.ChoiceField(LoweredTier.State.values)
    review_at = serializers.DateTimeField(help_text="From then on the tier of the answers counts again.")
    proposed_at = serializers.DateTimeField()


class LoweredShown(LoweredListed):
    """Everything recorded of the decision."""

    pack = serializers.CharField()
    reason = serializers.CharField()
    proposed_by = PersonShown()
    decided_by = PersonShown(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    ended_by = PersonShown(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    available_actions = Offered(many=True)


class LoweredProposed(StrictSerializer):
    """Input for a proposal."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    tier = Text(allow_blank=False, max_length=40, help_text="A tier below the one its answers come to.")
    reason = Text(allow_blank=False, max_length=2000)
    review_at = Instant()


_VERBS = tuple(VERBS_OF_LOWERED)


class LoweredViews(PortalViewSet):
    """Decisions to hold systems to a lower tier than their answers come to."""

    queryset = lowered_rows()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        **dict.fromkeys(("create", "withdraw", "end"), P.SYSTEM_CHANGE),
        **dict.fromkeys(("grant", "refuse", "revoke"), P.TIER_LOWER),
    }
    verbs: ClassVar = {"create": "tier.propose", **{verb: f"tier.{verb}" for verb in _VERBS}}
    serializers: ClassVar = {"create": LoweredProposed, **dict.fromkeys(_VERBS, RiskReason)}
    answers: ClassVar = {"list": LoweredListed, **dict.fromkeys(("retrieve", "create", *_VERBS), LoweredShown)}
    filters: ClassVar = {
        "state": Filter("state", "How far it came.", choices=LoweredTier.State.values),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Decisions on systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), LoweredListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One decision with what you could do about it."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Propose to hold a system to a lower tier than its answers come to."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def propose() -> Answer:
            lowered = propose_lower_tier(actor=self.person, system=system, door=Door.API, **values)
            shown = self._shown(lowered).data
            return self.creation(shown, f"/api/v1/lowered-tiers/{lowered.pk}/", lowered_version(lowered))

        return self.created(propose)

    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str) -> Response:
        """Hold the system to the lower tier from now on."""
        return self._do("grant")

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse it."""
        return self._do("refuse")

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take your own proposal back."""
        return self._do("withdraw")

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Go back to the tier the answers come to."""
        return self._do("end")

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take the decision back as one of those who decide."""
        return self._do("revoke")

    def _do(self, verb: str) -> Response:
        lowered = self.get_object()
        expected = self.expected(lowered_version(lowered))
        VERBS_OF_LOWERED[verb](actor=self.person, lowered=lowered, expected=expected, door=Door.API, **self.input())
        return self._shown(lowered)

    def _shown(self, lowered: LoweredTier) -> Response:
        fresh: Any = lowered_rows().get(pk=lowered.pk)
        fresh.available_actions = lowered_offers(fresh, self.person)
        return self.shown(fresh, LoweredShown(fresh).data, lowered_version(fresh))
