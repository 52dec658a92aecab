"""Alerts over REST: taken in from other tools, listed, assigned, handled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.authentication import TokenAsPassword
from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.notify.outgoing import Refused, Unreachable
from governance.rest.filters import Filter, filtered
from governance.rest.parsers import PlainJSONParser, StrictJSONParser
from governance.rest.serializers import Anything, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from incidents import watching
from incidents.alerts import alertmanager, generic, pagerduty, reports, sns
from incidents.alerts.heard import Heard
from incidents.models import Alert
from incidents.services.alerts import assign_alert, handle_alert, hear
from inventory.api.serializers import PersonShown
from inventory.models import System

P = Permission
Reader = Callable[[Mapping[str, Any]], Iterable[Heard]]
READERS: dict[str, Reader] = {
    "alertmanager": alertmanager.read,
    "grafana": alertmanager.read,
    "sns": sns.read,
    "pagerduty": pagerduty.read,
    "sagemaker": reports.read_sagemaker,
    "evidently": reports.read_evidently,
    "generic": generic.read,
}


class AlertShown(serializers.Serializer[Any]):
    """One episode of one alert."""

    id = serializers.IntegerField()
    source = serializers.ChoiceField(Alert.Source.values)  # type: ignore[assignment]  # the wire's word
    fingerprint = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(["firing", "resolved"])
    first_heard = serializers.DateTimeField()
    last_heard = serializers.DateTimeField()
    heard = serializers.IntegerField()
    system = serializers.CharField(source="system.slug", allow_null=True, default=None)
    plan = serializers.IntegerField(source="plan_id", allow_null=True)
    name = serializers.CharField()
    summary = serializers.CharField()
    level = serializers.ChoiceField(Alert.Level.values)
    severity = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    link = serializers.CharField()
    waits = serializers.BooleanField(help_text="Whether somebody still has to do something about it.")
    incident = serializers.IntegerField(source="incident_id", allow_null=True)
    trouble = serializers.CharField()
    handled_at = serializers.DateTimeField(allow_null=True)
    handled_by = PersonShown(allow_null=True)
    handling = serializers.CharField()


class Received(serializers.Serializer[Any]):
    """What a delivery came to."""

    received = serializers.IntegerField(help_text="Alerts in it.")
    episodes = serializers.IntegerField(help_text="Those that began now.")
    incidents = serializers.IntegerField(help_text="Incidents opened because of them.")
    unassigned = serializers.IntegerField(help_text="New ones that name no known system.")


class Assigned(StrictSerializer):
    """Input: the system an alert is about."""

    system = Text(max_length=120)


class Handled(StrictSerializer):
    """Input: what was done about it."""

    handling = Text(allow_blank=False, max_length=1000)


class AlertViews(PortalViewSet):
    """What was noticed: by measurements, silence, and the tools that send alerts here."""

    queryset = watching.alerts()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "assign": P.ALERT_ASSIGN,
        "handle": (P.ALERT_HANDLE, P.ALERT_ASSIGN), **dict.fromkeys(READERS, P.ALERT_POST),
    }  # fmt: skip
    verbs: ClassVar = {
        "assign": "alert.assign", "handle": "alert.handle", **dict.fromkeys(READERS, "alert.hear"),
    }  # fmt: skip
    serializers: ClassVar = {"assign": Assigned, "handle": Handled, **dict.fromkeys(READERS, Anything)}
    answers: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "assign", "handle"), AlertShown), **dict.fromkeys(READERS, Received),
    }  # fmt: skip
    later: ClassVar = frozenset(READERS)
    query: ClassVar = {"generic": ("mapping",)}
    filters: ClassVar = {
        "fingerprint": Filter("fingerprint", "Fingerprint of the alert.", limit=300),
        "source": Filter("source", "Who noticed.", choices=Alert.Source.values),
        "state": Filter("state", "Where it stands; `open` fires or waits.", choices=watching.STATES),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        """SNS can show a token as a password only, and so can most tools that a mapping is shipped for."""
        known = super().get_authenticators()
        return [TokenAsPassword(), *known] if self._by("sns") or self._by("generic") else known

    def get_parsers(self) -> list[BaseParser]:
        """SNS calls its JSON text."""
        return [StrictJSONParser(), PlainJSONParser()] if self._by("sns") else super().get_parsers()

    def _by(self, source: str) -> bool:
        """Asked before the action is known by name; nobody calls while the description is made."""
        request = getattr(self, "request", None)
        return request is not None and self.action_map.get(str(request.method).lower()) == source

    def get_queryset(self) -> QuerySet[Alert]:
        """Those the person may see, unassigned ones for who assigns."""
        return watching.seen_alerts(self.person)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The declared filters; the state is worked out."""
        if self.action != "list":
            return queryset
        given = self.request._request.GET.copy()
        state = given.pop("state", [""])[0]
        if state and state not in watching.STATES:
            raise InvalidInput({"state": [f"Must be one of: {', '.join(sorted(watching.STATES))}."]})
        declared = {name: one for name, one in self.filters.items() if name != "state"}
        return watching.in_state(filtered(queryset, declared, given), state or "all")

    def list(self, request: Request) -> Response:
        """Alerts you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), AlertShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One alert."""
        found = self.get_object()
        return self.shown(found, AlertShown(found).data)

    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Say which system an alert is about."""
        self.authorise(None)
        alert = self.get_object()
        system = visible(self.person, System.objects.all()).filter(slug=self.input()["system"]).first()
        if system is None:
            raise InvalidInput({"system": ["No system you may see has this slug."]})
        return self._shown(assign_alert(actor=self.person, alert=alert, system=system, door=Door.API))

    @action(detail=True, methods=["post"])
    def handle(self, request: Request, pk: str) -> Response:
        """Write down what was done about an alert."""
        return self._shown(handle_alert(actor=self.person, alert=self.get_object(), door=Door.API, **self.input()))

    @action(detail=False, methods=["post"])
    def alertmanager(self, request: Request) -> Response:
        """Take a notification of Prometheus Alertmanager in (webhook version 4). Safe to repeat."""
        return self._hear("alertmanager")

    @action(detail=False, methods=["post"])
    def grafana(self, request: Request) -> Response:
        """Take a notification of a Grafana contact point in. Safe to repeat."""
        return self._hear("grafana")

    @action(detail=False, methods=["post"])
    def sns(self, request: Request) -> Response:
        """Take a message of Amazon SNS in, CloudWatch alarms among them; signed, and of a topic of SNS_TOPICS.

        SNS shows the token as the password of its address. A confirmation is answered by the portal itself.
        """
        self.authorise(None)
        body: Any = self.request.data
        try:
            sns.verify(body)
            if body["Type"] == sns.CONFIRMATION:
                sns.confirm(body)
        except sns.Untrusted as why:
            with acting(self.person, door=Door.API, verb="alert.hear"):
                raise Forbidden(Reason("signature", str(why))) from why
        except (Refused, Unreachable) as why:  # SNS tries again
            raise Conflict(Reason("busy", f"What the message names could not be fetched: {why}")) from why
        return self._hear("sns")

    @action(detail=False, methods=["post"])
    def pagerduty(self, request: Request) -> Response:
        """Take an event of a PagerDuty webhook (version 3) in; signed, where PAGERDUTY_SECRETS are set."""
        secrets = settings.PAGERDUTY_SECRETS
        if secrets:
            header = request.headers.get("X-PagerDuty-Signature", "")
            if not pagerduty.signed(request._request.body, header, secrets):
                with acting(self.person, door=Door.API, verb="alert.hear"):
                    raise Forbidden(Reason("signature", "The signature is not of this body by a secret known here."))
        return self._hear("pagerduty")

    @action(detail=False, methods=["post"])
    def sagemaker(self, request: Request) -> Response:
        """Take the constraint violations of SageMaker Model Monitor in. Safe to repeat."""
        return self._hear("sagemaker")

    @action(detail=False, methods=["post"])
    def evidently(self, request: Request) -> Response:
        """Take a report of Evidently in. Safe to repeat."""
        return self._hear("evidently")

    @action(detail=False, methods=["post"])
    def generic(self, request: Request) -> Response:
        """Take alerts of any other tool in, in the portal's words or by a mapping. Safe to repeat.

        `?mapping=azure-ml`, `vertex-ai` or `dvc` names a mapping that is shipped; the body is what the tool posts.
        """
        mapping = self.request._request.GET.get("mapping")
        if mapping is None:
            return self._hear("generic")
        return self._hear("generic", lambda body: generic.read_shipped(body, mapping))

    def _hear(self, source: str, reader: Reader | None = None) -> Response:
        self.authorise(None)
        body: Any = self.request.data
        reception = hear(actor=self.person, source=source, alerts=(reader or READERS[source])(body), door=Door.API)
        return Response(Received(reception).data, status=202)

    def _shown(self, alert: Alert) -> Response:
        fresh = watching.alerts().get(pk=alert.pk)
        return self.shown(fresh, AlertShown(fresh).data)
