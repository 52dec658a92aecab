"""Past incidents read: searched by words, and ranked by what they share with a system's own description."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from governance.policy.queries import pack_in_force, rules
from inventory.models import FailureMode, LookAlike, LookAlikeSearch, PastIncident, System

# What a system says of itself that past incidents are compared with; the policy's facts use the same words.
WORDS = "concat_ws(E'\\n', s.name, s.purpose, s.intended_use, s.affected_groups, s.outputs)"
USUAL = 5

# Rare words weigh more (the logarithm of how few incidents hold them), words of a title twice as much as others. An
# incident must share at least two words, so that no chance word proposes it; long texts do not win by length alone.
RANKED = """
WITH words AS ({words}),
known AS (
    SELECT k.word AS lexeme, ln((SELECT count(*) FROM inventory_pastincident)::float / k.ndoc) AS weight
    FROM ts_stat('SELECT search FROM inventory_pastincident') k JOIN words w ON w.lexeme = k.word),
telling AS (SELECT lexeme, weight FROM known WHERE weight > 0 ORDER BY weight DESC LIMIT 60),
asked AS (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS query FROM telling)
SELECT i.id FROM inventory_pastincident i
CROSS JOIN asked
CROSS JOIN LATERAL (
    SELECT count(*) AS shared, sum(t.weight * CASE WHEN 'A' = ANY (u.weights) THEN 2 ELSE 1 END) AS sum
    FROM unnest(i.search) u JOIN telling t ON t.lexeme = u.lexeme) m
WHERE i.search @@ asked.query AND m.shared >= 2
ORDER BY m.sum / (1 + ln(length(i.search))) DESC, i.id
LIMIT %(most)s
"""
LIKE_SYSTEM = RANKED.format(
    words=f"SELECT DISTINCT lexeme FROM inventory_system s, unnest(to_tsvector('english', {WORDS}))"  # noqa: S608  ours
    " WHERE s.id = %(system)s"
)
LIKE_TEXT = RANKED.format(words="SELECT DISTINCT lexeme FROM unnest(to_tsvector('english', %(text)s))")


@dataclass(frozen=True, slots=True)
class Worksheet:
    """What a system's people wrote about how it fails, and the look-alikes with their answers."""

    modes: tuple[FailureMode, ...]
    look_alikes: tuple[LookAlike, ...]
    search: LookAlikeSearch | None
    incidents: int

    @property
    def unanswered(self) -> int:
        """How many look-alikes wait for an answer."""
        return sum(1 for each in self.look_alikes if not each.answer)


def most_look_alikes() -> int:
    """How many past incidents the policy in force wants proposed."""
    pack = pack_in_force()
    found = [line for line in rules(pack).document.requirements if line.check == "failure_modes"] if pack else []
    wanted = found[0].parameters.get("look_alikes", USUAL) if found else USUAL
    return wanted if isinstance(wanted, int) else USUAL


def look_alikes_of(system: System, most: int) -> tuple[list[int], str]:
    """The keys of the past incidents most like a system, the likest first, and the digest of what it said."""
    with connection.cursor() as cursor:
        cursor.execute(LIKE_SYSTEM, {"system": system.pk, "most": most})
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute(f"SELECT md5({WORDS}) FROM inventory_system s WHERE s.id = %s", [system.pk])  # noqa: S608  ours
        (digest,) = cursor.fetchone()
    return keys, digest


def past_incidents_like(text: str, most: int) -> list[int]:
    """The keys of the past incidents most like what a text tells, the likest first."""
    with connection.cursor() as cursor:
        cursor.execute(LIKE_TEXT, {"text": text, "most": most})
        return [key for (key,) in cursor.fetchall()]


def past_incidents() -> QuerySet[PastIncident]:
    """Past incidents without their vectors."""
    return PastIncident.objects.defer("search")


def worksheet(system: System) -> Worksheet:
    """The worksheet of a system."""
    modes = FailureMode.objects.filter(system=system, ended_at=None).select_related("created_by")
    alikes = LookAlike.objects.filter(system=system).select_related("incident", "answered_by")
    return Worksheet(
        modes=tuple(modes), look_alikes=tuple(alikes.defer("incident__search").order_by("answer", "id")),
        search=LookAlikeSearch.objects.filter(system=system).select_related("by").last(),
        incidents=PastIncident.objects.count(),
    )  # fmt: skip
