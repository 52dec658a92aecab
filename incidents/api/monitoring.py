"""Monitoring over REST: plans, measurements posted in batches, histograms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Number, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from incidents.drift import MOST_BINS
from incidents.models import Measurement, MonitoringPlan
from incidents.services.measurements import MOST, record_histograms, record_measurements
from incidents.services.plans import change_plan, end_plan, plan_monitoring
from inventory.api.serializers import PersonShown
from inventory.models import System
from inventory.rules import content_version

P = Permission
_POINT = {
    "type": "object",
    "required": ["system", "metric", "at", "value"],
    "additionalProperties": False,
    "properties": {
        "system": {"type": "string", "description": "Slug of the system."},
        "metric": {"type": "string", "maxLength": 60, "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"},
        "slice": {"type": "string", "maxLength": 200, "description": "Part of the data; empty for all of it."},
        "at": {"type": "string", "format": "date-time"},
        "value": {"type": "number"},
    },
}


@extend_schema_field(_POINT)
class PointField(serializers.Field[Any, Any, Any, Any]):
    """One measurement as it came: the service reads a thousand of them faster than serializers would."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object itself."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an object.")
        return data


class MeasurementsPosted(StrictSerializer):
    """Input: measurements, all or none."""

    measurements = serializers.ListField(child=PointField(), min_length=1, max_length=MOST)


class Taken(serializers.Serializer[Any]):
    """What a batch came to. `errors` is empty: a batch with an error is refused whole, with a 400 naming each."""

    accepted = serializers.IntegerField()
    breaches = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the wire's word


class HistogramsPosted(StrictSerializer):
    """Input: counts of the same bins, before and now."""

    system = Text(max_length=120)
    slice = Text(required=False, max_length=200)
    at = Text(max_length=40)
    expected = serializers.ListField(child=serializers.FloatField(min_value=0), min_length=2, max_length=MOST_BINS)
    actual = serializers.ListField(child=serializers.FloatField(min_value=0), min_length=2, max_length=MOST_BINS)


class HistogramsTaken(Taken):
    """What was measured."""

    values = serializers.DictField(child=serializers.FloatField())


class MeasurementShown(serializers.Serializer[Any]):
    """One value at one instant."""

    system = serializers.CharField(source="system.slug")
    metric = serializers.CharField()
    slice = serializers.CharField()
    at = serializers.DateTimeField()
    value = serializers.FloatField()


class PlanShown(serializers.Serializer[Any]):
    """One line of a monitoring plan."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    metric = serializers.CharField()
    slice = serializers.CharField()
    kind = serializers.ChoiceField(MonitoringPlan.Kind.values)
    unit = serializers.CharField()
    direction = serializers.ChoiceField(MonitoringPlan.Direction.values)
    warning = serializers.FloatField(allow_null=True)
    critical = serializers.FloatField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word
    prometheus = serializers.CharField()
    promql = serializers.CharField()
    alert_name = serializers.CharField()
    longest_silence_hours = serializers.IntegerField(allow_null=True)
    breaches_needed = serializers.IntegerField()
    cooldown_minutes = serializers.IntegerField()
    follows = serializers.ChoiceField(MonitoringPlan.Follows.values)
    incident_type = serializers.CharField()
    impact = serializers.CharField()
    urgency = serializers.CharField()
    answers = PersonShown()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()


class PlanChanged(StrictSerializer):
    """Input: what changes of a line of the plan."""

    kind = serializers.ChoiceField(MonitoringPlan.Kind.values, required=False)
    unit = Text(required=False, max_length=40)
    warning = serializers.FloatField(required=False, allow_null=True)
    critical = serializers.FloatField(required=False, allow_null=True)
    source = Text(required=False, max_length=200)  # type: ignore[assignment]  # the wire's word
    prometheus = Text(required=False, max_length=500, help_text="Address of a Prometheus; empty: values are posted.")
    promql = Text(required=False, max_length=1000, help_text="A query that comes to one number.")
    alert_name = Text(required=False, max_length=200)
    longest_silence_hours = Number(required=False, allow_null=True, min_value=1)
    breaches_needed = Number(required=False, min_value=1)
    cooldown_minutes = Number(required=False, min_value=0)
    follows = serializers.ChoiceField(MonitoringPlan.Follows.values, required=False)
    incident_type = Text(required=False, max_length=60)
    impact = Text(required=False, max_length=40)
    urgency = Text(required=False, max_length=40)
    answers = Text(required=False, max_length=150, help_text="Username of who answers for it.")


class Planned(PlanChanged):
    """Input: a new line of the plan."""

    system = Text(max_length=120)
    metric = Text(max_length=60)
    slice = Text(required=False, max_length=200)
    kind = serializers.ChoiceField(MonitoringPlan.Kind.values)
    direction = serializers.ChoiceField(MonitoringPlan.Direction.values)


class Ended(StrictSerializer):
    """Input: why it is not watched any more."""

    reason = Text(allow_blank=False, max_length=500)


class MeasurementViews(PortalViewSet):
    """Values measured on systems in use. They are added, never changed."""

    queryset = Measurement.objects.select_related("system")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "record": P.MEASUREMENT_POST, "histograms": P.MEASUREMENT_POST,
    }  # fmt: skip
    verbs: ClassVar = {"record": "measurement.record", "histograms": "measurement.record"}
    serializers: ClassVar = {"record": MeasurementsPosted, "histograms": HistogramsPosted}
    answers: ClassVar = {"list": MeasurementShown, "record": Taken, "histograms": HistogramsTaken}
    filters: ClassVar = {
        "metric": Filter("metric", "Id of the metric.", limit=60),
        "slice": Filter("slice", "Part of the data."),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Measurements of systems you may see, the newest received first."""
        return self.listed(self.filter_queryset(self.get_queryset()), MeasurementShown)

    def record(self, request: Request) -> Response:
        """Post measurements; breaches have their consequences before you are answered. Safe to repeat."""
        self.authorise(None)
        taken = record_measurements(actor=self.person, door=Door.API, **self.input())
        return Response(Taken({"accepted": taken.accepted, "breaches": taken.breaches, "errors": []}).data)

    def histograms(self, request: Request) -> Response:
        """Post two histograms; their distance is kept as four measurements. Safe to repeat."""
        self.authorise(None)
        taken, values = record_histograms(actor=self.person, door=Door.API, **{"slice": "", **self.input()})
        shown = {"accepted": taken.accepted, "breaches": taken.breaches, "errors": [], "values": values}
        return Response(HistogramsTaken(shown).data)


class PlanViews(PortalViewSet):
    """What is watched on systems: metrics, limits, and what follows a breach or silence."""

    queryset = MonitoringPlan.objects.select_related("system", "answers")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        **dict.fromkeys(("create", "change", "end"), P.MONITORING_CHANGE),
    }
    verbs: ClassVar = {"create": "monitoring.plan", "change": "monitoring.change", "end": "monitoring.end"}
    serializers: ClassVar = {"create": Planned, "change": PlanChanged, "end": Ended}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create", "change", "end"), PlanShown)
    filters: ClassVar = {
        "kind": Filter("kind", "What it tells about.", choices=MonitoringPlan.Kind.values),
        "metric": Filter("metric", "Id of the metric.", limit=60),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Lines of the plans of systems you may see, ended ones too, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), PlanShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One line."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Watch a metric from now on."""
        self.authorise(None)
        values = self._with_person(self.input())
        system = visible(self.person, System.objects.all()).filter(slug=values.pop("system")).first()
        if system is None:
            raise InvalidInput({"system": ["No system you may see has this slug."]})

        def create() -> Answer:
            plan = plan_monitoring(actor=self.person, system=system, door=Door.API, **values)
            return self.creation(PlanShown(plan).data, f"/api/v1/monitoring/{plan.pk}/", _version(plan))

        return self.created(create)

    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Change limits and what follows."""
        return self._do(change_plan)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Watch it no longer."""
        return self._do(end_plan)

    def _do(self, service: Callable[..., MonitoringPlan]) -> Response:
        plan = self.get_object()
        if self.expected(_version(plan)) not in ("", _version(plan)):
            raise Conflict(Reason("stale", "Somebody changed this in the meantime; look at it again."))
        service(actor=self.person, plan=plan, door=Door.API, **self._with_person(self.input()))
        return self._shown(MonitoringPlan.objects.select_related("system", "answers").get(pk=plan.pk))

    def _shown(self, plan: MonitoringPlan) -> Response:
        return self.shown(plan, PlanShown(plan).data, _version(plan))

    def _with_person(self, values: dict[str, Any]) -> dict[str, Any]:
        if "answers" in values:
            found = User.objects.filter(username__iexact=values["answers"], is_active=True).first()
            if found is None:
                raise InvalidInput({"answers": ["Must be a person who can see this system."]})
            values["answers"] = found
        return values


def _version(plan: MonitoringPlan) -> str:
    return content_version("plan", plan.pk, plan.updated_at.isoformat())
