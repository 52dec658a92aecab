"""Findings over REST: listed, shown, raised, answered, verified, reopened, accepted, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.parsers import StrictJSONParser
from governance.validation import queries, services
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.api.records import RecordView, handed_in
from governance.validation.models import Finding
from inventory.models import Release

P = Permission
_VERBS = ("attach", "respond", "verify", "reopen", "accept", "withdraw")


class FindingViews(RecordView):
    """Defects of releases."""

    queryset = queries.findings()
    ordering = ("-id",)
    noun = "finding"
    whole = stops.FindingDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.FINDING_RAISE,
        "attach": (P.FINDING_RESPOND, P.FINDING_VERIFY),
        "respond": P.FINDING_RESPOND,
        "verify": P.FINDING_VERIFY,
        "reopen": P.FINDING_VERIFY,
        "accept": P.FINDING_ACCEPT,
        "withdraw": P.FINDING_RAISE,
    }
    verbs: ClassVar = {"create": "finding.raise", **{verb: f"finding.{verb}" for verb in _VERBS}}
    serializers: ClassVar = {
        "create": stops.FindingRaised,
        "attach": shapes.AttachedToFinding,
        "respond": stops.Response,
        "verify": stops.Verification,
        "reopen": shapes.Why,
        "accept": stops.Acceptance,
        "withdraw": shapes.Why,
    }
    answers: ClassVar = {
        "list": stops.FindingShown,
        **dict.fromkeys(("retrieve", "create", *_VERBS), stops.FindingDetail),
    }
    filters: ClassVar = {
        "release": Filter("release_id", "Number of its release.", number=True),
        "severity": Filter("severity", "Severity of the policy.", limit=40),
        "state": Filter("state", "Where it stands.", choices=Finding.State.values),
        "system": Filter("release__system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[Finding]:
        """Findings with everything shown of them."""
        return queries.findings()

    def offers(self, record: Finding) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.finding_offers(self.person, record)

    def version(self, record: Finding) -> str:
        """Changes with the answer, its files and its judgement."""
        return queries.finding_version(record)

    def complete(self, record: Any) -> None:
        """Its files."""
        record.attached = record.files.select_related("file", "added_by")

    def list(self, request: Request) -> Response:
        """Findings you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), stops.FindingShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One finding with what you could do about it."""
        return self.shown_record(self.get_object())

    def create(self, request: Request) -> Response:
        """Raise a finding on a release."""
        values = self.input()
        release = release_named(self, values.pop("release"))

        def create() -> Answer:
            finding = services.raise_finding(actor=self.person, release=release, door=Door.API, **values)
            shown = self.shown_record(finding)
            return self.creation(shown.data, f"/api/v1/findings/{finding.pk}/", self.version(finding))

        return self.created(create)

    @action(detail=True, methods=["post"], parser_classes=[StrictJSONParser, MultiPartParser])
    def attach(self, request: Request, pk: str) -> Response:
        """Attach a file to the answer or to the judgement of it: multipart, or the digest of one kept already."""
        finding = self.get_object()
        services.attach_to_finding(actor=self.person, finding=finding, door=Door.API, **handed_in(self.input()))
        return self.shown_record(finding)

    @action(detail=True, methods=["post"])
    def respond(self, request: Request, pk: str) -> Response:
        """Answer it."""
        return self.do(services.respond_to_finding)

    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Confirm that the answer settles it; another person than who answered."""
        return self.do(services.verify_finding, judges=True)

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open it again."""
        return self.do(services.reopen_finding, judges=True)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept its risk until an instant."""
        return self.do(services.accept_finding, judges=True)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back; who raised it only."""
        return self.do(services.withdraw_finding)


def release_named(view: RecordView, key: int) -> Release:
    """The release of that number. Raises InvalidInput, the same for unknown and for invisible."""
    release = visible(view.person, Release.objects.select_related("system")).filter(pk=key).first()
    if release is None:
        raise InvalidInput({"release": ["No release you may see has this number."]})
    return release
