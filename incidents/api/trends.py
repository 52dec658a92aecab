"""Trends over incidents over REST: the tables the page shows, of what the caller may see."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.rest.views import PortalViewSet
from incidents.models import Incident
from incidents.trends.reading import PARAMETERS, trends_for


class TrendTable(serializers.Serializer[Any]):
    """One table: a word or title in front of each row, then its numbers."""

    key = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField()
    head = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))


class TrendsShown(serializers.Serializer[Any]):
    """Everything counted, with how many incidents it covers and how many dismissed ones and duplicates it does not."""

    at = serializers.DateTimeField()
    total = serializers.IntegerField()
    left_out = serializers.IntegerField()
    tables = TrendTable(many=True)


class TrendViews(PortalViewSet):
    """Incidents counted."""

    queryset = Incident.objects.all()
    paged = ()
    permissions: ClassVar = {"list": Permission.SYSTEM_VIEW}
    answers: ClassVar = {"list": TrendsShown}
    query: ClassVar = {"list": sorted(PARAMETERS)}

    def list(self, request: Request) -> Response:
        """Incidents by time, type, severity, system and unit; how long they took; actions and duties.

        `period` is 3, 12 (as left out) or 36 months, or `all`; `unit` covers those below it.
        """
        told = trends_for(self.person, request._request.GET.dict(), portal_now())
        return Response(TrendsShown(told).data)
