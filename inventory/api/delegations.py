"""Lent roles over REST: listed, shown, given, ended."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.views import PortalViewSet
from inventory import delegations
from inventory.api import serializers as shapes
from inventory.models import Assignment
from inventory.services.delegations import delegate, end_delegation

P = Permission


class DelegationViews(PortalViewSet):
    """Roles lent for a while: by whom, to whom, from when until when."""

    queryset = delegations.delegations()
    ordering = ("-id",)
    permissions: ClassVar = dict.fromkeys(("list", "retrieve", "create", "end"), P.SYSTEM_VIEW)
    verbs: ClassVar = {"create": "assignment.delegate", "end": "assignment.end"}
    serializers: ClassVar = {"create": shapes.DelegationGiven, "end": shapes.Reason}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create", "end"), shapes.DelegationShown)
    filters: ClassVar = {
        "delegator": Filter("delegated_from__person__username", "Username of the lender.", limit=150),
        "person": Filter("person__username", "Username of who it is lent to.", limit=150),
        "role": Filter("role", "The role.", choices=Assignment.Roles.values),
        "system": Filter("system__slug", "Slug of the system it stands on.", limit=120),
        "unit": Filter("unit__slug", "Slug of the unit it stands on.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Delegations on systems and units you may see, ended ones included, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.DelegationShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One delegation."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Lend a role you hold to somebody, for a time."""
        values = self.input()
        seen = rights.visible(self.person, Assignment.objects.all())
        source = seen.filter(pk=values.pop("assignment")).first()
        if source is None:
            raise InvalidInput({"assignment": ["No role of this number is here for you."]})
        person = User.objects.filter(username=values.pop("person")).first()

        def create() -> Answer:
            lent = delegate(actor=self.person, assignment=source, person=person, door=Door.API, **values)
            return self.creation(self._shown(lent).data, f"/api/v1/delegations/{lent.pk}/")

        return self.created(create)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a delegation now: who lent the role, who it is lent to, or who may end the role."""
        ended = end_delegation(actor=self.person, assignment=self.get_object(), door=Door.API, **self.input())
        return self._shown(ended)

    def _shown(self, delegation: Assignment) -> Response:
        fresh = delegations.delegations().get(pk=delegation.pk)
        return self.shown(fresh, shapes.DelegationShown(fresh).data)
