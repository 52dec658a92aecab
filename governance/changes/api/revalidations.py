"""Campaigns of revalidation over REST; the work they make is under follow-ups."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.changes import queries, services
from governance.changes.models import Revalidation
from governance.ledger.acting import Door
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.serializers import Instant, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import unit_named
from inventory.api.serializers import PersonShown

P = Permission


class RoundsShown(serializers.Serializer[Any]):
    """How far a campaign has come among the systems you see."""

    total = serializers.IntegerField()
    open = serializers.IntegerField()
    done = serializers.IntegerField()
    moot = serializers.IntegerField()


class RevalidationShown(serializers.Serializer[Any]):
    """A campaign in which what is approved is reviewed again."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    tier = serializers.CharField(help_text="Empty: every tier.")
    unit = serializers.CharField(source="unit.slug", default=None, allow_null=True)
    ends_before = serializers.DateTimeField(allow_null=True, help_text="Only approvals that end before; null: all.")
    due = serializers.DateTimeField()
    reason = serializers.CharField()
    started_by = PersonShown()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = PersonShown(allow_null=True)
    ended_reason = serializers.CharField()


class RevalidationDetail(RevalidationShown):
    """A campaign with its progress."""

    progress = RoundsShown()


class RevalidationStarted(StrictSerializer):
    """Input for a campaign."""

    title = Text(max_length=200)
    tier = Text(required=False, max_length=60, help_text="Tier of the policy; leave it out for every tier.")
    unit = Text(required=False, max_length=120, help_text="Slug; all below it counts.")
    ends_before = Instant(required=False)
    due = Instant()
    reason = Text(required=False, max_length=2000)


class RevalidationEnded(StrictSerializer):
    """Why it is ended."""

    reason = Text(max_length=2000)


class RevalidationViews(PortalViewSet):
    """Campaigns of revalidation."""

    queryset = Revalidation.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": Audience.SIGNED_IN, "create": P.CAMPAIGN_RUN, "end": P.CAMPAIGN_RUN,
    }  # fmt: skip
    verbs: ClassVar = {"create": "revalidation.start", "end": "revalidation.end"}
    serializers: ClassVar = {"create": RevalidationStarted, "end": RevalidationEnded}
    answers: ClassVar = {
        "list": RevalidationShown,
        **dict.fromkeys(("retrieve", "create", "end"), RevalidationDetail),
    }

    def get_queryset(self) -> QuerySet[Revalidation]:
        """That there is a campaign hides from nobody; its numbers count what you see."""
        return queries.revalidations()

    def authorise(self, obj: Model | None) -> None:
        """The right over campaigns is one of the organisation."""
        super().authorise(None)

    def list(self, request: Request) -> Response:
        """Every campaign, newest first."""
        return self.listed(self.get_queryset(), RevalidationShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One campaign with how far it has come."""
        return Response(self._shown(self.get_object()))

    def create(self, request: Request) -> Response:
        """Ask for what is approved to be reviewed again."""
        self.authorise(None)
        values = self.input()
        slug = values.pop("unit", "")
        unit = unit_named(self.person, "unit", slug) if slug else None

        def create() -> Answer:
            campaign = services.start_revalidation(actor=self.person, unit=unit, door=Door.API, **values)
            return self.creation(self._shown(campaign), f"/api/v1/revalidations/{campaign.pk}/")

        return self.created(create)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a campaign: what it still asks for is no longer needed."""
        campaign = self.get_object()
        ended = services.end_revalidation(actor=self.person, revalidation=campaign, door=Door.API, **self.input())
        return Response(self._shown(ended))

    def _shown(self, campaign: Revalidation) -> dict[str, Any]:
        shown: Any = queries.revalidations().get(pk=campaign.pk)
        shown.progress = queries.progress(self.person, [shown])[shown.pk]
        return dict(RevalidationDetail(shown).data)
