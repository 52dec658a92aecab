"""Documents over REST: listed, shown with their revisions, continued by the next revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.views import PortalViewSet
from inventory import queries
from inventory.api import serializers as shapes
from inventory.documents import reading
from inventory.models import Document
from inventory.services import save_document_revision

P = Permission


class DocumentViews(PortalViewSet):
    """Documentation of systems; every save is a revision that never changes."""

    queryset = Document.objects.select_related("system")
    ordering = ("-id",)
    permissions: ClassVar = {"list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "update": P.DOCUMENT_CHANGE}
    verbs: ClassVar = {"update": "document.save"}
    serializers: ClassVar = {"update": shapes.DocumentRevised}
    answers: ClassVar = {
        "list": shapes.DocumentListed,
        "retrieve": shapes.DocumentShown,
        "update": shapes.DocumentShown,
    }
    filters: ClassVar = {
        "system": Filter("system__slug", "Slug of its system.", limit=120),
        "template": Filter("template", "Template of the policy.", limit=80),
    }

    def list(self, request: Request) -> Response:
        """Documents of systems you may see."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.DocumentListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One document with every revision; its ETag is the number of the last."""
        return self._shown(self.get_object())

    def update(self, request: Request, pk: str) -> Response:
        """Save the next revision, written from the one named in If-Match."""
        document = self.get_object()
        number = str(document.revisions.count())
        expected = self.expected(number)
        save_document_revision(
            actor=self.person,
            system=document.system,
            template=document.template,
            expected_number=_number(expected),
            door=Door.API,
            **self.input(),
        )
        return self._shown(document)

    def _shown(self, document: Document) -> Response:
        data = document_data(document.pk, self.get_serializer_context())
        return self.shown(document, data, str(len(data["revisions"])))


def document_data(key: int, context: Mapping[str, Any]) -> dict[str, Any]:
    """A document as the API shows it, with how it stands now."""
    document = queries.documents().get(pk=key)
    pack = reading.policy_now()
    template = reading.template_named(pack, document.template)
    newest = max(document.revisions.all(), key=lambda revision: revision.number, default=None)
    standing = reading.standing_of(document.system, template, newest, pack) if template and pack else None
    return {
        **shapes.DocumentWritten(document, context=dict(context)).data,
        "standing": shapes.DocumentStanding(standing).data if standing else None,
    }


def _number(expected: str) -> int | None:
    """The revision an ETag of ours names; -1 for one that is none of ours and so never current."""
    if not expected:
        return None
    return int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 10 else -1
