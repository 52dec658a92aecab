"""Reviews over REST: read, and their checklists answered; nobody signs by program."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.rest.filters import Filter
from governance.rest.parsers import StrictJSONParser
from governance.rest.views import PortalViewSet
from governance.validation import overdue, queries, reviewers, services
from governance.validation.api import compared
from governance.validation.api import serializers as shapes
from governance.validation.api.records import handed_in
from governance.validation.models import Review
from governance.validation.services import CheckInput, answer_checklist

P = Permission
SIGNING = (P.SIGN_VALIDATION, P.SIGN_AUDIT, P.SIGN_ETHICS, P.SIGN_APPROVAL)
MOST = 200
_WHOLE = ("retrieve", "answer", "ask", "assign", "attach", "checklist", "hand_back", "relieve", "remark", "take")


class ReviewViews(PortalViewSet):
    """Stages of submissions."""

    queryset = queries.reviews().alias(is_assigned=reviewers.assigned())
    ordering = ("-id",)
    permissions: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "attach", "changes", "hand_back", "remark"), P.SYSTEM_VIEW),
        **dict.fromkeys(("assign", "candidates", "relieve", "workload"), P.REVIEW_ASSIGN),
        "answer": P.FINDING_RESPOND,
        **dict.fromkeys(("ask", "checklist", "take"), SIGNING),
    }
    verbs: ClassVar = {
        "answer": "review.answer", "ask": "review.ask", "attach": "review.attach", "remark": "review.remark",
        "assign": "review.assign", "checklist": "review.check", "hand_back": "review.hand_back",
        "relieve": "review.relieve", "take": "review.take",
    }  # fmt: skip
    serializers: ClassVar = {
        "answer": shapes.Answered, "ask": shapes.Said, "attach": shapes.AttachedToReview, "remark": shapes.Said,
        "assign": shapes.ReviewerNamed, "checklist": shapes.ChecklistAnswered, "hand_back": shapes.HandedBack,
        "relieve": shapes.ReviewerRelieved,
    }  # fmt: skip
    answers: ClassVar = {
        "list": shapes.ReviewListed,
        **dict.fromkeys(_WHOLE, shapes.ReviewShown),
        "changes": compared.ChangesShown,
        "candidates": shapes.CandidatesShown,
        "workload": shapes.WorkloadShown,
    }
    filters: ClassVar = {
        "assigned": Filter(
            "is_assigned", "Whether somebody is asked to review it.", choices=("no", "yes"), shape="yes".__eq__
        ),
        "release": Filter("submission__release_id", "Number of its release.", number=True),
        "role": Filter("role", "Role that signs it.", limit=20),
        "stage": Filter("stage", "Stage of the policy.", limit=60),
        "state": Filter("state", "Where it stands.", choices=Review.State.values),
        "system": Filter("submission__release__system__slug", "Slug of its system.", limit=120),
    }

    def handle_exception(self, exc: Exception) -> Response:
        """A conflict over a package another one took the place of says so, and what that one changes."""
        if isinstance(exc, Conflict) and "pk" in self.kwargs:
            review = queries.reviews().filter(pk=self.kwargs["pk"]).first()
            replaced = queries.replacement(review) if review else None
            exc = Conflict(*exc.reasons, replaced.reason) if replaced else exc
        return super().handle_exception(exc)

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

    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask the submitting side for more."""
        review = self.get_object()
        services.ask_in_review(actor=self.person, review=review, door=Door.API, **self.input())
        return self._whole(review)

    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Answer a question for the submitting side."""
        review, values = self.get_object(), self.input()
        question = review.remarks.filter(pk=values["question"]).first()
        services.answer_in_review(
            actor=self.person, review=review, question=question, text=values["text"], door=Door.API
        )
        return self._whole(review)

    @action(detail=True, methods=["post"], url_path="remarks")
    def remark(self, request: Request, pk: str) -> Response:
        """Say something in the discussion."""
        review = self.get_object()
        services.remark_in_review(actor=self.person, review=review, door=Door.API, **self.input())
        return self._whole(review)

    @action(detail=True, methods=["post"], parser_classes=[StrictJSONParser, MultiPartParser])
    def attach(self, request: Request, pk: str) -> Response:
        """Attach a file to the discussion or to what is decided: multipart, or the digest of one kept already."""
        review = self.get_object()
        services.attach_to_review(actor=self.person, review=review, door=Door.API, **handed_in(self.input()))
        return self._whole(review)

    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Ask somebody independent who may sign the stage to review it; it gives no right and takes none."""
        review, values = self.get_object(), self.input()
        instead_of = _named(values["instead_of"], "instead_of") if "instead_of" in values else None
        services.assign_reviewer(
            actor=self.person, review=review, person=_named(values["person"], "person"), instead_of=instead_of,
            reason=values.get("reason", ""), door=Door.API,
        )  # fmt: skip
        return self._whole(review)

    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take a stage out of the queue."""
        review = self.get_object()
        self.input()
        services.take_review(actor=self.person, review=review, door=Door.API)
        return self._whole(review)

    @action(detail=True, methods=["post"], url_path="hand-back")
    def hand_back(self, request: Request, pk: str) -> Response:
        """Give a stage assigned to you back to its queue."""
        review = self.get_object()
        services.hand_back_review(actor=self.person, review=review, door=Door.API, **self.input())
        return self._whole(review)

    @action(detail=True, methods=["post"])
    def relieve(self, request: Request, pk: str) -> Response:
        """Take a stage from somebody and put it back into its queue."""
        review, values = self.get_object(), self.input()
        services.relieve_reviewer(
            actor=self.person, review=review, person=_named(values["person"], "person"), reason=values["reason"],
            door=Door.API,
        )  # fmt: skip
        return self._whole(review)

    @action(detail=True, methods=["get"])
    def candidates(self, request: Request, pk: str) -> Response:
        """Everybody with the role of the stage, with why some may not review it."""
        review = self.get_object()
        return self.shown(review, shapes.CandidatesShown({"results": reviewers.candidates(review)}).data)

    @action(detail=False, methods=["get"])
    def workload(self, request: Request) -> Response:
        """Who has how many reviews in the queues you lead."""
        loads = reviewers.workload(self.person, MOST)
        unassigned = reviewers.unassigned(self.person).count()
        return Response(shapes.WorkloadShown({"unassigned": unassigned, "results": loads}).data)

    def _whole(self, review: Any) -> Response:
        review.offers = queries.review_offers(self.person, review)
        review.still_to_mend = queries.still_to_mend(review)
        review.replaced_by = queries.replacement(review)
        review.owed = queries.still_owed(review.submission)
        review.due = overdue.due(review, overdue.cover())
        review.checklist_lines = queries.checklist(review)
        review.said = review.remarks.select_related("person")
        review.attached = review.files.select_related("file", "added_by")
        review.acts = review.assignments.select_related("person", "by")
        review.reviewers = reviewers.reviewers_of(review)
        return self.shown(review, shapes.ReviewShown(review).data)

    @action(detail=True, methods=["get"])
    def changes(self, request: Request, pk: str) -> Response:
        """What the package under review changes since the last approved one."""
        review = self.get_object()
        return self.shown(review, compared.ChangesShown(queries.changes(review.submission)).data)


def _named(username: str, field: str) -> User:
    """The person of that name. Raises InvalidInput; somebody without the right reads alike."""
    person = User.objects.filter(username=username, kind=User.Kind.HUMAN).first() if "\0" not in username else None
    if person is None:
        raise InvalidInput({field: ["Must be somebody with the role of this stage."]})
    return person
