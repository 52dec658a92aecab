"""Deployments over REST: pipelines and clusters report what runs; everybody who sees a system sees where it runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.parts import WithParts
from governance.rest.serializers import Instant, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.serializers import PersonShown, Reason
from inventory.deployments import ENDED, RUNNING, canonical, deployments
from inventory.models import Deployment, System
from inventory.services.deployments import MOST, MOST_DIGESTS, end_deployment, report_deployment, report_running

P = Permission
CLUSTER = "The place within the environment, such as eu-1: a report ends only what the same place said before."


class Location(StrictSerializer):
    """Input: where the machines stand."""

    hosting = serializers.ChoiceField(Deployment.Hosting.values, required=False)
    provider = Text(required=False, max_length=120)
    region = Text(required=False, max_length=120)


class PipelineRun(StrictSerializer):
    """Input: the run that deployed."""

    url = Text(required=False, max_length=1000)
    revision = Text(required=False, max_length=200)
    actor = Text(required=False, max_length=200)


class Running(StrictSerializer):
    """Input: one system that runs."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of the system.")
    release = Text(
        required=False, max_length=120, help_text="Its version; left out, the digests say which release it is."
    )
    sha256 = serializers.ListField(
        child=Text(max_length=71), min_length=1, max_length=MOST_DIGESTS, help_text="Digests of what runs."
    )
    location = Location(required=False)
    strategy = serializers.ChoiceField(Deployment.Strategy.values, required=False)
    share = serializers.DecimalField(
        5, 2, required=False, allow_null=True, max_value=100, min_value=Decimal("0.01"),
        help_text="Percent of what serves the environment, of traffic or instances; the whole system there is 100.",
    )  # fmt: skip


class Deployed(Running):
    """Input: what was deployed."""

    environment = Text(allow_blank=False, max_length=60, help_text="Name or alias of an environment of the policy.")
    cluster = Text(required=False, max_length=60, help_text=CLUSTER)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the wire's word
        Deployment.Source.values, required=False, help_text="Who knows it; a pipeline, if left out."
    )
    since = Instant(required=False, help_text="Since when it runs; now, if left out.")
    pipeline = PipelineRun(required=False)


class WholeEnvironment(StrictSerializer):
    """Input: all that runs in an environment."""

    environment = Text(allow_blank=False, max_length=60, help_text="Name or alias of an environment of the policy.")
    cluster = Text(required=False, max_length=60, help_text=CLUSTER)
    since = Instant(required=False)
    running = serializers.ListField(child=Running(), max_length=MOST)


class LocationShown(serializers.Serializer[Any]):
    """Where the machines stand; empty where nobody said."""

    hosting = serializers.CharField()
    provider = serializers.CharField()
    region = serializers.CharField()


class DeploymentRelease(serializers.Serializer[Any]):
    """The release that runs."""

    id = serializers.IntegerField()
    version = serializers.CharField()
    state = serializers.CharField()


class DeploymentShown(serializers.Serializer[Any]):
    """What ran or runs, where, since when, until when, and who said so."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    environment = serializers.CharField()
    cluster = serializers.CharField(help_text="The place within it; empty is the whole of it.")
    state = serializers.ChoiceField([RUNNING, ENDED])
    release = DeploymentRelease(allow_null=True, help_text="null: these digests belong to no known release.")
    named = serializers.CharField(help_text="The release by the reporter's word.")
    sha256 = serializers.ListField(child=serializers.CharField())
    location = LocationShown(source="*")
    strategy = serializers.CharField()
    share = serializers.DecimalField(
        5, 2, allow_null=True, help_text="Percent of what serves the environment; null where nobody said."
    )
    pipeline = serializers.DictField()
    source = serializers.ChoiceField(Deployment.Source.values)  # type: ignore[assignment]  # the wire's word
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    at = serializers.DateTimeField(help_text="When it was reported.")
    reported_by = PersonShown()


class DeploymentDetail(WithParts, DeploymentShown):
    """One deployment, with what apps further right know of it."""

    noun = "deployment"


class WholeShown(serializers.Serializer[Any]):
    """What a report came to."""

    running = serializers.IntegerField(help_text="Deployments that run by this report.")
    new = serializers.IntegerField(help_text="Those among them that were not known.")
    ended = serializers.IntegerField(help_text="Those known before that run no more.")


class DeploymentViews(PortalViewSet):
    """Which release runs where. Reports are added, never changed; what is reported next ends what was there."""

    queryset = deployments()
    ordering = ("-at", "-id")
    again = ("create",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        **dict.fromkeys(("create", "running", "end"), P.DEPLOYMENT_REPORT),
    }
    verbs: ClassVar = {"create": "deployment.report", "running": "deployment.report", "end": "deployment.end"}
    serializers: ClassVar = {"create": Deployed, "running": WholeEnvironment, "end": Reason}
    answers: ClassVar = {
        "list": DeploymentShown,
        **dict.fromkeys(("retrieve", "create", "end"), DeploymentDetail),
        "running": WholeShown,
    }
    filters: ClassVar = {
        "cluster": Filter("cluster", "Place within the environment.", limit=60),
        "environment": Filter("environment", "Name or alias of an environment.", limit=60, shape=canonical),
        "release": Filter("release_id", "Number of the release.", number=True),
        "state": Filter("state", "Whether it runs.", choices=(RUNNING, ENDED)),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """What runs and ran of systems you may see, the newest report first."""
        return self.listed(self.filter_queryset(self.get_queryset()), DeploymentShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One deployment."""
        return self._shown(pk)

    def create(self, request: Request) -> Response:
        """Report what runs of a system in an environment. What is known already is answered with 200."""
        self.authorise(None)
        values = self.input()
        slug = values.pop("system")
        system = visible(self.person, System.objects.defer("search")).filter(slug=slug).first()
        if system is None:
            raise Http404

        def report() -> Answer:
            told = report_deployment(actor=self.person, system=system, door=Door.API, **values)
            row = told.running[0]
            data = DeploymentDetail(deployments().get(pk=row.pk), context=self.get_serializer_context()).data
            made = status.HTTP_201_CREATED if told.new else status.HTTP_200_OK
            return Answer(status=made, location=f"/api/v1/deployments/{row.pk}/", etag="", body=data)

        return self.created(report)

    @action(detail=False, methods=["post"])
    def running(self, request: Request) -> Response:
        """Report all that runs at a place; of the systems you report on, those left out run there no more."""
        self.authorise(None)
        told = report_running(actor=self.person, door=Door.API, **self.input())
        return Response(WholeShown({"running": len(told.running), "new": told.new, "ended": told.ended}).data)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Report that nothing of its system runs at its place any more."""
        values = self.input()
        end_deployment(actor=self.person, deployment=self.get_object(), door=Door.API, **values)
        return self._shown(pk)

    def _shown(self, pk: str) -> Response:
        found = self.get_object() if self.reading else deployments().get(pk=pk)
        return self.shown(found, DeploymentDetail(found, context=self.get_serializer_context()).data)
