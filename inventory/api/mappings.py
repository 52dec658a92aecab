"""Mappings of imports over REST: those that were saved, and saving another version."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import StrictSerializer
from governance.rest.views import PortalViewSet
from inventory.models import SavedMapping
from inventory.services.mappings import save_mapping

P = Permission


class MappingShown(serializers.Serializer[Any]):
    """One version of a mapping; `import_inventory --mapping NAME` takes the newest, `NAME@2` that one."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    saved_at = serializers.DateTimeField()
    saved_by = serializers.CharField(source="saved_by.username", default=None, allow_null=True)
    document = serializers.DictField(help_text="As a mapping file says it.")


class MappingSaved(StrictSerializer):
    """Input: a mapping as a file of one's own would say it; its version is given by the portal."""

    document = serializers.DictField()


class MappingViews(PortalViewSet):
    """Mappings that were saved here, each version as it was."""

    queryset = SavedMapping.objects.select_related("saved_by")
    ordering = ("-id",)
    permissions: ClassVar = dict.fromkeys(("list", "retrieve", "create"), P.IMPORT_RUN)
    verbs: ClassVar = {"create": "mapping.save"}
    serializers: ClassVar = {"create": MappingSaved}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create"), MappingShown)
    filters: ClassVar = {"name": Filter("name", "Name of the mapping.", limit=61)}

    def get_queryset(self) -> Any:
        """Mappings belong to no system: who may import sees all of them."""
        return self.queryset.all()

    def list(self, request: Request) -> Response:
        """Every version, the newest first."""
        rights.require(self.person, P.IMPORT_RUN)
        return self.listed(self.filter_queryset(self.get_queryset()), MappingShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One version."""
        rights.require(self.person, P.IMPORT_RUN)
        return Response(MappingShown(self.get_object()).data)

    def create(self, request: Request) -> Response:
        """Save a mapping as the next version of its name."""
        self.authorise(None)
        document = self.input()["document"]

        def save() -> Answer:
            saved = save_mapping(actor=self.person, document=document, door=Door.API)
            return self.creation(MappingShown(saved).data, f"/api/v1/import-mappings/{saved.pk}/")

        return self.created(save)
