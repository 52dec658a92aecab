"""Saying something in a review: a question, its answer, a remark. POST only; the review page holds the forms."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation import queries, reviewers, services
from governance.validation.models import Review, ReviewRemark, Submission
from governance.validation.rules import independence
from governance.validation.services.remarks import LONG
from governance.web.pages import ActionPage


def address(review: Review) -> str:
    """The place of the review's page that holds what was said."""
    return f"{reverse('validation:review_detail', args=[review.pk])}#discussion"


def discussion(review: Review, person: User) -> dict[str, Any]:
    """What was said in a review, and what this person may say."""
    said = list(review.remarks.select_related("person"))
    answered = {each.question_id for each in said}
    allowed = rights.permissions_of(person, review)
    open_now = review.state in reviewers.UNDECIDED and review.submission.state == Submission.State.OPEN
    dependent = independence(queries.independence_facts(person, review.submission.release))
    return {
        "said": said,
        "waiting": {each.pk for each in said if each.kind == ReviewRemark.Kind.QUESTION and each.pk not in answered},
        "may_ask": open_now and review.permission in allowed and not dependent,
        "may_answer": open_now and Permission.FINDING_RESPOND in allowed,
        "may_remark": not allowed.isdisjoint(reviewers.CONCERNED),
    }


class ReviewSay(ActionPage[Review], abstract=True):
    """One thing said in a review; who may, the service says."""

    permission = Permission.SYSTEM_VIEW
    fields = frozenset({"text"})

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()


class ReviewAsk(ReviewSay):
    """Ask for more."""

    verb = "review.ask"

    def act(self) -> HttpResponseBase:
        """Ask."""
        text = self.text("text", LONG)
        services.ask_in_review(actor=self.person, review=self.object, text=text, door=Door.WEB)
        return self.done("The submitter is asked.", address(self.object))


class ReviewAnswer(ReviewSay):
    """Answer a question."""

    verb = "review.answer"
    lookups = {"pk": "pk"}

    def act(self) -> HttpResponseBase:
        """Answer."""
        question = self.object.remarks.filter(pk=self.kwargs["question"]).first()
        text = self.text("text", LONG)
        services.answer_in_review(actor=self.person, review=self.object, question=question, text=text, door=Door.WEB)
        return self.done("Whoever asked is told.", address(self.object))


class ReviewRemarkSay(ReviewSay):
    """Say something."""

    verb = "review.remark"

    def act(self) -> HttpResponseBase:
        """Say it."""
        text = self.text("text", LONG)
        services.remark_in_review(actor=self.person, review=self.object, text=text, door=Door.WEB)
        return self.done("It stands in the discussion.", address(self.object))
