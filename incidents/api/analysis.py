"""The analysis of an incident over REST: whys and what contributed."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from incidents import services
from incidents.api import analysis_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.models import ContributingFactor, Why

P = Permission


class AnalysisViews(IncidentBase):
    """The verbs of the analysis; mixed into the views of incidents."""

    permissions: ClassVar = dict.fromkeys(
        ("create_why", "take_back_why", "create_factor", "take_back_factor"), P.INCIDENT_RUN
    )
    verbs: ClassVar = {
        "create_why": "incident.add_why",
        "take_back_why": "incident.take_back_why",
        "create_factor": "incident.add_factor",
        "take_back_factor": "incident.take_back_factor",
    }
    serializers: ClassVar = {"create_why": shapes.WhyAsked, "create_factor": shapes.FactorNamed}

    @action(detail=True, methods=["post"], url_path="whys")
    def create_why(self, request: Request, pk: str) -> Response:
        """Ask why once more, and answer."""
        return self._added(services.add_why)

    @action(detail=True, methods=["post"], url_path=f"whys/(?P<why>{KEY})/take-back")
    def take_back_why(self, request: Request, pk: str, why: str) -> Response:
        """Take the last question of the chain back."""
        incident = self.get_object()
        found = self._part(Why.objects.filter(incident=incident, pk=why))
        self.input()
        services.take_back_why(actor=self.person, why=found, door=Door.API)
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="factors")
    def create_factor(self, request: Request, pk: str) -> Response:
        """Say what contributed, and where it lies."""
        return self._added(services.add_factor)

    @action(detail=True, methods=["post"], url_path=f"factors/(?P<factor>{KEY})/take-back")
    def take_back_factor(self, request: Request, pk: str, factor: str) -> Response:
        """Say that something did not contribute after all."""
        incident = self.get_object()
        found = self._part(ContributingFactor.objects.filter(incident=incident, pk=factor))
        self.input()
        services.take_back_factor(actor=self.person, factor=found, door=Door.API)
        return self.shown_record(incident)
