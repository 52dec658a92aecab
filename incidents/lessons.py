"""Lessons searched: what closed incidents taught, by the words of their causes, reviews and analyses."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Q, QuerySet

from governance.access.models import User
from governance.access.rights import visible
from incidents.models import ContributingFactor, Incident, PostIncidentReview, Why
from incidents.models.incidents import LESSON_WORDS

MOST = 50


def taught() -> QuerySet[Incident]:
    """Closed incidents with what they taught."""
    return Incident.objects.filter(state=Incident.State.CLOSED).select_related("system", "post_review")


def holding(rows: QuerySet[Incident], words: str) -> QuerySet[Incident]:
    """Those whose title, cause, lessons, review or analysis holds these words; none given, all of them."""
    if not words.strip():
        return rows
    asked = SearchQuery(words, config="english", search_type="websearch")

    def found(model: type[PostIncidentReview | Why | ContributingFactor], *fields: str) -> QuerySet[Any]:
        said = model._default_manager.annotate(said=SearchVector(*fields, config="english")).filter(said=asked)
        return said.values("incident")

    here = Incident.objects.annotate(said=LESSON_WORDS).filter(said=asked).values("pk")
    return rows.filter(
        Q(pk__in=here)
        | Q(pk__in=found(PostIncidentReview, "response", "detection", "analysis", "mitigation"))
        | Q(pk__in=found(Why, "question", "answer").filter(taken_back_at=None))
        | Q(pk__in=found(ContributingFactor, "text").filter(taken_back_at=None))
    )


def lessons(person: User, words: str) -> list[Incident]:
    """What a person may see of it: with words the one that says most of them first, else the newest."""
    rows = holding(visible(person, taught()), words)
    if words.strip():
        asked = SearchQuery(words, config="english", search_type="websearch")
        rows = rows.annotate(rank=SearchRank(LESSON_WORDS, asked)).order_by("-rank", "-closed_at")
    else:
        rows = rows.order_by("-closed_at", "-id")
    return list(rows[:MOST])
