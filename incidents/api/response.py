"""How an incident is met, over REST: participants, temporary measures, stops, evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation.api.serializers import Why
from incidents import services
from incidents.api import response_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.models import TemporaryMeasure

P = Permission
RUN = (
    "create_participant",
    "create_measure",
    "create_playbook",
    "end_measure",
    "suspend_release",
    "place_hold",
    "hold_evidence",
)


class ResponseViews(IncidentBase):
    """The verbs of the response; mixed into the views of incidents."""

    permissions: ClassVar = {
        **dict.fromkeys(RUN, P.INCIDENT_RUN), **dict.fromkeys(("end_measure", "lift_evidence"), P.INCIDENT_CHECK),
    }  # fmt: skip
    verbs: ClassVar = {
        "create_participant": "incident.add_participant",
        "create_measure": "incident.take_measure",
        "create_playbook": "incident.start_playbook",
        **{verb: f"incident.{verb}" for verb in (*RUN[3:], "lift_evidence")},
    }
    serializers: ClassVar = {
        "create_participant": shapes.ParticipantAdded,
        "create_measure": shapes.MeasureTaken,
        "create_playbook": shapes.PlaybookStarted,
        "end_measure": shapes.MeasureEnded,
        "suspend_release": shapes.IncidentSuspension,
        "place_hold": shapes.IncidentHold,
        "hold_evidence": Why,
        "lift_evidence": Why,
    }

    @action(detail=True, methods=["post"], url_path="participants")
    def create_participant(self, request: Request, pk: str) -> Response:
        """Name somebody who takes part for a function in a stage."""
        return self._added(self._with_person(services.add_participant, "person", services.NOT_A_PARTICIPANT))

    @action(detail=True, methods=["post"], url_path="playbooks")
    def create_playbook(self, request: Request, pk: str) -> Response:
        """Turn the steps of a playbook into tasks."""
        return self._added(self._with_person(services.start_playbook, "owner", services.NO_OWNER))

    @action(detail=True, methods=["post"], url_path="measures")
    def create_measure(self, request: Request, pk: str) -> Response:
        """Write down what keeps the harm small until an instant."""
        return self._added(self._with_release(services.take_measure))

    @action(detail=True, methods=["post"], url_path=f"measures/(?P<measure>{KEY})/end")
    def end_measure(self, request: Request, pk: str, measure: str) -> Response:
        """Say that a temporary measure was taken back, and what is there instead."""
        incident = self.get_object()
        found = self._part(TemporaryMeasure.objects.filter(incident=incident, pk=measure))
        services.end_measure(actor=self.person, measure=found, door=Door.API, **self.input())
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="suspend-release")
    def suspend_release(self, request: Request, pk: str) -> Response:
        """Suspend a release because of the incident."""
        return self.do(self._with_release(services.suspend_for_incident))

    @action(detail=True, methods=["post"], url_path="place-hold")
    def place_hold(self, request: Request, pk: str) -> Response:
        """Place a hold because of the incident; it outlives it."""
        return self.do(self._with_release(services.hold_for_incident))

    @action(detail=True, methods=["post"], url_path="hold-evidence")
    def hold_evidence(self, request: Request, pk: str) -> Response:
        """Say that evidence must stay as it is."""
        return self.do(services.hold_evidence)

    @action(detail=True, methods=["post"], url_path="lift-evidence")
    def lift_evidence(self, request: Request, pk: str) -> Response:
        """Let evidence go that another person had held."""
        return self.do(services.lift_evidence)

    def _with_release(self, service: Callable[..., Any]) -> Callable[..., Any]:
        """The service with a release of the incident's system instead of its number."""

        def call(**values: Any) -> Any:
            key = values.pop("release", None)
            release = None if key is None else self._release(values["incident"].system_id, "release", key)
            return service(**values, release=release)

        return call
