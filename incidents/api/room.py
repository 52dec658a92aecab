"""The incident room over REST: updates, the sentence on where it stands, links."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from incidents import services
from incidents.api import room_shapes as shapes
from incidents.api.base import IncidentBase
from incidents.models import Incident, IncidentUpdate

P = Permission


class RoomViews(IncidentBase):
    """The verbs of the incident room; mixed into the views of incidents."""

    permissions: ClassVar = {
        "create_update": P.INCIDENT_RUN, "say_status": P.INCIDENT_RUN, "create_link": P.INCIDENT_REPORT,
    }  # fmt: skip
    verbs: ClassVar = {
        "create_update": "incident.send_update", "say_status": "incident.say_status",
        "create_link": "incident.add_link",
    }  # fmt: skip
    serializers: ClassVar = {
        "create_update": shapes.UpdateSent, "say_status": shapes.StatusSaid, "create_link": shapes.IncidentLinkAdded,
    }  # fmt: skip

    @action(detail=True, methods=["post"], url_path="updates")
    def create_update(self, request: Request, pk: str) -> Response:
        """Tell an audience what is known: named people, holders of roles, and the webhooks."""
        return self._added(self._told)

    @action(detail=True, methods=["post"], url_path="status")
    def say_status(self, request: Request, pk: str) -> Response:
        """Say in one sentence where it stands."""
        return self.do(services.say_status)

    @action(detail=True, methods=["post"], url_path="links")
    def create_link(self, request: Request, pk: str) -> Response:
        """Keep where else to look."""
        return self._added(services.add_link)

    def _told(self, *, incident: Incident, **values: Any) -> IncidentUpdate:
        names = set(values.pop("people", ()))
        people = list(User.objects.filter(username__in=[name for name in names if "\0" not in name]))
        if len(people) != len(names):
            raise InvalidInput({"people": [services.NO_READER]})
        return services.send_update(incident=incident, people=people, **values)
