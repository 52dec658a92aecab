"""Evaluation results over REST: recorded by people and CI, listed; and the metric catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Number, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.serializers import PersonShown
from inventory.metrics import catalogue
from inventory.models import Evaluation, Release
from inventory.services.evaluations import MOST, record_evaluations

P = Permission


class EvaluationShown(serializers.Serializer[Any]):
    """One value of one metric."""

    id = serializers.IntegerField()
    release = serializers.IntegerField(source="release_id")
    metric = serializers.CharField()
    slice = serializers.CharField()
    value = serializers.FloatField()
    threshold = serializers.FloatField(allow_null=True)
    direction = serializers.ChoiceField(Evaluation.Direction.values)
    holds = serializers.BooleanField(allow_null=True, help_text="Whether it keeps its threshold.")
    dataset_version = serializers.CharField()
    method = serializers.ChoiceField(Evaluation.Method.values)
    note = serializers.CharField()
    created_by = PersonShown()
    created_at = serializers.DateTimeField()


class Result(StrictSerializer):
    """Input for one result."""

    metric = Text(allow_blank=False, max_length=60, help_text="An id of evaluations/metrics/.")
    value = serializers.FloatField()
    slice = Text(required=False, max_length=200)
    threshold = serializers.FloatField(required=False, allow_null=True)
    direction = serializers.ChoiceField(Evaluation.Direction.values, required=False)
    dataset_version = Text(required=False, max_length=200)
    method = serializers.ChoiceField(Evaluation.Method.values, required=False)
    note = Text(required=False, max_length=2000)


class ResultsRecorded(StrictSerializer):
    """Input: the results of one release, all or none."""

    release = Number(min_value=1)
    results = serializers.ListField(child=Result(), min_length=1, max_length=MOST)


class ResultsShown(serializers.Serializer[Any]):
    """What was recorded."""

    release = serializers.IntegerField()
    results = EvaluationShown(many=True)


class MetricShown(serializers.Serializer[Any]):
    """One metric of the catalogue."""

    id = serializers.CharField()
    title = serializers.CharField()
    formula = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.ChoiceField(Evaluation.Direction.values)


class MetricsShown(serializers.Serializer[Any]):
    """The whole catalogue."""

    metrics = MetricShown(many=True)


class EvaluationViews(PortalViewSet):
    """What was measured on releases. Results are added, never changed; the newest of its kind counts."""

    queryset = Evaluation.objects.select_related("created_by")
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.RELEASE_CHANGE,
        "metrics": P.SYSTEM_VIEW,
    }
    verbs: ClassVar = {"create": "evaluation.record"}
    serializers: ClassVar = {"create": ResultsRecorded}
    answers: ClassVar = {
        "list": EvaluationShown,
        "retrieve": EvaluationShown,
        "create": ResultsShown,
        "metrics": MetricsShown,
    }
    filters: ClassVar = {
        "metric": Filter("metric", "Id of the metric.", limit=60),
        "release": Filter("release_id", "Number of the release.", number=True),
        "system": Filter("release__system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Results of releases you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), EvaluationShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One result."""
        found = self.get_object()
        return self.shown(found, EvaluationShown(found).data)

    def create(self, request: Request) -> Response:
        """Record results of a release."""
        self.authorise(None)
        values = self.input()
        release = visible(self.person, Release.objects.select_related("system")).filter(pk=values["release"]).first()
        if release is None:
            raise InvalidInput({"release": ["No release you may see has this number."]})

        def record() -> Answer:
            made = record_evaluations(actor=self.person, release=release, results=values["results"], door=Door.API)
            data = ResultsShown({"release": release.pk, "results": made}).data
            return self.creation(data, f"/api/v1/evaluations/?release={release.pk}")

        return self.created(record)

    @action(detail=False)
    def metrics(self, request: Request) -> Response:
        """The metric catalogue."""
        return Response(MetricsShown({"metrics": list(catalogue().values())}).data)
