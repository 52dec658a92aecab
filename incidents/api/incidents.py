"""Incidents over REST: reported, listed, led; their checks, action items and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.together import TogetherDone, answered, asked
from governance.validation.api.serializers import Why
from governance.web.together import change_many
from incidents import queries, services
from incidents.api import analysis_shapes
from incidents.api import serializers as shapes
from incidents.api.analysis import AnalysisViews
from incidents.api.base import KEY
from incidents.api.clock_shapes import ReportDraft
from incidents.api.clocks import ClockViews
from incidents.api.comparison import ComparisonViews
from incidents.api.response import ResponseViews
from incidents.api.review import ReviewViews
from incidents.api.room import RoomViews
from incidents.api.summaries import SummaryViews
from incidents.models import ActionItem, Incident, ServiceCheck
from incidents.together import INCIDENTS
from inventory.api.references import system_named
from inventory.models import Release, System
from inventory.rules import content_version

P = Permission
_MOVES = ("triage", "contain", "resolve", "close", "reopen", "dismiss", "mark_duplicate", "describe")
_WRITES = ("create_check", "pass_check", "create_action", "finish_action", "create_note")


class IncidentViews(ResponseViews, ClockViews, ReviewViews, AnalysisViews, ComparisonViews, SummaryViews, RoomViews):
    """What went wrong with systems in use."""

    queryset = queries.whole_incidents()
    ordering = ("-id",)
    noun = "incident"
    whole = shapes.IncidentDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.INCIDENT_REPORT,
        "together": P.SYSTEM_VIEW,
        **dict.fromkeys((*_MOVES, "create_check", "create_action"), P.INCIDENT_RUN),
        "pass_check": P.INCIDENT_CHECK,
        "finish_action": P.SYSTEM_VIEW,
        "create_note": P.INCIDENT_REPORT,
        **ResponseViews.permissions,
        **ClockViews.permissions,
        **ReviewViews.permissions,
        **AnalysisViews.permissions,
        **ComparisonViews.permissions,
        **SummaryViews.permissions,
        **RoomViews.permissions,
    }
    verbs: ClassVar = {
        "create": "incident.report",
        "together": "incident.triage",
        **{verb: f"incident.{verb}" for verb in (*_MOVES, "pass_check", "finish_action")},
        "create_check": "incident.add_check",
        "create_action": "incident.add_action",
        "create_note": "incident.note",
        **ResponseViews.verbs,
        **ClockViews.verbs,
        **ReviewViews.verbs,
        **AnalysisViews.verbs,
        **ComparisonViews.verbs,
        **SummaryViews.verbs,
        **RoomViews.verbs,
    }
    serializers: ClassVar = {
        "create": shapes.IncidentReported,
        "together": asked("IncidentsTogether", "incidents", [one.word for one in INCIDENTS.fields]),
        "triage": shapes.Triage,
        "contain": shapes.Containment,
        "describe": shapes.Description,
        "reopen": Why,
        "dismiss": Why,
        "mark_duplicate": shapes.Original,
        "create_check": shapes.CheckAdded,
        "pass_check": shapes.CheckPassed,
        "create_action": shapes.ActionAdded,
        "create_note": shapes.Noted,
        **ResponseViews.serializers,
        **ClockViews.serializers,
        **ReviewViews.serializers,
        **AnalysisViews.serializers,
        **ComparisonViews.serializers,
        **SummaryViews.serializers,
        **RoomViews.serializers,
    }
    answers: ClassVar = {
        "list": shapes.IncidentShown,
        "together": TogetherDone,
        "draft_report": ReportDraft,
        "draft_summary": analysis_shapes.SummaryOutside,
        "shared_summary": analysis_shapes.SummaryOutside,
        **dict.fromkeys(
            (
                "retrieve",
                "create",
                *_MOVES,
                *_WRITES,
                *ResponseViews.verbs,
                *ClockViews.verbs,
                *ReviewViews.verbs,
                *AnalysisViews.verbs,
                *ComparisonViews.verbs,
                *SummaryViews.verbs,
                *RoomViews.verbs,
            ),
            shapes.IncidentDetail,
        ),
    }  # fmt: skip
    filters: ClassVar = {
        "release": Filter("affected__release_id", "Number of a release it names.", number=True),
        "severity": Filter("severity", "Severity of the policy.", limit=40),
        "state": Filter("state", "Where it stands.", choices=Incident.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[Incident]:
        """Incidents with everything shown of them."""
        return queries.summarised(queries.analysed_incidents(self.person))

    def offers(self, record: Incident) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.incident_offers(self.person, record)

    def version(self, record: Incident) -> str:
        """A word that changes whenever the incident moves or is described."""
        return content_version(self.noun, record.pk, record.state, record.updated_at.isoformat())

    def list(self, request: Request) -> Response:
        """Incidents you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.IncidentShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One incident with everything written about it and what you could do."""
        return self.shown_record(self.get_object())

    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Say who leads many incidents, each judged for itself; `only_try` says what it would come to."""
        values = self.input()
        keys = values.pop("incidents")
        return answered(change_many(INCIDENTS, actor=self.person, keys=keys, door=Door.API, **values))

    def create(self, request: Request) -> Response:
        """Report an incident; the gate is closed for what it names from then on.

        With several systems each gets an incident of its own; the first is answered, and its notes name the others.
        """
        values = self.input()
        systems = self._systems(values)
        releases = self._releases(systems, values.pop("releases", ()))

        def create() -> Answer:
            incident, *_ = services.report_incidents(
                actor=self.person, systems=systems, releases=releases, door=Door.API, **values
            )
            shown = self.shown_record(incident)
            return self.creation(shown.data, f"/api/v1/incidents/{incident.pk}/", shown["ETag"].strip('"'))

        return self.created(create)

    @action(detail=True, methods=["post"])
    def triage(self, request: Request, pk: str) -> Response:
        """Take it on: who leads it, and how grave it is by what is known now."""
        return self.do(self._with_person(services.triage_incident, "commander", services.NO_LEADER))

    @action(detail=True, methods=["post"])
    def contain(self, request: Request, pk: str) -> Response:
        """Say how the harm was stopped for now."""
        return self.do(services.contain_incident)

    @action(detail=True, methods=["post"])
    def describe(self, request: Request, pk: str) -> Response:
        """Write down what has become known."""
        return self.do(self._described)

    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Return to service: every check has passed."""
        return self.do(services.resolve_incident)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End it: cause, impact, review and actions are written down."""
        return self.do(services.close_incident)

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open it again; the gate closes and every check has to be passed anew."""
        return self.do(services.reopen_incident)

    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Say that nothing went wrong, and why."""
        return self.do(services.dismiss_incident)

    @action(detail=True, methods=["post"], url_path="mark-duplicate")
    def mark_duplicate(self, request: Request, pk: str) -> Response:
        """Say that another open incident of the system is about the same thing."""
        return self.do(self._duplicate)

    @action(detail=True, methods=["post"], url_path="checks")
    def create_check(self, request: Request, pk: str) -> Response:
        """Write down what must hold before service returns."""
        return self._added(services.add_check)

    @action(detail=True, methods=["post"], url_path=f"checks/(?P<check>{KEY})/pass")
    def pass_check(self, request: Request, pk: str, check: str) -> Response:
        """Confirm with evidence that a check holds."""
        incident = self.get_object()
        found = self._part(ServiceCheck.objects.filter(incident=incident, pk=check))
        services.pass_check(actor=self.person, check=found, door=Door.API, **self.input())
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="actions")
    def create_action(self, request: Request, pk: str) -> Response:
        """Give somebody something to do by a date."""
        return self._added(self._with_person(services.add_action, "owner", services.NO_OWNER))

    @action(detail=True, methods=["post"], url_path=f"actions/(?P<item>{KEY})/finish")
    def finish_action(self, request: Request, pk: str, item: str) -> Response:
        """Say that an action item is done: its owner, or whoever runs the incident."""
        incident = self.get_object()
        found = self._part(ActionItem.objects.filter(incident=incident, pk=item))
        self.input()
        services.finish_action(actor=self.person, action=found, door=Door.API)
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="notes")
    def create_note(self, request: Request, pk: str) -> Response:
        """Write a line on the timeline."""
        return self._added(services.note)

    def _systems(self, values: dict[str, Any]) -> Sequence[System]:
        """The systems a report names, in `systems` or as the one `system`."""
        named, one = values.pop("systems", None), values.pop("system", None)
        if (named is None) == (one is None):
            raise InvalidInput({"systems": ["Is required."] if one is None else ["Is given besides `system`."]})
        if named is None:
            return [system_named(self.person, one)]
        return [system_named(self.person, slug, "systems") for slug in named]

    def _releases(self, systems: Sequence[System], keys: Iterable[int]) -> Sequence[Release]:
        keys = set(keys)
        found = list(Release.objects.filter(system__in=systems, pk__in=keys).order_by("pk"))
        if len(found) != len(keys):
            raise InvalidInput({"releases": ["Must be releases of these systems."]})
        return found

    def _described(self, *, incident: Incident, **values: Any) -> Model:
        if values.get("remedy_release") is not None:
            values["remedy_release"] = self._release(incident.system_id, "remedy_release", values["remedy_release"])
        return services.describe_incident(incident=incident, **values)

    def _duplicate(self, *, original: int, **values: Any) -> Model:
        found = visible(self.person, Incident.objects.all()).filter(pk=original).first()
        if found is None:
            raise InvalidInput({"original": ["Must be another open incident of this system."]})
        return services.mark_duplicate(original=found, **values)
