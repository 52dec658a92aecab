"""The proof of independence over REST: acts, and what stands against independence."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.rest.filters import Filter, filtered
from governance.rest.views import PortalViewSet
from governance.validation.acts import acts, narrowed_violations, told, violated
from governance.validation.models import Act
from inventory.api.serializers import PersonShown


class ViolationShown(serializers.Serializer[Any]):
    """A rule of independence the act violates."""

    rule = serializers.CharField()
    sentence = serializers.CharField()


class ActShown(serializers.Serializer[Any]):
    """One act of one person on one release, or on a system as a whole."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    system = serializers.CharField(source="system.slug")
    release = serializers.CharField(source="release.version", allow_null=True, default=None)
    person = PersonShown()
    kind = serializers.ChoiceField(Act.Kind.values)
    what = serializers.CharField()
    violations = ViolationShown(many=True, help_text="Empty when it is independent.")


class WhoShown(PersonShown):
    """Who did it, by the names of today."""

    name = serializers.CharField(source="person")


class ViolationFound(ViolationShown):
    """One violation on record, whether or not its row is an act of the list."""

    at = serializers.DateTimeField()
    system = serializers.CharField(help_text="Slug of the system; of a role on a unit its number.")
    release = serializers.CharField(help_text="Version; empty where it is of no release.")
    person = WhoShown(source="*")
    table = serializers.CharField()
    key = serializers.IntegerField()


class ViolationsFound(serializers.Serializer[Any]):
    """Every one, the newest first."""

    count = serializers.IntegerField()
    results = ViolationFound(many=True)


class Judged(serializers.ListSerializer[Any]):
    """Judges every act of a page in one statement."""

    def to_representation(self, data: Any) -> list[Any]:
        """The page's acts, each knowing what it violates."""
        rows: list[Any] = []
        for act, against in told(list(data), violated()[1]):
            act.violations = against  # type: ignore[attr-defined]
            rows.append(act)
        return super().to_representation(rows)


class JudgedAct(ActShown):
    """An act in a list."""

    class Meta:
        list_serializer_class = Judged


class IndependenceViews(PortalViewSet):
    """Who edited, submitted, signed, verified and granted what, and every act that was nobody independent's."""

    queryset = acts()
    ordering = ("-at", "-id")
    permissions: ClassVar = {"list": Permission.LEDGER_VIEW, "violations": Permission.LEDGER_VIEW}
    answers: ClassVar = {"list": ActShown, "violations": ViolationsFound}
    query: ClassVar = {"violations": ("system", "release", "person")}
    filters: ClassVar = {
        "kind": Filter("kind", "What was done.", choices=Act.Kind.values),
        "person": Filter("person__username", "User name of who did it.", limit=150),
        "release": Filter("release__version", "Version of the release.", limit=60),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Acts, newest first, for who reads the record of the whole organisation."""
        rights.require(self.person, Permission.LEDGER_VIEW)
        return self.listed(filtered(acts(), self.filters, request._request.GET), JudgedAct)

    @action(detail=False, methods=["get"])
    def violations(self, request: Request) -> Response:
        """Everything that stands against independence, also what is no act of the list; nothing is left out."""
        rights.require(self.person, Permission.LEDGER_VIEW)
        found = narrowed_violations(violated()[0], request._request.GET)
        return Response(ViolationsFound({"count": len(found), "results": found}).data)
