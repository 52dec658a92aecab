"""What people outside may read about systems, over REST: written, decided on, withdrawn."""

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
from governance.rest.serializers import StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.models import TransparencyVersion
from inventory.services.transparency import (
    LONGEST,
    approve_transparency,
    refuse_transparency,
    withdraw_transparency,
    write_transparency,
)
from inventory.transparency import draft_of, public_version

P = Permission


class TransparencyShown(serializers.Serializer[Any]):
    """One version."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="page.system.slug")
    slug = serializers.CharField(source="page.slug", help_text="What stands after /transparency/.")
    number = serializers.IntegerField()
    title = serializers.CharField()
    contact = serializers.CharField()
    text = serializers.CharField()
    public = serializers.SerializerMethodField(help_text="Whether people outside read this very version.")
    written_by = PersonShown()
    written_at = serializers.DateTimeField()
    approved = serializers.BooleanField(allow_null=True)
    decided_by = PersonShown(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField()
    withdrawn_by = PersonShown(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal = serializers.CharField()

    def get_public(self, version: TransparencyVersion) -> bool:
        """Asked anew for each: a page shows few."""
        return bool(version.approved and version.withdrawn_at is None and public_version(version.page.slug) == version)


class TransparencyWritten(StrictSerializer):
    """Input for a version."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    slug = Text(required=False, max_length=120, help_text="The public address; chosen with the first version.")
    title = Text(allow_blank=False, max_length=200)
    contact = Text(allow_blank=False, max_length=300)
    text = Text(allow_blank=False, max_length=LONGEST)


class TransparencyNote(StrictSerializer):
    """TransparencyWhy, if there is something to say."""

    reason = Text(required=False, max_length=2000)


class TransparencyWhy(StrictSerializer):
    """TransparencyWhy."""

    reason = Text(allow_blank=False, max_length=2000)


class TransparencyDraft(serializers.Serializer[Any]):
    """A draft from the record."""

    text = serializers.CharField()


class TransparencyViews(PortalViewSet):
    """What people outside may read. TransparencyWritten by one person, approved by another, and public only then."""

    queryset = TransparencyVersion.objects.select_related(
        "page__system", "written_by", "decided_by", "withdrawn_by"
    ).defer("page__system__search")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "draft": P.SYSTEM_VIEW,
        "create": P.DOCUMENT_CHANGE,
        "approve": P.TRANSPARENCY_DECIDE,
        "refuse": P.TRANSPARENCY_DECIDE,
        "withdraw": (P.DOCUMENT_CHANGE, P.TRANSPARENCY_DECIDE),
    }
    verbs: ClassVar = {
        "create": "transparency.write",
        "approve": "transparency.approve",
        "refuse": "transparency.refuse",
        "withdraw": "transparency.withdraw",
    }
    serializers: ClassVar = {
        "create": TransparencyWritten,
        "approve": TransparencyNote,
        "refuse": TransparencyWhy,
        "withdraw": TransparencyWhy,
    }
    answers: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "create", "approve", "refuse", "withdraw"), TransparencyShown),
        "draft": TransparencyDraft,
    }
    filters: ClassVar = {"system": Filter("page__system__slug", "Slug of the system.", limit=120)}

    def list(self, request: Request) -> Response:
        """Versions of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), TransparencyShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One version."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Write a version; somebody else approves it."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def write() -> Answer:
            made = write_transparency(actor=self.person, system=system, door=Door.API, **values)
            return self.creation(TransparencyShown(made).data, f"/api/v1/transparency/{made.pk}/")

        return self.created(write)

    @action(detail=True)
    def draft(self, request: Request, pk: str) -> Response:
        """A draft from the record of the version's system, as it stands now."""
        return Response({"text": draft_of(self.get_object().page.system)})

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Make it public; somebody else than who wrote it."""
        version = self.get_object()
        approve_transparency(actor=self.person, version=version, door=Door.API, **self.input())
        return self._fresh(version)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Keep it inside, and say why."""
        version = self.get_object()
        refuse_transparency(actor=self.person, version=version, door=Door.API, **self.input())
        return self._fresh(version)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what is public of the version's system."""
        version = self.get_object()
        withdraw_transparency(actor=self.person, system=version.page.system, door=Door.API, **self.input())
        return self._fresh(version)

    def _fresh(self, version: TransparencyVersion) -> Response:
        return self._shown(self.get_queryset().get(pk=version.pk))

    def _shown(self, version: TransparencyVersion) -> Response:
        return self.shown(version, TransparencyShown(version).data)
