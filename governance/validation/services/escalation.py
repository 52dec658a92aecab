"""Escalation: reviewers and leads of a stage that sits too long are told of it, then governance; each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.database.clock import portal_now
from governance.notify.alarms import alone
from governance.policy.sections import Cover
from governance.validation import notices, overdue, queries, reviewers
from governance.validation.models import Review

JOB = "escalate_reviews"


def governance() -> QuerySet[User]:
    """Whom a stage goes to that sits where nobody leads, or goes on sitting."""
    return User.objects.filter(groups__name=OrganisationRole.GOVERNANCE, is_active=True, closed_at=None)


def escalate() -> None:
    """Tell whom each stage that sits too long is assigned to, and its leads; then governance.

    Governance hears of what nobody leads, and of what goes on sitting.

    Each is told once of each stage. A stage that cannot be told of raises an alarm and leaves the others.
    """
    said, now = overdue.cover(), portal_now()
    if said is None:
        return
    for review in queries.reviews().filter(overdue.late()).order_by("opened_at", "pk").iterator():
        with alone(JOB, f"review {review.pk}", f"That {review} sits could not be told"), transaction.atomic():
            _escalate(review, said, now)


def _escalate(review: Review, said: Cover, now: datetime) -> None:
    days = said.longest(review.stage, review.submission.tier)
    assert days is not None and review.opened_at is not None  # noqa: S101, PT018  late stages only
    leads = list(reviewers.leads(review))
    nearest = [*leads, *reviewers.reviewers_of(review)]
    if nearest:
        _tell(review, "leads", nearest, days)
    if not leads or now >= review.opened_at + timedelta(days=days * overdue.GOVERNANCE):
        _tell(review, "governance", governance(), days)


def _tell(review: Review, whom: str, people: Iterable[User], days: int) -> None:
    notices.review_overdue(review, people, days, once=f"review {review.pk} overdue {whom}")
