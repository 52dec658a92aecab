"""Regulator clocks over REST: started, drafted, reported, dropped."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation.api.serializers import Why
from incidents import services
from incidents.api import clock_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.drafts import draft_of
from incidents.models import RegulatorClock

P = Permission


class ClockViews(IncidentBase):
    """The verbs of regulator clocks; mixed into the views of incidents."""

    permissions: ClassVar = {
        "create_clock": P.INCIDENT_RUN,
        "draft_report": P.SYSTEM_VIEW,
        "report_clock": P.INCIDENT_RUN,
        "drop_clock": P.INCIDENT_CHECK,
    }
    verbs: ClassVar = {
        "create_clock": "incident.start_clock",
        "report_clock": "incident.report_clock",
        "drop_clock": "incident.drop_clock",
    }
    serializers: ClassVar = {
        "create_clock": shapes.ClockStarted,
        "report_clock": shapes.ClockReported,
        "drop_clock": Why,
    }

    @action(detail=True, methods=["post"], url_path="clocks")
    def create_clock(self, request: Request, pk: str) -> Response:
        """Say that a duty to report runs."""
        return self._added(services.start_clock)

    @action(detail=True, methods=["get"], url_path=f"clocks/(?P<clock>{KEY})/draft")
    def draft_report(self, request: Request, pk: str, clock: str) -> Response:
        """A draft of the report, filled from the record."""
        incident = self.get_object()
        found = self._part(RegulatorClock.objects.filter(incident=incident, pk=clock))
        return Response({"text": draft_of(found, incident)})

    @action(detail=True, methods=["post"], url_path=f"clocks/(?P<clock>{KEY})/report")
    def report_clock(self, request: Request, pk: str, clock: str) -> Response:
        """Keep what was sent to the authority; what follows it begins to run."""
        incident = self.get_object()
        found = self._part(RegulatorClock.objects.filter(incident=incident, pk=clock))
        services.report_clock(actor=self.person, clock=found, door=Door.API, **self.input())
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path=f"clocks/(?P<clock>{KEY})/drop")
    def drop_clock(self, request: Request, pk: str, clock: str) -> Response:
        """Say why a clock is no duty after all; somebody else than who started it."""
        incident = self.get_object()
        found = self._part(RegulatorClock.objects.filter(incident=incident, pk=clock))
        services.drop_clock(actor=self.person, clock=found, door=Door.API, **self.input())
        return self.shown_record(incident)
