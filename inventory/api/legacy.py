"""Approvals from before the portal over REST: brought in, confirmed, refused, withdrawn, ended."""

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
from inventory.legacy import legacy_rows
from inventory.models import LegacyApproval
from inventory.services.legacy import LEGACY_DECISIONS, MOST_DIGESTS, bring_in_approval, move_legacy

P = Permission


class LegacyListed(serializers.Serializer[Any]):
    """A line of the list."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    version = serializers.CharField(help_text="Counts for the release of exactly this version.")
    approved_on = serializers.DateField()
    approved_by = serializers.CharField(help_text="As the old record names them; no account of the portal.")
    reference = serializers.CharField()
    until = serializers.DateTimeField(help_text="Its own end; the policy may end it sooner.")
    state = serializers.ChoiceField(LegacyApproval.State.values)
    brought_at = serializers.DateTimeField()


class LegacyShown(LegacyListed, DecidedShown):
    """Everything recorded of it. It is no sign-off: nothing of it was checked by the portal."""

    report = serializers.CharField(source="report.file.sha256", default=None, allow_null=True)
    sha256 = serializers.ListField(child=serializers.CharField())
    brought_by = PersonShown()


class LegacyBroughtIn(StrictSerializer):
    """Input for one record."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    version = Text(allow_blank=False, max_length=120)
    approved_on = serializers.DateField()
    approved_by = Text(allow_blank=False, max_length=200)
    reference = Text(allow_blank=False, max_length=500, help_text="Number or address of the report.")
    until = Instant()
    sha256 = serializers.ListField(
        child=Text(max_length=71), required=False, max_length=MOST_DIGESTS, help_text="Counts for these files only."
    )
    report = Text(
        required=False, max_length=71, help_text="SHA-256 of a file attached to the system as evidence."
    )  # fmt: skip


_VERBS = ("confirm", "refuse", "withdraw", "end")


class LegacyViews(ByTwoViews):
    """Records of approvals given before the systems came to the portal, marked legacy."""

    queryset = legacy_rows()
    decisions, rows, begin, move = LEGACY_DECISIONS, legacy_rows, bring_in_approval, move_legacy
    noun, place = "approval", "/api/v1/legacy-approvals/"
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        **dict.fromkeys(("create", "withdraw"), P.IMPORT_RUN),
        **dict.fromkeys(("confirm", "refuse", "end"), P.LEGACY_APPROVAL_CONFIRM),
    }
    verbs: ClassVar = {
        "create": "legacy_approval.bring_in", **{verb: f"legacy_approval.{verb}" for verb in _VERBS}
    }  # fmt: skip
    serializers: ClassVar = {"create": LegacyBroughtIn, **dict.fromkeys(_VERBS, RiskReason)}
    answers: ClassVar = {"list": LegacyListed, **dict.fromkeys(("retrieve", "create", *_VERBS), LegacyShown)}
    filters: ClassVar = by_state_and_system(LegacyApproval.State.values)

    def list(self, request: Request) -> Response:
        """Records of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), LegacyListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One record with what you could do about it."""
        return self.one(self.get_object())

    def create(self, request: Request) -> Response:
        """Record that a version was approved before it came here; another person confirms it."""
        return self.begun()

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Say that the old record was looked at and says so."""
        return self.carry_out("confirm")

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse it."""
        return self.carry_out("refuse")

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what you brought in."""
        return self.carry_out("withdraw")

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Let a confirmed one count no longer."""
        return self.carry_out("end")
