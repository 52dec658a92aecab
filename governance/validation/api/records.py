"""What views of findings, conditions and holds share: one record with its version, one verb on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Offer, Reason
from governance.rest.views import PortalViewSet
from governance.validation.services import Handed
from inventory.rules import content_version


class RecordView(PortalViewSet):
    """Shows a record with the verbs this person could press, and carries one out."""

    permissions: ClassVar = {}
    noun: ClassVar[str]
    whole: ClassVar[type[BaseSerializer[Any]]]

    def records(self) -> QuerySet[Any]:
        """Every record, with what is shown of it."""
        raise NotImplementedError

    def offers(self, record: Any) -> Iterable[Offer]:
        """What this person could do about the record."""
        raise NotImplementedError

    def version(self, record: Any) -> str:
        """A word that changes whenever the record moves; nouns on which something is said put that into it."""
        return content_version(self.noun, record.pk, record.state)

    def complete(self, record: Any) -> None:
        """Add to a record what only its detail shows."""

    def shown_record(self, record: Model) -> Response:
        """The record as it is now, for this person."""
        fresh = self.records().get(pk=record.pk)
        fresh.available_actions = self.offers(fresh)
        self.complete(fresh)
        return self.shown(fresh, self.whole(fresh).data, self.version(fresh))

    def do(self, service: Callable[..., Any], *, judges: bool = False) -> Response:
        """Call a service on the record of this address with the checked body.

        One that `judges` what somebody said is told the version the caller read, and compares it under its lock.
        """
        record = self.get_object()
        version = self.version(record)
        seen = self.expected(version)
        if seen not in ("", version):
            raise Conflict(Reason("stale", f"Somebody moved this {self.noun} in the meantime; look at it again."))
        read = {"seen": seen} if judges else {}
        service(actor=self.person, door=Door.API, **{self.noun: record}, **read, **self.input())
        return self.shown_record(record)


def handed_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the services of attachments take, from a checked body."""
    file = values.get("file")
    name = values.get("name") or (file.name if file is not None else "")
    return {"part": values["part"], "handed": Handed(file, name, values.get("sha256", ""))}
