"""Past incidents of others, failure modes of systems, and the look-alikes that wait for an answer, over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.serializers import StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.models import FailureMode, LookAlike, PastIncident
from inventory.past_incidents.queries import past_incidents
from inventory.services.failure_modes import (
    answer_look_alike,
    end_failure_mode,
    search_look_alikes,
    write_failure_mode,
)

P = Permission
LONG = 10_000


class PastIncidentShown(serializers.Serializer[Any]):
    """An incident somebody else had, as its source tells it."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word
    number = serializers.IntegerField(help_text="What the source calls it.")
    occurred_on = serializers.DateField()
    title = serializers.CharField()
    description = serializers.CharField()
    deployers = serializers.ListField(child=serializers.CharField())
    developers = serializers.ListField(child=serializers.CharField())
    harmed = serializers.ListField(child=serializers.CharField())
    reports = serializers.ListField(child=serializers.IntegerField())
    changed_at = serializers.DateTimeField()


class FailureModeShown(serializers.Serializer[Any]):
    """One way a system fails."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    what = serializers.CharField()
    who = serializers.CharField()
    when = serializers.CharField()
    how = serializers.CharField()
    created_by = PersonShown()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()


class FailureModeWritten(StrictSerializer):
    """Input: all four questions answered."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of its system.")
    what = Text(allow_blank=False, max_length=LONG)
    who = Text(allow_blank=False, max_length=LONG)
    when = Text(allow_blank=False, max_length=LONG)
    how = Text(allow_blank=False, max_length=LONG)


class EndReason(StrictSerializer):
    """Why."""

    reason = Text(allow_blank=False, max_length=500)


class LookAlikeShown(serializers.Serializer[Any]):
    """A past incident proposed for a system, with the answer if there is one."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    incident = PastIncidentShown()
    proposed_at = serializers.DateTimeField()
    answer = serializers.ChoiceField(LookAlike.Answer.values)
    reason = serializers.CharField()
    answered_by = PersonShown(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class LookAlikeAnswered(StrictSerializer):
    """Input: whether it could happen here, and how it is treated or why not."""

    answer = serializers.ChoiceField([word for word in LookAlike.Answer.values if word])
    reason = Text(allow_blank=False, max_length=LONG)


class SystemNamed(StrictSerializer):
    """Input: which system."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")


class PastIncidentViews(PortalViewSet):
    """Incidents others had; everybody who is signed in may read them."""

    queryset = past_incidents()
    ordering = ("-id",)
    search = "search"
    permissions: ClassVar = {"list": Audience.SIGNED_IN, "retrieve": Audience.SIGNED_IN}
    answers: ClassVar = {"list": PastIncidentShown, "retrieve": PastIncidentShown}
    filters: ClassVar = {
        "number": Filter("number", "What the source calls it.", number=True),
        "source": Filter("source", "Which database.", limit=40),
    }

    def get_queryset(self) -> QuerySet[PastIncident]:
        """All of them: they concern no system here."""
        return past_incidents()

    def list(self, request: Request) -> Response:
        """Past incidents, the last taken in first."""
        return self.listed(self.filter_queryset(self.get_queryset()), PastIncidentShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One past incident."""
        return Response(PastIncidentShown(self.get_object()).data)


class FailureModeViews(PortalViewSet):
    """The worksheets of systems: what goes wrong, who, when, and how one copes."""

    queryset = FailureMode.objects.select_related("system", "created_by").defer("system__search")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "create": P.RISK_CHANGE, "end": P.RISK_CHANGE
    }  # fmt: skip
    verbs: ClassVar = {"create": "failure_mode.write", "end": "failure_mode.end"}
    serializers: ClassVar = {"create": FailureModeWritten, "end": EndReason}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create", "end"), FailureModeShown)
    filters: ClassVar = {"system": Filter("system__slug", "Slug of its system.", limit=120)}

    def list(self, request: Request) -> Response:
        """Failure modes of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), FailureModeShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One failure mode."""
        return Response(FailureModeShown(self.get_object()).data)

    def create(self, request: Request) -> Response:
        """Write down one way a system fails."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def write() -> Answer:
            mode = write_failure_mode(actor=self.person, system=system, door=Door.API, **values)
            return self.creation(FailureModeShown(mode).data, f"/api/v1/failure-modes/{mode.pk}/")

        return self.created(write)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Say that it no longer counts, and why."""
        mode = self.get_object()
        ended = end_failure_mode(actor=self.person, mode=mode, door=Door.API, **self.input())
        return Response(FailureModeShown(ended).data)


class LookAlikeViews(PortalViewSet):
    """Past incidents that look like a system, each with an answer or waiting for one."""

    queryset = LookAlike.objects.select_related("system", "incident", "answered_by").defer(
        "system__search", "incident__search"
    )
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "propose": P.RISK_CHANGE, "answer": P.RISK_CHANGE
    }  # fmt: skip
    verbs: ClassVar = {"propose": "look_alike.search", "answer": "look_alike.answer"}
    serializers: ClassVar = {"propose": SystemNamed, "answer": LookAlikeAnswered}
    answers: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "answer"), LookAlikeShown), "propose": LookAlikeShown
    }  # fmt: skip
    filters: ClassVar = {
        "answer": Filter("answer", "What was said.", choices=[word for word in LookAlike.Answer.values if word]),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Look-alikes of systems you may see, the last proposed first."""
        return self.listed(self.filter_queryset(self.get_queryset()), LookAlikeShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One look-alike."""
        return Response(LookAlikeShown(self.get_object()).data)

    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Look for the past incidents most like a system; all that were ever proposed for it are given back."""
        self.authorise(None)
        system = system_named(self.person, self.input()["system"])
        search_look_alikes(actor=self.person, system=system, door=Door.API)
        rows = self.get_queryset().filter(system=system).order_by("-id")
        return Response({"results": LookAlikeShown(rows, many=True).data})

    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Say whether it could happen here."""
        look_alike = self.get_object()
        answer_look_alike(actor=self.person, look_alike=look_alike, door=Door.API, **self.input())
        return Response(LookAlikeShown(self.get_queryset().get(pk=look_alike.pk)).data)
