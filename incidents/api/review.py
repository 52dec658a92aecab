"""The review of an incident over REST, what action items became, and playbooks made better."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.changes.models import Change
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.validation.api.records import RecordView
from governance.validation.api.serializers import Why
from incidents import services
from incidents.api import review_shapes as shapes
from incidents.api.base import KEY, IncidentBase
from incidents.models import ActionItem, Incident, MonitoringPlan, PlaybookVersion
from inventory.models import Document, Risk
from inventory.rules import content_version

P = Permission


class ReviewViews(IncidentBase):
    """The verbs of what follows an incident; mixed into the views of incidents."""

    permissions: ClassVar = {
        "write_review": P.INCIDENT_RUN, "complete_review": P.INCIDENT_RUN, "agree_review": P.SYSTEM_VIEW,
        "link_action": P.SYSTEM_VIEW, "propose_playbook": P.INCIDENT_RUN,
    }  # fmt: skip
    verbs: ClassVar = {
        **{verb: f"incident.{verb}" for verb in ("write_review", "complete_review", "agree_review", "link_action")},
        "propose_playbook": "playbook.propose",
    }
    serializers: ClassVar = {
        "write_review": shapes.ReviewWritten,
        "link_action": shapes.ActionBecame,
        "propose_playbook": shapes.PlaybookProposed,
    }

    @action(detail=True, methods=["post"], url_path="review")
    def write_review(self, request: Request, pk: str) -> Response:
        """Begin the review or write on in it; whoever agreed before agrees anew."""
        return self.do(services.write_review)

    @action(detail=True, methods=["post"], url_path="review/agree")
    def agree_review(self, request: Request, pk: str) -> Response:
        """Agree with the review as it is written, as one who takes part."""
        return self.do(services.agree_review)

    @action(detail=True, methods=["post"], url_path="review/complete")
    def complete_review(self, request: Request, pk: str) -> Response:
        """Say that the review is complete."""
        return self.do(services.complete_review)

    @action(detail=True, methods=["post"], url_path=f"actions/(?P<item>{KEY})/became")
    def link_action(self, request: Request, pk: str, item: str) -> Response:
        """Say what an action item became: its owner, or whoever runs the incident."""
        incident = self.get_object()
        found = self._part(ActionItem.objects.filter(incident=incident, pk=item))
        values = self.input()
        if len(values) != 1:
            raise InvalidInput({"target": ["Name one thing it became."]})
        ((kind, key),) = values.items()
        target = _of_system(incident)[kind].filter(pk=key).first()
        if target is None:
            raise InvalidInput({kind: [services.NOT_LINKED]})
        services.link_action(actor=self.person, action=found, target=target, door=Door.API)
        return self.shown_record(incident)

    @action(detail=True, methods=["post"], url_path="playbook-versions")
    def propose_playbook(self, request: Request, pk: str) -> Response:
        """Propose what a playbook should say from now on."""
        return self._added(services.propose_playbook)


def _of_system(incident: Incident) -> dict[str, QuerySet[Any]]:
    system = incident.system_id
    return {
        "change": Change.objects.filter(system=system),
        "risk": Risk.objects.filter(system=system),
        "plan": MonitoringPlan.objects.filter(system=system),
        "document": Document.objects.filter(system=system),
        "playbook": PlaybookVersion.objects.filter(incident__system=system),
    }


class PlaybookVersionViews(RecordView):
    """Versions of playbooks: what was proposed, and what was decided."""

    queryset = PlaybookVersion.objects.select_related("proposed_by", "decided_by")
    ordering = ("-id",)
    noun = "version"
    whole = shapes.PlaybookVersionShown
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "accept": P.PLAYBOOK_DECIDE, "refuse": P.PLAYBOOK_DECIDE,
    }  # fmt: skip
    verbs: ClassVar = {"accept": "playbook.accept", "refuse": "playbook.refuse"}
    serializers: ClassVar = {"accept": shapes.PlaybookDecided, "refuse": Why}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "accept", "refuse"), shapes.PlaybookVersionShown)
    filters: ClassVar = {
        "incident": Filter("incident_id", "Number of the incident it comes from.", number=True),
        "playbook": Filter("playbook", "A playbook of the policy.", limit=60),
    }

    def records(self) -> QuerySet[PlaybookVersion]:
        """Versions with who proposed and decided."""
        return PlaybookVersion.objects.select_related("proposed_by", "decided_by")

    def offers(self, record: Model) -> Iterable[Offer]:
        """Nothing is offered here; the page says who decides."""
        return ()

    def version(self, record: PlaybookVersion) -> str:
        """A word that changes when it is decided on."""
        return content_version("playbook", record.pk, str(record.accepted), record.decided_by_id)

    def list(self, request: Request) -> Response:
        """Versions you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.PlaybookVersionShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One version."""
        return self.shown_record(self.get_object())

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Let it count from now on; somebody else than who proposed it."""
        return self.do(services.accept_playbook)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Leave the playbook as it is, and say why."""
        return self.do(services.refuse_playbook)
