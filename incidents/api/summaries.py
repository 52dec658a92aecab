"""What is told outside about an incident, over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.validation.api.serializers import Why as Reason
from incidents import services
from incidents.api import analysis_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.api.review_shapes import PlaybookDecided
from incidents.models import PublicSummary
from incidents.outside import approved_summary, draft_of_summary

P = Permission


class SummaryViews(IncidentBase):
    """The verbs of summaries; mixed into the views of incidents."""

    permissions: ClassVar = {
        "create_summary": P.INCIDENT_RUN, "approve_summary": P.INCIDENT_CHECK, "refuse_summary": P.INCIDENT_CHECK,
        "draft_summary": P.SYSTEM_VIEW, "shared_summary": P.SYSTEM_VIEW,
    }  # fmt: skip
    verbs: ClassVar = {
        "create_summary": "incident.write_summary",
        "approve_summary": "incident.approve_summary",
        "refuse_summary": "incident.refuse_summary",
    }
    serializers: ClassVar = {
        "create_summary": shapes.SummaryWritten,
        "approve_summary": PlaybookDecided,
        "refuse_summary": Reason,
    }

    @action(detail=True, methods=["post"], url_path="summaries")
    def create_summary(self, request: Request, pk: str) -> Response:
        """Write what is to be told outside; somebody else approves it."""
        return self._added(services.write_summary)

    @action(detail=True, methods=["get"], url_path="summaries/draft")
    def draft_summary(self, request: Request, pk: str) -> Response:
        """A draft from the record, without names."""
        return Response({"text": draft_of_summary(self.get_object())})

    @action(detail=True, methods=["get"], url_path="summary")
    def shared_summary(self, request: Request, pk: str) -> Response:
        """The newest approved version; 404 while there is none."""
        incident = self.get_object()
        try:
            return Response({"text": approved_summary(incident).text})
        except Conflict as nothing_approved:
            raise Http404 from nothing_approved

    @action(detail=True, methods=["post"], url_path=f"summaries/(?P<summary>{KEY})/approve")
    def approve_summary(self, request: Request, pk: str, summary: str) -> Response:
        """Let a version out; somebody else than who wrote it."""
        return self._decided(services.approve_summary, summary)

    @action(detail=True, methods=["post"], url_path=f"summaries/(?P<summary>{KEY})/refuse")
    def refuse_summary(self, request: Request, pk: str, summary: str) -> Response:
        """Keep a version inside, and say why."""
        return self._decided(services.refuse_summary, summary)

    def _decided(self, service: Any, summary: str) -> Response:
        incident = self.get_object()
        found = self._part(PublicSummary.objects.filter(incident=incident, pk=summary))
        service(actor=self.person, summary=found, door=Door.API, **self.input())
        return self.shown_record(incident)
