"""Lowered tiers over REST: proposed, granted, refused, withdrawn, ended."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.rest.serializers import Instant, StrictSerializer, Text
from inventory.api.by_two import ByTwoViews, DecidedShown, by_state_and_system
from inventory.api.risks import RiskReason
from inventory.api.serializers import PersonShown
from inventory.lowered import lowered_rows
from inventory.models import LoweredTier
from inventory.services.lowering import LOWERED_DECISIONS, move_lowered, propose_lower_tier

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


class LoweredShown(LoweredListed, DecidedShown):
    """Everything recorded of the decision."""

    pack = serializers.CharField()
    reason = serializers.CharField()
    proposed_by = PersonShown()


class LoweredProposed(StrictSerializer):
    """Input for a proposal."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    tier = Text(allow_blank=False, max_length=40, help_text="A tier below the one its answers come to.")
    reason = Text(allow_blank=False, max_length=2000)
    review_at = Instant()


_VERBS = ("grant", "refuse", "withdraw", "end", "revoke")


class LoweredViews(ByTwoViews):
    """Decisions to hold systems to a lower tier than their answers come to."""

    queryset = lowered_rows()
    decisions, rows, begin, move = LOWERED_DECISIONS, lowered_rows, propose_lower_tier, move_lowered
    noun, place = "lowered", "/api/v1/lowered-tiers/"
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        **dict.fromkeys(("create", "withdraw", "end"), P.SYSTEM_CHANGE),
        **dict.fromkeys(("grant", "refuse", "revoke"), P.TIER_LOWER),
    }
    verbs: ClassVar = {"create": "tier.propose", **{verb: f"tier.{verb}" for verb in _VERBS}}
    serializers: ClassVar = {"create": LoweredProposed, **dict.fromkeys(_VERBS, RiskReason)}
    answers: ClassVar = {"list": LoweredListed, **dict.fromkeys(("retrieve", "create", *_VERBS), LoweredShown)}
    filters: ClassVar = by_state_and_system(LoweredTier.State.values)

    def list(self, request: Request) -> Response:
        """Decisions on systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), LoweredListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One decision with what you could do about it."""
        return self.one(self.get_object())

    def create(self, request: Request) -> Response:
        """Propose to hold a system to a lower tier than its answers come to."""
        return self.begun()

    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str) -> Response:
        """Hold the system to the lower tier from now on."""
        return self.carry_out("grant")

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse it."""
        return self.carry_out("refuse")

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take your own proposal back."""
        return self.carry_out("withdraw")

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Go back to the tier the answers come to."""
        return self.carry_out("end")

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take the decision back as one of those who decide."""
        return self.carry_out("revoke")
