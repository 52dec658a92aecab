"""Work that follows by itself, over REST: listed, shown, handed over, settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes import queries, services
from governance.changes.api import follow_up_shapes as shapes
from governance.changes.models import FollowUp
from governance.changes.services.follow_ups import NO_OWNER
from governance.inputs import InvalidInput, unreadable
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.validation.api.records import RecordView
from inventory.rules import content_version

P = Permission


class FollowUpViews(RecordView):
    """What has to be done because an asset stopped, a change was rolled back, a policy is to come, a campaign asks for
    it, a material change took effect, a grave incident was closed, a document is owed or an audit comes round."""

    queryset = queries.follow_ups()
    ordering = ("-id",)
    noun = "follow_up"
    whole = shapes.FollowUpDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "hand_over": P.CHANGE_IMPLEMENT,
        "finish": P.CHANGE_IMPLEMENT, "drop": P.CHANGE_VERIFY,
    }  # fmt: skip
    verbs: ClassVar = {verb: f"follow_up.{verb}" for verb in ("hand_over", "finish", "drop")}
    serializers: ClassVar = {
        "hand_over": shapes.FollowUpHandedOver, "finish": shapes.FollowUpSettled, "drop": shapes.FollowUpSettled,
    }  # fmt: skip
    answers: ClassVar = {
        "list": shapes.FollowUpShown,
        **dict.fromkeys(("retrieve", "hand_over", "finish", "drop"), shapes.FollowUpDetail),
    }
    filters: ClassVar = {
        "asset": Filter("asset__slug", "Slug of the asset that stopped.", limit=120),
        "cause": Filter("cause", "What made it necessary.", choices=FollowUp.Cause.values),
        "change": Filter("change_id", "Number of the change that was rolled back.", number=True),
        "owner": Filter("owner__username", "Username of whoever does it.", limit=150),
        "pack": Filter("pack_id", "Number of the policy that is to come.", number=True),
        "revalidation": Filter("revalidation_id", "Number of the campaign that asks for it.", number=True),
        "state": Filter("state", "Where it stands.", choices=FollowUp.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[FollowUp]:
        """With everything shown of them."""
        return queries.follow_ups()

    def offers(self, record: FollowUp) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.follow_up_offers(self.person, record)

    def version(self, record: FollowUp) -> str:
        """A word that changes whenever it moves or is handed over."""
        return content_version(self.noun, record.pk, record.state, record.owner_id)

    def list(self, request: Request) -> Response:
        """Follow-up work you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.FollowUpShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One piece of it with what you could do about it."""
        return self.shown_record(self.get_object())

    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Give it to somebody else who may carry out changes of the system."""
        return self.do(self._handed_over)

    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Say what was done."""
        return self.do(services.finish_follow_up)

    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        """Say, not being its owner, why nothing is to be done."""
        return self.do(services.drop_follow_up)

    def _handed_over(self, *, follow_up: FollowUp, owner: str, **values: Any) -> Model:
        found = None if unreadable(owner) else User.objects.filter(username=owner).first()
        if found is None:
            raise InvalidInput({"owner": [NO_OWNER]})
        return services.hand_over_follow_up(follow_up=follow_up, owner=found, **values)
