"""Roles over REST: shown and ended; they are given on the system they stand on."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.views import PortalViewSet
from inventory.api import serializers as shapes
from inventory.models import Assignment
from inventory.services.assignments import end_assignment

P = Permission


class AssignmentViews(PortalViewSet):
    """Who holds which role, from when until when."""

    queryset = Assignment.objects.select_related("person", "assigned_by", "system", "unit")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "end": (P.ASSIGNMENT_CHANGE, P.ASSIGNMENT_DEVELOPER),
    }
    verbs: ClassVar = {"end": "assignment.end"}
    serializers: ClassVar = {"end": shapes.Reason}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "end"), shapes.AssignmentShown)
    filters: ClassVar = {
        "person": Filter("person__username", "Username.", limit=150),
        "role": Filter("role", "The role.", choices=Assignment.Roles.values),
        "system": Filter("system__slug", "Slug of the system it stands on.", limit=120),
        "unit": Filter("unit__slug", "Slug of the unit it stands on.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Roles on systems and units you may see, ended ones included, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.AssignmentShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One role."""
        assignment = self.get_object()
        return self.shown(assignment, shapes.AssignmentShown(assignment).data)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a role now."""
        ended = end_assignment(actor=self.person, assignment=self.get_object(), door=Door.API, **self.input())
        return self.shown(ended, shapes.AssignmentShown(ended).data)
