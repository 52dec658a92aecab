"""Control facts over REST: recorded for a system or an asset, listed; and the catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Day, Number, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory import dependencies
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.controls import catalogue
from inventory.controls.standing import Subject, seen_facts
from inventory.models import ControlFact
from inventory.services.controls import MOST, record_controls

P = Permission


class ControlFactShown(serializers.Serializer[Any]):
    """One word on one control."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug", default=None, allow_null=True)
    asset = serializers.CharField(source="asset.slug", default=None, allow_null=True)
    control = serializers.CharField()
    state = serializers.ChoiceField(ControlFact.State.values)
    note = serializers.CharField()
    url = serializers.CharField()
    evidence = serializers.IntegerField(source="evidence_id", allow_null=True, help_text="Number of the attached file.")
    stated_on = serializers.DateField()
    recorded_by = PersonShown()
    recorded_at = serializers.DateTimeField()


class ControlGiven(StrictSerializer):
    """Input for one word."""

    control = Text(allow_blank=False, max_length=60, help_text="An id of controls/catalogue/.")
    state = serializers.ChoiceField(ControlFact.State.values)
    stated_on = Day(help_text="The day the evidence speaks of.")
    note = Text(required=False, max_length=4000)
    url = Text(required=False, max_length=1000)
    evidence = Number(required=False, allow_null=True, help_text="Number of a file attached to the system.")


class ControlsRecorded(StrictSerializer):
    """Input: what is said about the controls of a system or an asset, all or none."""

    system = Text(required=False, allow_blank=False, max_length=120, help_text="Slug of the system.")
    asset = Text(required=False, allow_blank=False, max_length=120, help_text="Slug of the asset.")
    facts = serializers.ListField(child=ControlGiven(), min_length=1, max_length=MOST)


class ControlsShown(serializers.Serializer[Any]):
    """What was recorded."""

    facts = ControlFactShown(many=True)


class ControlShown(serializers.Serializer[Any]):
    """One control of the catalogue."""

    id = serializers.CharField()
    title = serializers.CharField()
    asks = serializers.CharField()
    of = serializers.ListField(child=serializers.CharField())


class ControlCatalogue(serializers.Serializer[Any]):
    """The whole catalogue."""

    controls = ControlShown(many=True)


class ControlViews(PortalViewSet):
    """How controls of systems and assets stand. Words are added, never changed; the newest of its control counts."""

    queryset = ControlFact.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": (P.DOCUMENT_CHANGE, P.ASSET_CHANGE),
        "catalogue": P.SYSTEM_VIEW,
    }
    verbs: ClassVar = {"create": "control.record"}
    serializers: ClassVar = {"create": ControlsRecorded}
    answers: ClassVar = {
        "list": ControlFactShown,
        "retrieve": ControlFactShown,
        "create": ControlsShown,
        "catalogue": ControlCatalogue,
    }
    filters: ClassVar = {
        "asset": Filter("asset__slug", "Slug of the asset.", limit=120),
        "control": Filter("control", "Id of the control.", limit=60),
        "state": Filter("state", "How it stands.", choices=ControlFact.State.values),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def get_queryset(self) -> QuerySet[ControlFact]:
        """Words on what this person may see."""
        return seen_facts(self.person)

    def authorise(self, obj: Model | None) -> None:
        """The service judges by the system or the asset."""

    def list(self, request: Request) -> Response:
        """Words on systems and assets you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), ControlFactShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One word."""
        return self.shown(found := self.get_object(), ControlFactShown(found).data)

    def create(self, request: Request) -> Response:
        """Say how controls stand."""
        values = self.input()
        subject = self._subject(values)

        def record() -> Answer:
            made = record_controls(actor=self.person, subject=subject, facts=values["facts"], door=Door.API)
            shown = self.get_queryset().filter(pk__in=[fact.pk for fact in made]).order_by("id")
            noun = "asset" if "asset" in values else "system"
            return self.creation(ControlsShown({"facts": shown}).data, f"/api/v1/controls/?{noun}={subject.slug}")

        return self.created(record)

    @action(detail=False)
    def catalogue(self, request: Request) -> Response:
        """The catalogue of controls."""
        return Response(ControlCatalogue({"controls": list(catalogue().values())}).data)

    def _subject(self, values: dict[str, Any]) -> Subject:
        """The one thing that was named. Raises InvalidInput, the same for unknown and for invisible."""
        if ("system" in values) == ("asset" in values):
            raise InvalidInput({"system": ["Name either system or asset."]})
        if "system" in values:
            return system_named(self.person, values["system"])
        slug = values["asset"] if "\0" not in values["asset"] else ""
        asset = dependencies.assets_for(self.person).filter(slug=slug).first()
        if asset is None:
            raise InvalidInput({"asset": ["No asset you may see has this slug."]})
        return asset
