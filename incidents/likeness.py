"""Incidents that may be like one: ours by their words, and those others had by the same ranking as failure modes."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQueryField, SearchRank, SearchVector
from django.db.models import F, Func, QuerySet, Value

from governance.access.models import User
from governance.access.rights import visible
from incidents.models import Incident
from inventory.models import PastIncident
from inventory.past_incidents.queries import past_incidents, past_incidents_like

OURS, OTHERS, LOOKED_THROUGH = 6, 6, 2000
# Less than this is chance: one everyday word in common.
LEAST = 0.03
_ASKED = (
    "(SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery FROM unnest(to_tsvector('english', %(expressions)s)))"
)
_NO_INCIDENT = (Incident.State.DISMISSED, Incident.State.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Alike:
    """What may be linked to an incident."""

    ours: tuple[Incident, ...]
    others: tuple[PastIncident, ...]


def words_of(incident: Incident) -> str:
    """What an incident says of itself."""
    return "\n".join((incident.title, incident.description, incident.root_cause, incident.review))


def alike(person: User, incident: Incident) -> Alike:
    """The likest incidents a person may see that are not linked yet, the likest first."""
    text = words_of(incident)
    linked = [one for one in incident.similar.all() if one.taken_back_at is None]
    known, past = {one.other_id for one in linked}, {one.past_id for one in linked}
    keys = [key for key in past_incidents_like(text, OTHERS + len(linked)) if key not in past][:OTHERS]
    found = {row.pk: row for row in past_incidents().filter(pk__in=keys)}
    ours = [row for row in _ranked(person, incident, text)[: OURS + len(linked)] if row.pk not in known]
    return Alike(tuple(ours[:OURS]), tuple(found[key] for key in keys if key in found))


def _ranked(person: User, incident: Incident, text: str) -> QuerySet[Incident]:
    """Among the newest a person may see; a word of the title weighs more than one of the text."""
    newest = visible(person, Incident.objects.exclude(pk=incident.pk).exclude(state__in=_NO_INCIDENT))
    words = SearchVector("title", weight="A", config="english") + SearchVector(
        "description", "root_cause", "review", weight="B", config="english"
    )
    asked = Func(Value(text), template=_ASKED, output_field=SearchQueryField())
    return (
        Incident.objects.filter(pk__in=newest.order_by("-id").values("pk")[:LOOKED_THROUGH])
        .annotate(likeness=SearchRank(words, asked))
        .filter(likeness__gt=LEAST)
        .select_related("system")
        .order_by(F("likeness").desc(), "-id")
    )
