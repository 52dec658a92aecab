"""Stages that sit: which have been open for longer than the pack in force allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, DateTimeField, F, Q, QuerySet, Value, When

from governance.database.clock import PortalNow
from governance.policy.queries import pack_in_force, rules
from governance.policy.sections import Cover
from governance.validation.models import Review

# How many times the allowed length a stage sits before governance is told as well as its leads.
LEADS, GOVERNANCE = 1, 2


def cover() -> Cover | None:
    """What the pack in force says about cover for absence."""
    pack = pack_in_force()
    return rules(pack).document.cover if pack is not None else None


def due(review: Review, said: Cover | None) -> datetime | None:
    """When a stage will have been open for as long as the pack allows; None when it is not open or nothing is said."""
    days = said.longest(review.stage, review.submission.tier) if said is not None else None
    if days is None or review.state != Review.State.OPEN or review.opened_at is None:
        return None
    return review.opened_at + timedelta(days=days)


def late(times: int = LEADS, before: str = "") -> Q:
    """Open stages that have sat for so many times the allowed length; `before` leads from the rows to the review."""
    found = Q(pk__in=[])
    for these, days in _limits(before):
        found |= these & Q(**{f"{before}opened_at__lte": PortalNow() - timedelta(days=days * times)})
    return found


def until(before: str = "") -> Case:
    """When an open stage will have sat for the allowed length, as `due` says it, in the database."""
    limits = [When(these, then=F(f"{before}opened_at") + timedelta(days=days)) for these, days in _limits(before)]
    return Case(*limits, default=None, output_field=DateTimeField())


def _limits(before: str) -> Iterator[tuple[Q, int]]:
    """Each kind of open stages the pack has a limit for, and its days."""
    said = cover()
    if said is None or not said.longest_open:
        return
    pairs = Review.objects.filter(state=Review.State.OPEN).order_by().values_list("stage", "submission__tier")
    for stage, tier in pairs.distinct():
        days = said.longest(stage, tier)
        if days is not None:
            these = {"state": Review.State.OPEN, "stage": stage, "submission__tier": tier}
            yield Q(**{f"{before}{name}": value for name, value in these.items()}), days


def marked(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The reviews, each saying when it is `due` and whether it is `late`."""
    overdue = Case(When(late(), then=Value(True)), default=False, output_field=BooleanField())
    return reviews.annotate(late=overdue, due=until())
