"""Saved views over REST: those one finds above a list, one of them, saving one, dropping one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.serializers import StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.list_views import views_for
from inventory.models import SavedView, Unit
from inventory.services.list_views import drop_view, save_view

OF = "Which list: systems, risks, findings, changes or incidents."


class ViewShown(serializers.Serializer[Any]):
    """A list under a name: `query` is what stands in its address."""

    id = serializers.IntegerField()
    of = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField()
    shared = serializers.ChoiceField(SavedView.Shared.values)
    unit = serializers.CharField(source="unit.slug", default=None, allow_null=True)
    person = serializers.CharField(source="person.username")
    saved_at = serializers.DateTimeField()


class ViewSaved(StrictSerializer):
    """Input: one's own view of that name is replaced."""

    of = Text(allow_blank=False, max_length=20, help_text=OF)
    name = Text(allow_blank=False, max_length=80)
    query = Text(allow_blank=True, max_length=2000)
    shared = serializers.ChoiceField(SavedView.Shared.values, required=False)
    unit = Text(required=False, max_length=120, help_text="Slug, where it is shared with a unit.")


class ListViews(PortalViewSet):
    """Lists as somebody likes them."""

    queryset = SavedView.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = dict.fromkeys(("list", "create", "retrieve", "destroy"), Audience.SIGNED_IN)
    verbs: ClassVar = {"create": "list_view.save", "destroy": "list_view.drop"}
    serializers: ClassVar = {"create": ViewSaved}
    answers: ClassVar = dict.fromkeys(("list", "create", "retrieve"), ViewShown)
    filters: ClassVar = {"of": Filter("of", OF, limit=20)}

    def get_queryset(self) -> QuerySet[SavedView]:
        """One's own, those of units one sees something of, those for everybody."""
        return views_for(self.person)

    def list(self, request: Request) -> Response:
        """The views you find above your lists."""
        return self.listed(self.filter_queryset(self.get_queryset()), ViewShown)

    def create(self, request: Request) -> Response:
        """Save a view, or replace your own of that name."""
        values = self.input()
        unit = values.pop("unit", "")
        found = Unit.objects.filter(slug=unit).first() if unit and "\0" not in unit else None

        def save() -> Answer:
            view = save_view(person=self.person, unit=found, **values)
            return self.creation(ViewShown(view).data, f"/api/v1/list-views/{view.pk}/")

        return self.created(save)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return Response(ViewShown(self.get_object()).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Drop it."""
        drop_view(person=self.person, view=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
