"""Whose agreement a change needs: owners of the systems it reaches, told of it and asked on My work until they answer.

An owner who may not see the system that changes is told of their own: something it depends on is to change, of what
kind and when, and no name. They answer on the page of their own system; the page of the change says that they are asked
so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from governance.changes.models import Change
from inventory.dependencies import systems_standing_on
from inventory.models import Asset, Standing, System

OWNING = (Role.OWNER, Role.DEPUTY_OWNER)
MOST_CHANGES = 500

# From the changes in approval, which are few, to every system they reach that the person owns and has not spoken for
# since the request was put up; nothing of changes they had a hand in.
UNANSWERED = """
WITH RECURSIVE spread (change_id, node) AS (
    SELECT c.id, n.node FROM changes_change c
    CROSS JOIN LATERAL (SELECT c.system_id * -1 AS node
                        UNION ALL
                        SELECT a.asset_id FROM changes_affectedasset a WHERE a.change_id = c.id) n
    WHERE c.id IN (
        SELECT w.id FROM changes_change w WHERE w.state = 'in_approval' AND NOT EXISTS (
            SELECT FROM changes_contribution h WHERE h.change_id = w.id AND h.person_id = %(person)s)
        ORDER BY w.id DESC LIMIT %(changes)s)
      AND EXISTS (SELECT FROM inventory_standing o
                  WHERE o.person_id = %(person)s AND o.role IN ('owner', 'deputy_owner'))
    UNION
    SELECT s.change_id, coalesce(d.asset_id, d.system_id * -1)
    FROM spread s
    JOIN inventory_dependency d ON coalesce(d.on_asset_id, d.on_system_id * -1) = s.node AND d.ended_at IS NULL
)
SELECT c.id, c.title, c.submitted_at, c.planned_from, y.slug, y.name, c.kind
FROM spread s
JOIN changes_change c ON c.id = s.change_id
JOIN inventory_system y ON s.node < 0 AND y.id = -s.node AND y.id <> c.system_id
WHERE EXISTS (SELECT FROM inventory_standing o
              WHERE o.person_id = %(person)s AND o.system_id = y.id AND o.role IN ('owner', 'deputy_owner'))
  AND NOT EXISTS (SELECT FROM changes_opinion o
                  WHERE o.change_id = c.id AND o.system_id = y.id AND o.at >= c.submitted_at)
ORDER BY c.id DESC, y.name
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One change an owner is asked about, and the system of theirs it reaches; `seen` where they may see the change."""

    change: int
    title: str
    asked_at: datetime
    planned_from: datetime | None
    slug: str
    system: str
    kind: str
    seen: bool

    @property
    def name(self) -> str:
        """The change as people call it; of one they may not see, no name."""
        return f"CHG-{self.change} {self.title}" if self.seen else f"CHG-{self.change}, below {self.system}"


def questions_for(person: User, most: int) -> list[Question]:
    """What this person is asked as an owner; nothing of a change they asked for themselves."""
    with connection.cursor() as cursor:
        cursor.execute(UNANSWERED, {"changes": MOST_CHANGES, "person": person.pk, "most": most})
        found = cursor.fetchall()
    if not found:
        return []
    changes = Change.objects.filter(pk__in={row[0] for row in found})
    seen = set(rights.visible(person, changes).order_by().values_list("pk", flat=True))
    return [Question(*(*row, row[0] in seen)) for row in found]


def owners_reached(change: Change) -> list[User]:
    """Owners and deputies, now, of every living system a change reaches, whoever asks."""
    starts: list[Asset | System] = [change.system, *(one.asset for one in change.assets.select_related("asset"))]
    living = System.objects.filter(pk__in=systems_standing_on(*starts)).exclude(phase=System.Phase.RETIRED)
    return _owners(living.order_by().values("pk"))


def owners_of_its_system(change: Change) -> list[User]:
    """Owner and deputies, now, of the system that changes."""
    return _owners([change.system_id])


def asked_unseen(change: Change) -> dict[System, list[User]]:
    """Of the living systems a change reaches, the owners and deputies who may not see the change, by system."""
    starts: list[Asset | System] = [change.system, *(one.asset for one in change.assets.select_related("asset"))]
    living = System.objects.filter(pk__in=systems_standing_on(*starts)).exclude(phase=System.Phase.RETIRED)
    held = Standing.objects.filter(system__in=living.order_by().values("pk"), role__in=OWNING)
    owning = set(held.values_list("system_id", "person_id"))
    people = {person.pk: person for person in User.objects.filter(pk__in={person for _, person in owning})}
    seeing = rights.holders(Permission.SYSTEM_VIEW, change.system).filter(pk__in=people)
    unseeing = people.keys() - set(seeing.values_list("pk", flat=True))
    found: dict[System, list[User]] = {}
    for system in System.objects.defer("search").filter(pk__in={s for s, who in owning if who in unseeing}):
        found[system] = [people[who] for s, who in sorted(owning) if s == system.pk and who in unseeing]
    return found


def without_a_seeing_owner(change: Change, systems: Sequence[int]) -> frozenset[int]:
    """Of these systems, those of which no owner may see the change: it is asked of them without its name, if of any."""
    held = Standing.objects.filter(system__in=systems, role__in=OWNING).values_list("system_id", "person_id")
    owning = [(system, person) for system, person in held if system is not None]
    people = {person for _, person in owning}
    seeing = set(
        rights.holders(Permission.SYSTEM_VIEW, change.system).filter(pk__in=people).values_list("pk", flat=True)
    )
    return frozenset(systems) - {system for system, person in owning if person in seeing}


def _owners(systems: Any) -> list[User]:
    held = Standing.objects.filter(system__in=systems, role__in=OWNING)
    return list(User.objects.filter(pk__in=held.values("person")).order_by("pk"))
