"""What an incident is compared with, over REST: similar incidents, and the risks that foresaw it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from incidents import services
from incidents.api import analysis_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.models import Foresight, Incident, SimilarIncident
from inventory.models import Risk
from inventory.past_incidents.queries import past_incidents

P = Permission


class ComparisonViews(IncidentBase):
    """The verbs of comparing; mixed into the views of incidents."""

    permissions: ClassVar = {
        **dict.fromkeys(
            ("create_similar", "take_back_similar", "create_foresight", "take_back_foresight"), P.INCIDENT_RUN
        ),
        "write_risk": P.RISK_CHANGE,
    }
    verbs: ClassVar = {
        "create_similar": "incident.link_similar",
        "take_back_similar": "incident.take_back_similar",
        "create_foresight": "incident.say_foreseen",
        "take_back_foresight": "incident.take_back_foresight",
        "write_risk": "incident.write_risk",
    }
    serializers: ClassVar = {
        "create_similar": shapes.SimilarNamed,
        "create_foresight": shapes.ForeseenSaid,
        "write_risk": shapes.RiskWritten,
    }

    @action(detail=True, methods=["post"], url_path="similar")
    def create_similar(self, request: Request, pk: str) -> Response:
        """Say that another incident, ours or one others had, went wrong alike."""
        return self._added(self._similar)

    @action(detail=True, methods=["post"], url_path=f"similar/(?P<similar>{KEY})/take-back")
    def take_back_similar(self, request: Request, pk: str, similar: str) -> Response:
        """Say that two incidents are not alike after all."""
        incident = self.get_object()
        found = self._part(SimilarIncident.objects.filter(incident=incident, pk=similar))
        self.input()
        services.take_back_similar(actor=self.person, similar=found, door=Door.API)
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="foresights")
    def create_foresight(self, request: Request, pk: str) -> Response:
        """Say which risk of the system had foreseen it, or that none had."""
        return self._added(self._foreseen)

    @action(detail=True, methods=["post"], url_path=f"foresights/(?P<foresight>{KEY})/take-back")
    def take_back_foresight(self, request: Request, pk: str, foresight: str) -> Response:
        """Take back what was said about foreseeing it."""
        incident = self.get_object()
        found = self._part(Foresight.objects.filter(incident=incident, pk=foresight))
        self.input()
        services.take_back_foresight(actor=self.person, foresight=found, door=Door.API)
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="risk")
    def write_risk(self, request: Request, pk: str) -> Response:
        """Write down in the register the risk it showed and none had foreseen."""
        incident = self.get_object()
        services.write_risk(actor=self.person, incident=incident, door=Door.API, **self.input())
        return self.shown_record(incident)

    def _similar(self, *, other: int | None = None, past: int | None = None, **values: Any) -> SimilarIncident:
        ours = visible(self.person, Incident.objects.filter(pk=other)).first() if other else None
        others = past_incidents().filter(pk=past).first() if past else None
        for field, key, found in (("other", other, ours), ("past", past, others)):
            if key and found is None:
                raise InvalidInput({field: [services.NOT_ALIKE]})
        return services.link_similar(other=ours, past=others, **values)

    def _foreseen(self, *, incident: Incident, risk: int | None, **values: Any) -> Foresight:
        found = Risk.objects.filter(system=incident.system_id, pk=risk).first() if risk else None
        if risk and found is None:
            raise InvalidInput({"risk": [services.NOT_ITS_RISK]})
        return services.say_foreseen(incident=incident, risk=found, **values)
