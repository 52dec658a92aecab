"""What the doors of incidents share: parts found, people and releases by their names, parts added once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.response import Response

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.rest.idempotency import Answer
from governance.validation.api.records import RecordView
from inventory.models import Release

KEY = "[1-9][0-9]{0,17}"


class IncidentBase(RecordView):
    """Helpers of the views of incidents."""

    def _added(self, service: Callable[..., Any]) -> Response:
        """Add a part: 201 with the whole incident, once per Idempotency-Key."""
        incident = self.get_object()
        values = self.input()

        def add() -> Answer:
            service(actor=self.person, incident=incident, door=Door.API, **values)
            shown = self.shown_record(incident)
            return self.creation(shown.data, f"/api/v1/incidents/{incident.pk}/", shown["ETag"].strip('"'))

        return self.created(add)

    def _part(self, found: QuerySet[Any]) -> Any:
        part = found.select_related("incident").first()
        if part is None:
            raise Http404
        return part

    def _with_person(self, service: Callable[..., Any], field: str, otherwise: str) -> Callable[..., Any]:
        """The service with a person instead of their username; an unknown one reads like one without the right."""

        def call(**values: Any) -> Any:
            person = User.objects.filter(username=values[field]).first() if "\0" not in values[field] else None
            if person is None:
                raise InvalidInput({field: [otherwise]})
            return service(**{**values, field: person})

        return call

    def _release(self, system: int, field: str, key: int) -> Release:
        release = Release.objects.filter(system=system, pk=key).first()
        if release is None:
            raise InvalidInput({field: ["Must be releases of this system."]})
        return release
