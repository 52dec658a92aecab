"""Sandboxes over REST: a spreadsheet is judged apart from the register, looked at row by row, thrown away."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door, acting
from governance.rest import idempotency
from governance.rest.filters import Filter
from governance.rest.parsers import StrictJSONParser
from governance.rest.serializers import StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory import queries
from inventory.models import Sandbox
from inventory.services.sandboxes import throw_away
from inventory.tasks import put_into_sandbox

P = Permission


class SandboxShown(serializers.Serializer[Any]):
    """A spreadsheet in its sandbox; `figures` once it is judged, `faults` where it could not be read."""

    id = serializers.UUIDField()
    file_name = serializers.CharField()
    mapping = serializers.CharField()
    person = serializers.CharField(source="person.username")
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(Sandbox.State.values)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    pack = serializers.CharField(help_text="Pack and version that judged.")
    figures = serializers.DictField(help_text="Rows, tiers, owners nobody named, duty by tier by standing.")
    faults = serializers.ListField(source="errors", child=serializers.DictField(), help_text="Line, field, message.")


class SandboxRowShown(serializers.Serializer[Any]):
    """One row: the tier its answers come to and how it stands with each duty."""

    line = serializers.IntegerField()
    name = serializers.CharField()
    unit = serializers.CharField()
    phase = serializers.CharField()
    tier = serializers.CharField()
    tier_reason = serializers.CharField()
    owner = serializers.CharField()
    duties = serializers.DictField(help_text="Duty to how it stands, and why.")


class SandboxFilled(StrictSerializer):
    """Input, as multipart/form-data: a CSV file or workbook, and the name of a mapping."""

    file = serializers.FileField(allow_empty_file=True, max_length=1000)
    mapping = Text(allow_blank=False, max_length=80, help_text="As `import_inventory --mapping` takes it.")


class SandboxViews(PortalViewSet):
    """Spreadsheets judged apart from the register. Nothing in one is a system; a sandbox may be thrown away."""

    queryset = Sandbox.objects.all()
    ordering = ("-at", "-id")
    permissions: ClassVar = dict.fromkeys(("list", "retrieve", "create", "destroy", "rows"), P.IMPORT_RUN)
    verbs: ClassVar = {"create": "sandbox.fill", "destroy": "sandbox.throw_away"}
    serializers: ClassVar = {"create": SandboxFilled}
    answers: ClassVar = {**dict.fromkeys(("list", "retrieve", "create"), SandboxShown), "rows": SandboxRowShown}
    filters: ClassVar = {"state": Filter("state", "How far it is.", choices=Sandbox.State.values)}
    paged: ClassVar = ("list", "rows")
    parser_classes = [StrictJSONParser, MultiPartParser]
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def get_queryset(self) -> QuerySet[Sandbox]:
        """Sandboxes belong to no system: who may import sees all of them."""
        return queries.sandboxes()

    def list(self, request: Request) -> Response:
        """Every sandbox, the newest first."""
        rights.require(self.person, P.IMPORT_RUN)
        return self.listed(self.filter_queryset(self.get_queryset()), SandboxShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """How far it is, and what the file comes to."""
        rights.require(self.person, P.IMPORT_RUN)
        return Response(SandboxShown(self.get_object()).data)

    def create(self, request: Request) -> Response:
        """Put a file into a sandbox; a job judges it."""
        self.authorise(None)
        values = self.input()
        content = values["file"].read()

        def fill() -> idempotency.Answer:
            made = put_into_sandbox(
                person=self.person, content=content, file_name=values["file"].name, mapping=values["mapping"],
                door=Door.API,
            )  # fmt: skip
            return self.creation(SandboxShown(made).data, f"/api/v1/sandboxes/{made.pk}/")

        key = idempotency.key_of(request)
        if key is None:
            answer = fill()
        else:
            asked = {"mapping": values["mapping"], "file": sha256(content).hexdigest(), "name": values["file"].name}
            with acting(self.person, door=Door.API, verb=self.verbs["create"]):
                answer = idempotency.once(self.person, key, request.path, asked, fill)
        return Response(answer.body, status=answer.status, headers={"Location": answer.location})

    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: str) -> Response:
        """Its rows, as they stand in the file."""
        rights.require(self.person, P.IMPORT_RUN)
        return self.listed(self.get_object().rows.all(), SandboxRowShown, ("line",))

    def destroy(self, request: Request, pk: str) -> Response:
        """Throw it away with everything in it."""
        self.authorise(None)
        throw_away(actor=self.person, sandbox=self.get_object(), door=Door.API)
        return Response(status=status.HTTP_204_NO_CONTENT)
