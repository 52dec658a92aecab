"""Evidence over REST: what is attached where, with digests. The files themselves are handed out by the pages."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.rest.filters import Filter
from governance.rest.views import PortalViewSet
from inventory.api import serializers as shapes
from inventory.models import EvidenceLink

P = Permission


class EvidenceViews(PortalViewSet):
    """Files attached to systems and their documents."""

    queryset = EvidenceLink.objects.select_related("system", "document", "file", "added_by")
    ordering = ("-id",)
    permissions: ClassVar = {"list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW}
    answers: ClassVar = {"list": shapes.EvidenceShown, "retrieve": shapes.EvidenceShown}
    filters: ClassVar = {
        "system": Filter("system__slug", "Slug of its system.", limit=120),
        "template": Filter("document__template", "Template of the document it is attached to.", limit=80),
        "sha256": Filter("file__sha256", "Digest of the file.", limit=64),
    }

    def list(self, request: Request) -> Response:
        """Files attached to systems you may see."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.EvidenceShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One attached file."""
        return Response(shapes.EvidenceShown(self.get_object()).data)
