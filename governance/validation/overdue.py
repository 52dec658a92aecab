"""Stages that sit: which have been open for longer than the pack in force allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

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
    found, said = Q(pk__in=[]), cover()
    if said is None or not said.longest_open:
        return found
    pairs = Review.objects.filter(state=Review.State.OPEN).order_by().values_list("stage", "submission__tier")
    for stage, tier in pairs.distinct():
        days = said.longest(stage, tier)
        if days is not None:
            found |= Q(
                **{
                    f"{before}state": Review.State.OPEN,
                    f"{before}stage": stage,
                    f"{before}submission__tier": tier,
                    f"{before}opened_at__lte": PortalNow() - timedelta(days=days * times),
                }
            )
    return found


def marked(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The reviews, each saying whether it is `late`."""
    return reviews.annotate(late=Case(When(late(), then=Value(True)), default=False, output_field=BooleanField()))
