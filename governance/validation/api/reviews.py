"""Reviews over REST: read, and their checklists answered; nobody signs by program."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.views import PortalViewSet
from governance.validation import queries
from governance.validation.api import serializers as shapes
from governance.validation.models import Review
from governance.validation.services import CheckInput, answer_checklist

P = Permission


class ReviewViews(PortalViewSet):
    """Stages of submissions."""

    queryset = queries.reviews()
    ordering = ("-id",)
    permissions: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "changes"), P.SYSTEM_VIEW),
        "checklist": (P.SIGN_VALIDATION, P.SIGN_AUDIT, P.SIGN_APPROVAL),
    }
    verbs: ClassVar = {"checklist": "review.check"}
    serializers: ClassVar = {"checklist": shapes.ChecklistAnswered}
    answers: ClassVar = {
        "list": shapes.ReviewListed,
        "retrieve": shapes.ReviewShown,
        "changes": shapes.ChangesShown,
        "checklist": shapes.ReviewShown,
    }
    filters: ClassVar = {
        "release": Filter("submission__release_id", "Number of its release.", number=True),
        "role": Filter("role", "Role that signs it.", limit=20),
        "stage": Filter("stage", "Stage of the policy.", limit=60),
        "state": Filter("state", "Where it stands.", choices=Review.State.values),
        "system": Filter("submission__release__system__slug", "Slug of its system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Reviews you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.ReviewListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One review with its signatures and what stands against you signing it."""
        return self._whole(self.get_object())

    @action(detail=True, methods=["post"])
    def checklist(self, request: Request, pk: str) -> Response:
        """Answer items of the stage's checklist; the newest answer to each counts."""
        review = self.get_object()
        given = [CheckInput(**{"note": "", **answer}) for answer in self.input()["answers"]]
        answer_checklist(actor=self.person, review=review, answers=given, door=Door.API)
        return self._whole(review)

    def _whole(self, review: Any) -> Response:
        review.offers = queries.review_offers(self.person, review)
        review.checklist_lines = queries.checklist(review)
        return self.shown(review, shapes.ReviewShown(review).data)

    @action(detail=True, methods=["get"])
    def changes(self, request: Request, pk: str) -> Response:
        """What the package under review changes since the last approved one."""
        review = self.get_object()
        return self.shown(review, shapes.ChangesShown(queries.changes(review.submission)).data)
