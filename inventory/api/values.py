"""Value over REST: what systems were expected to bring and brought, period by period."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Day, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.models import ValuePeriod
from inventory.services.values import MOST, record_values

P = Permission


def _shown() -> serializers.DecimalField:
    return serializers.DecimalField(20, 4, allow_null=True)


def _given() -> serializers.DecimalField:
    return serializers.DecimalField(20, 4, required=False, allow_null=True)


class ValueShown(serializers.Serializer[Any]):
    """What is said about one period."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    period = serializers.ChoiceField(ValuePeriod.Period.values)
    starts_on = serializers.DateField()
    currency = serializers.CharField()
    outcome_unit = serializers.CharField()
    expected_outcome = _shown()
    actual_outcome = _shown()
    expected_cost = _shown()
    actual_cost = _shown()
    expected_saving = _shown()
    actual_saving = _shown()
    expected_return = _shown()
    actual_return = _shown()
    note = serializers.CharField()
    recorded_by = PersonShown()
    recorded_at = serializers.DateTimeField()


class ValueOfPeriod(StrictSerializer):
    """Input for one period."""

    period = serializers.ChoiceField(ValuePeriod.Period.values)
    starts_on = Day(help_text="Its first day.")
    currency = Text(max_length=3, allow_blank=False)
    outcome_unit = Text(required=False, max_length=200)
    expected_outcome = _given()
    actual_outcome = _given()
    expected_cost = _given()
    actual_cost = _given()
    expected_saving = _given()
    actual_saving = _given()
    expected_return = _given()
    actual_return = _given()
    note = Text(required=False, max_length=4000)


class ValuesRecorded(StrictSerializer):
    """Input: periods of one system, all or none."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    periods = serializers.ListField(child=ValueOfPeriod(), min_length=1, max_length=MOST)


class ValuesShown(serializers.Serializer[Any]):
    """What was recorded."""

    periods = ValueShown(many=True)


class ValueViews(PortalViewSet):
    """What systems were expected to bring and brought. Words are added, never changed; the newest one counts."""

    queryset = ValuePeriod.objects.select_related("system", "recorded_by").defer("system__search")
    ordering = ("-id",)
    permissions: ClassVar = {"list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "create": P.SYSTEM_CHANGE}
    verbs: ClassVar = {"create": "value.record"}
    serializers: ClassVar = {"create": ValuesRecorded}
    answers: ClassVar = {"list": ValueShown, "retrieve": ValueShown, "create": ValuesShown}
    filters: ClassVar = {
        "period": Filter("period", "How long it is.", choices=ValuePeriod.Period.values),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Words on systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), ValueShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One word."""
        found = self.get_object()
        return self.shown(found, ValueShown(found).data)

    def create(self, request: Request) -> Response:
        """Record periods of a system."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values["system"])

        def record() -> Answer:
            made = record_values(actor=self.person, system=system, periods=values["periods"], door=Door.API)
            return self.creation(ValuesShown({"periods": made}).data, f"/api/v1/values/?system={system.slug}")

        return self.created(record)
