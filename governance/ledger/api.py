"""The record over REST: who did what, when, through which door, and in which block it is sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.models import User
from governance.access.structure import structure
from governance.access.vocabulary import Permission
from governance.ledger.models import Event
from governance.ledger.verbs import VERBS
from governance.rest.filters import Filter, filtered
from governance.rest.views import PortalViewSet


class EventShown(serializers.Serializer[Any]):
    """One recorded change of one row, with what it was before and after."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor = serializers.CharField(source="actor_name")
    actor_kind = serializers.CharField()
    token = serializers.CharField(source="token_id", allow_null=True)
    door = serializers.CharField()
    reason = serializers.CharField()
    request_id = serializers.CharField()
    table = serializers.CharField(source="table_name")
    key = serializers.CharField()
    op = serializers.ChoiceField(Event.Op.values)
    system = serializers.CharField(source="system_slug", allow_null=True)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    block = serializers.IntegerField(source="link.block_id", allow_null=True, default=None)


class LedgerViews(PortalViewSet):
    """The append-only, chained record of every governed change."""

    ordering = ("-id",)
    permissions: ClassVar = {"list": Permission.LEDGER_VIEW}
    answers: ClassVar = {"list": EventShown}
    query: ClassVar = {"list": ("system", "actor")}
    filters: ClassVar = {
        "verb": Filter("verb", "What was done.", choices=VERBS),
        "table": Filter("table_name", "Which kind of row changed.", limit=63),
        "key": Filter("key", "Key of the row.", limit=200),
        "block": Filter("link__block", "Height of the block.", number=True),
    }

    def list(self, request: Request) -> Response:
        """Changes you may read of, newest first; `system` is a slug, `actor` a username."""
        parameters = request._request.GET
        found = filtered(self._events(parameters.get("system")), self.filters, parameters)
        if "actor" in parameters:
            found = found.filter(actor_id__in=User.objects.filter(username=parameters["actor"]).values("pk"))
        return self.listed(found.select_related("link"), WithSlugs)

    def _events(self, slug: str | None) -> QuerySet[Event]:
        """The events of one system, or of all the person may read. Raises Http404, Forbidden."""
        systems: QuerySet[Any] = structure().system._default_manager.all()
        if slug is not None:
            system = rights.visible(self.person, systems).filter(slug=slug).first()
            if system is None:
                raise Http404
            rights.require(self.person, Permission.LEDGER_VIEW, system)
            return Event.objects.filter(system_id=system.pk)
        if rights.can(self.person, Permission.LEDGER_VIEW):
            return Event.objects.all()
        readable = rights.visible(self.person, systems, Permission.LEDGER_VIEW)
        if not readable.exists():
            rights.require(self.person, Permission.LEDGER_VIEW)
        return Event.objects.filter(system_id__in=readable.values("pk"))


class Slugs(serializers.ListSerializer[Any]):
    """Looks up every slug of a page in one statement."""

    def to_representation(self, data: Any) -> list[Any]:
        """The page's events, each knowing its system's slug."""
        events = list(data)
        concerned = structure().system._default_manager.filter(pk__in={event.system_id for event in events})
        slugs = dict(concerned.values_list("pk", "slug"))
        for event in events:
            event.system_slug = slugs.get(event.system_id)
        return super().to_representation(events)


class WithSlugs(EventShown):
    """An event in a list."""

    class Meta:
        list_serializer_class = Slugs


urlpatterns = [path("ledger/", LedgerViews.as_view({"get": "list"}), name="api-ledger-list")]
