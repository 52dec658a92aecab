"""Audits over REST: planned, staffed, begun, reported, settled; what they find. Files are handed out by pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.engagements import queries, services
from governance.engagements.api import shapes
from governance.engagements.models import AuditFinding, Engagement
from governance.inputs import InvalidInput, unreadable
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.validation.api.records import RecordView
from governance.validation.api.serializers import Why
from inventory.api.references import system_named, unit_named
from inventory.rules import content_version

P = Permission
ALONE = ("start", "close", "cancel", "join", "leave")


class EngagementViews(RecordView):
    """Audits tied to no release."""

    queryset = queries.engagements()
    ordering = ("-id",)
    noun = "engagement"
    whole = shapes.EngagementDetail
    permissions: ClassVar = {
        "list": Audience.SIGNED_IN, "retrieve": Audience.SIGNED_IN, "create": P.ENGAGEMENT_RUN,
        **dict.fromkeys(ALONE, P.ENGAGEMENT_RUN),
        **dict.fromkeys(("raise_finding", "report", "hand_in"), P.SYSTEM_VIEW),
    }  # fmt: skip
    verbs: ClassVar = {
        "create": "engagement.plan", "start": "engagement.start", "close": "engagement.close",
        "cancel": "engagement.cancel", "join": "engagement.add_member", "leave": "engagement.remove_member",
        "raise_finding": "audit_finding.raise", "hand_in": "engagement.report",
    }  # fmt: skip
    serializers: ClassVar = {
        "create": shapes.EngagementPlanned, "close": shapes.EngagementClosed, "cancel": Why,
        "join": shapes.MemberNamed, "leave": shapes.MemberLeft, "raise_finding": shapes.AuditFindingRaised,
        "hand_in": shapes.ReportHandedIn,
    }  # fmt: skip
    answers: ClassVar = {
        "list": shapes.EngagementShown, "raise_finding": shapes.AuditFindingDetail,
        **dict.fromkeys(("report", "hand_in"), shapes.EngagementReport),
        **dict.fromkeys(("retrieve", "create", *ALONE), shapes.EngagementDetail),
    }  # fmt: skip
    filters: ClassVar = {
        "kind": Filter("kind", "Who audits what.", choices=Engagement.Kind.values),
        "state": Filter("state", "Where it stands.", choices=Engagement.State.values),
        "system": Filter("covered__system__slug", "Slug of a system in scope.", limit=120),
    }

    def get_queryset(self) -> QuerySet[Engagement]:
        """Those of which you see a system in scope."""
        return queries.seen_by(self.person, queries.engagements())

    def authorise(self, obj: Model | None) -> None:
        """The right over audits is one of the organisation; who is on the team the service asks."""
        if self.action not in {"raise_finding", "hand_in"}:
            super().authorise(None)

    def records(self) -> QuerySet[Engagement]:
        """With their people."""
        return queries.engagements()

    def offers(self, record: Engagement) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.engagement_offers(self.person, record)

    def complete(self, record: Any) -> None:
        """Its team, and as far as this person sees them its scope and what it reports."""
        record.systems = [line.system.slug for line in queries.covered(self.person, record)]
        record.members = list(queries.team(record))
        if not queries.reads_report(self.person, record):
            record.summary = record.report_name = record.note = None

    def version(self, record: Engagement) -> str:
        """A word that changes whenever it moves or its team does."""
        return content_version(self.noun, record.pk, record.state, record.team.count(), record.report_id)

    def list(self, request: Request) -> Response:
        """Audits of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.EngagementShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One audit."""
        return self.shown_record(self.get_object())

    def create(self, request: Request) -> Response:
        """Plan an audit of systems, or of what is in use in a unit."""
        self.authorise(None)
        values = self.input()
        slug = values.pop("unit", "")
        unit = unit_named(self.person, "unit", slug) if slug else None
        systems = [system_named(self.person, each, "systems") for each in values.pop("systems", [])]

        def create() -> Answer:
            planned = services.plan_engagement(actor=self.person, unit=unit, systems=systems, door=Door.API, **values)
            shown = self.shown_record(planned)
            return self.creation(dict(shown.data), f"/api/v1/engagements/{planned.pk}/")

        return self.created(create)

    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Begin."""
        return self.do(services.start_engagement)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Settle it, not being on the team; the next date is work for the owner of each system in use."""
        return self.do(services.close_engagement)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Say why it does not take place."""
        return self.do(services.cancel_engagement)

    @action(detail=True, methods=["post"], url_path="team")
    def join(self, request: Request, pk: str) -> Response:
        """Name somebody for the team; they see what is in scope until the day."""
        return self.do(self._join)

    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Take somebody off the team; what the membership let them see ends."""
        return self.do(self._leave)

    @action(detail=True, methods=["post"], url_path="findings")
    def raise_finding(self, request: Request, pk: str) -> Response:
        """Record, on the team, what was found on a system in scope."""
        audit, values = self.get_object(), self.input()
        system = system_named(self.person, values.pop("system"))
        found = services.raise_audit_finding(
            actor=self.person, engagement=audit, system=system, door=Door.API, **values
        )
        fresh: Any = queries.findings().get(pk=found.pk)
        fresh.available_actions = queries.finding_offers(self.person, fresh)
        return Response(shapes.AuditFindingDetail(fresh).data)

    @action(detail=True, methods=["get"], parser_classes=[MultiPartParser])
    def report(self, request: Request, pk: str) -> Response:
        """The audit with everything it found that you may see, its answers and their verification."""
        return self._reported(self.get_object())

    @report.mapping.post
    def hand_in(self, request: Request, pk: str) -> Response:
        """Hand in the report, leading the team: a file with a summary; a later one takes its place."""
        audit, values = self.get_object(), self.input()
        file = values["file"]
        services.hand_in_report(
            actor=self.person, engagement=audit, content=file, name=values.get("name") or file.name,
            summary=values["summary"], door=Door.API,
        )  # fmt: skip
        return self._reported(audit)

    def _reported(self, audit: Engagement) -> Response:
        fresh: Any = self.records().get(pk=audit.pk)
        fresh.available_actions = self.offers(fresh)
        self.complete(fresh)
        fresh.found = list(queries.found(self.person, fresh))
        return self.shown(fresh, shapes.EngagementReport(fresh).data, self.version(fresh))

    def _join(self, *, engagement: Engagement, person: str, **values: Any) -> Model:
        return services.add_member(engagement=engagement, person=_person(person), **values)

    def _leave(self, *, engagement: Engagement, person: str, **values: Any) -> Model:
        member = engagement.team.filter(person=_person(person), left_at=None).first()
        if member is None:
            raise InvalidInput({"person": ["Is not on the team."]})
        return services.remove_member(member=member, **values)


def _person(username: str) -> User:
    found = None if unreadable(username) else User.objects.filter(username=username).first()
    if found is None:
        raise InvalidInput({"person": ["There is nobody of that name."]})
    return found


class AuditFindingViews(RecordView):
    """What audits found."""

    queryset = queries.findings()
    ordering = ("-id",)
    noun = "finding"
    whole = shapes.AuditFindingDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "respond": P.FINDING_RESPOND,
        **dict.fromkeys(("verify", "reopen", "withdraw"), P.SYSTEM_VIEW),
    }  # fmt: skip
    verbs: ClassVar = {verb: f"audit_finding.{verb}" for verb in ("respond", "verify", "reopen", "withdraw")}
    serializers: ClassVar = {
        "respond": shapes.Responded, "verify": shapes.Verified, "reopen": Why, "withdraw": Why,
    }  # fmt: skip
    answers: ClassVar = {
        "list": shapes.AuditFindingShown,
        **dict.fromkeys(("retrieve", "respond", "verify", "reopen", "withdraw"), shapes.AuditFindingDetail),
    }
    filters: ClassVar = {
        "engagement": Filter("engagement_id", "Number of its audit.", number=True),
        "state": Filter("state", "Where it stands.", choices=AuditFinding.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[AuditFinding]:
        """With everything shown of them."""
        return queries.findings()

    def offers(self, record: AuditFinding) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.finding_offers(self.person, record)

    def version(self, record: AuditFinding) -> str:
        """Changes with the answer and what the team says."""
        return queries.finding_version(record)

    def list(self, request: Request) -> Response:
        """What audits found on systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.AuditFindingShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One finding."""
        return self.shown_record(self.get_object())

    @action(detail=True, methods=["post"])
    def respond(self, request: Request, pk: str) -> Response:
        """Answer it, for the system."""
        return self.do(services.respond_to_audit_finding)

    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Say, on the team and not having answered it, that the answer settles it."""
        return self.do(services.verify_audit_finding, judges=True)

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Say why the answer does not settle it."""
        return self.do(services.reopen_audit_finding, judges=True)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what you raised."""
        return self.do(services.withdraw_audit_finding)
