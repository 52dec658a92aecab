"""Which systems a request for a unit or a tier reaches, for one person, now."""

from __future__ import annotations

from dataclasses import dataclass

from governance import canonical
from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from inventory.models import System, Unit, UnitClosure


@dataclass(frozen=True, slots=True)
class Reached:
    """The systems a person may ask for, whether there are more than were looked for, and how many are left out.

    `left_out` are systems the person sees there and may not ask for; `digest` names exactly these systems.
    """

    words: str
    systems: tuple[System, ...]
    more: bool
    left_out: int
    digest: str


def reached(person: User, unit: Unit | None, tier: str, *, most: int) -> Reached:
    """Every system in use of a unit with all below it, of a tier, or of both, in three statements."""
    words = " in ".join(part for part in (f"tier {tier}" if tier else "", unit.name if unit else "") if part)
    there = System.objects.exclude(phase=System.Phase.RETIRED).select_related("unit").defer("search")
    if not words:
        there = there.none()
    if unit is not None:
        there = there.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
    if tier:
        there = there.filter(tier=tier)
    found = list(rights.visible(person, there, Permission.WAIVER_REQUEST).order_by("pk")[: most + 1])
    left_out = 0 if len(found) > most else rights.visible(person, there).count() - len(found)
    systems = tuple(found[:most])
    return Reached(words, systems, len(found) > most, left_out, canonical.digest({"systems": [s.pk for s in systems]}))
