"""Campaigns and certifications over REST."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.serializers import Instant, Offered, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from governance.validation import certifications as reads
from governance.validation import services
from governance.validation.api.records import RecordView
from governance.validation.models import Campaign, Certification
from inventory.api.references import unit_named
from inventory.api.serializers import PersonShown
from inventory.services.systems import system_version

P = Permission


class ProgressShown(serializers.Serializer[Any]):
    """How far a campaign has come among the systems you see."""

    total = serializers.IntegerField()
    asked = serializers.IntegerField()
    certified = serializers.IntegerField()
    refused = serializers.IntegerField()


class CampaignShown(serializers.Serializer[Any]):
    """A round of certifications."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    tier = serializers.CharField(help_text="Empty: every tier.")
    unit = serializers.CharField(source="unit.slug", default=None, allow_null=True)
    due = serializers.DateTimeField()
    reason = serializers.CharField()
    started_by = PersonShown()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = PersonShown(allow_null=True)
    ended_reason = serializers.CharField()


class CampaignDetail(CampaignShown):
    """A campaign with its progress."""

    progress = ProgressShown()


class CampaignStarted(StrictSerializer):
    """Input for a campaign."""

    title = Text(max_length=200)
    tier = Text(required=False, max_length=60, help_text="Tier of the policy; leave it out for every tier.")
    unit = Text(required=False, max_length=120, help_text="Slug; all below it counts.")
    due = Instant()
    reason = Text(required=False, max_length=2000)


class CertificationShown(serializers.Serializer[Any]):
    """An owner's statement about the record of a system, or that it is asked for."""

    id = serializers.IntegerField()
    campaign = serializers.IntegerField(source="campaign_id")
    system = serializers.CharField(source="system.slug")
    due = serializers.DateTimeField(source="campaign.due")
    state = serializers.ChoiceField(Certification.State.values)
    record = serializers.CharField(help_text="Version of the record the statement is about.")
    statement = serializers.CharField()
    decided_by = PersonShown(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class CertificationDetail(CertificationShown):
    """A certification with the record's version now and what you could do about it."""

    seen = serializers.SerializerMethodField()
    available_actions = Offered(many=True)

    def get_seen(self, one: Certification) -> str:
        """What certifying has to give back."""
        return system_version(one.system)


class Certified(StrictSerializer):
    """That the record is right, as it was shown."""

    seen = Text(max_length=80)
    statement = Text(required=False, max_length=2000)


class NotRight(StrictSerializer):
    """What is not right."""

    statement = Text(max_length=2000)


class CampaignEnded(StrictSerializer):
    """Why it is ended."""

    reason = Text(max_length=2000)


class CertificationViews(RecordView):
    """Statements that the record of a system is right."""

    queryset = reads.certifications()
    ordering = ("-id",)
    noun = "certification"
    whole = CertificationDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "certify": P.CERTIFICATION_GIVE,
        "refuse": P.CERTIFICATION_GIVE,
    }  # fmt: skip
    verbs: ClassVar = {"certify": "certification.certify", "refuse": "certification.refuse"}
    serializers: ClassVar = {"certify": Certified, "refuse": NotRight}
    answers: ClassVar = {
        "list": CertificationShown,
        **dict.fromkeys(("retrieve", "certify", "refuse"), CertificationDetail),
    }
    filters: ClassVar = {
        "campaign": Filter("campaign_id", "Number of its campaign.", number=True),
        "state": Filter("state", "Where it stands.", choices=Certification.State.values),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def records(self) -> QuerySet[Certification]:
        """Certifications with everything shown of them."""
        return reads.certifications()

    def offers(self, record: Certification) -> Iterable[Offer]:
        """What this person could do about it."""
        return reads.certification_offers(self.person, record)

    def list(self, request: Request) -> Response:
        """Certifications of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), CertificationShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One certification."""
        return self.shown_record(self.get_object())

    @action(detail=True, methods=["post"])
    def certify(self, request: Request, pk: str) -> Response:
        """Certify the record as it was shown."""
        return self.do(services.certify)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Say what is not right."""
        return self.do(services.refuse_certification)


class CampaignViews(PortalViewSet):
    """Rounds of certifications."""

    queryset = Campaign.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": Audience.SIGNED_IN, "create": P.CAMPAIGN_RUN,
        "end": P.CAMPAIGN_RUN,
    }  # fmt: skip
    verbs: ClassVar = {"create": "campaign.start", "end": "campaign.end"}
    serializers: ClassVar = {"create": CampaignStarted, "end": CampaignEnded}
    answers: ClassVar = {
        "list": CampaignShown, **dict.fromkeys(("retrieve", "create", "end"), CampaignDetail)
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Campaign]:
        """That there is a campaign hides from nobody; its numbers count what you see."""
        return reads.campaigns()

    def authorise(self, obj: Model | None) -> None:
        """The right over campaigns is one of the organisation."""
        super().authorise(None)

    def list(self, request: Request) -> Response:
        """Every campaign, newest first."""
        return self.listed(self.get_queryset(), CampaignShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One campaign with how far it has come."""
        return Response(self._shown(self.get_object()))

    def create(self, request: Request) -> Response:
        """Ask the owners of every system in use of a tier, a unit, or all."""
        self.authorise(None)
        values = self.input()
        slug = values.pop("unit", "")
        unit = unit_named(self.person, "unit", slug) if slug else None

        def create() -> Answer:
            campaign = services.start_campaign(actor=self.person, unit=unit, door=Door.API, **values)
            return self.creation(self._shown(campaign), f"/api/v1/certifications/campaigns/{campaign.pk}/")

        return self.created(create)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a campaign: nobody is waited for any more."""
        campaign = self.get_object()
        ended = services.end_campaign(actor=self.person, campaign=campaign, door=Door.API, **self.input())
        return Response(self._shown(ended))

    def _shown(self, campaign: Any) -> dict[str, Any]:
        shown: Any = reads.campaigns().get(pk=campaign.pk)
        shown.progress = reads.progress(self.person, [shown])[shown.pk]
        return dict(CampaignDetail(shown).data)
