"""Named reads of the risk register: the rules in force, the rows, the heat map, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance.access.models import User
from governance.database.clock import PortalNow
from governance.policy.queries import pack_in_force, rules
from governance.policy.sections import Risks
from inventory.models import Risk, System


def rules_of_risks() -> Risks | None:
    """The risk section of the pack in force; None where no pack is, or it has switched risks off."""
    pack = pack_in_force()
    return rules(pack).document.risks if pack else None


def ungraded_closes(system: System) -> bool:
    """Whether the policy in force closes the gate of a system for a risk that nobody has graded."""
    pack = pack_in_force()
    if pack is None:
        return False
    asking = (line.applies for line in rules(pack).document.requirements if line.check == "risks")
    return any(not applies.tiers or system.tier in applies.tiers for applies in asking)


def risk_rows() -> QuerySet[Risk]:
    """Risks with what lists and pages show of them."""
    return Risk.objects.select_related("system", "owner", "accepted_by", "created_by", "assessed_by").defer(
        "system__search"
    )


def narrow(risks: QuerySet[Risk], wanted: Mapping[str, Any]) -> QuerySet[Risk]:
    """The risks that fit the filters of the list; the open ones unless asked otherwise."""
    state = wanted.get("state")
    if state != "all":
        risks = risks.filter(state=state) if state else risks.exclude(state=Risk.State.CLOSED)
    for name in ("level", "likelihood", "consequence"):
        if value := wanted.get(name):
            risks = risks.filter(**{name: value})
    if owner := wanted.get("owner"):
        risks = risks.filter(owner=None) if owner == "none" else risks.filter(owner__username=owner)
    if wanted.get("late"):
        risks = risks.filter(review_at__lt=PortalNow())
    if system := wanted.get("system"):
        risks = risks.filter(system__slug=system)
    return risks


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the heat map: how many risks stand there, its level, how hot that is, and where they are listed."""

    number: int
    level: str
    heat: int
    href: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Likelihood from the highest down, consequence from the lowest up."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    ungraded: int


def heat_map(risks: QuerySet[Risk], section: Risks, where: str) -> HeatMap:
    """How many of these open risks stand in each field of the matrix; one statement. `where` begins each link."""
    counted = risks.exclude(state=Risk.State.CLOSED).order_by().values("likelihood", "consequence")
    numbers = {(row["likelihood"], row["consequence"]): row["number"] for row in counted.annotate(number=Count("pk"))}
    titles = {level.id: level.title for level in section.levels}
    order = [level.id for level in section.levels]
    rows = []
    for likely in reversed(section.likelihood):
        cells = []
        for bad in section.consequence:
            level = section.matrix[likely.id][bad.id]
            number = numbers.pop((likely.id, bad.id), 0)
            heat = 1 + round(3 * order.index(level) / max(len(order) - 1, 1))
            cells.append(Cell(number, titles[level], heat, f"{where}likelihood={likely.id}&consequence={bad.id}"))
        rows.append((likely.title, tuple(cells)))
    return HeatMap(tuple(level.title for level in section.consequence), tuple(rows), sum(numbers.values()))


def to_look_at(person: User) -> QuerySet[Risk]:
    """Open risks this person treats, with a date."""
    dated = Q(due__isnull=False, state=Risk.State.TREATED) | Q(review_at__isnull=False)
    return risk_rows().filter(dated, owner=person).exclude(state=Risk.State.CLOSED)


def acceptances_ended(risks: QuerySet[Risk]) -> QuerySet[Risk]:
    """Risks whose acceptance has run out."""
    return risks.filter(accepted_until__lte=PortalNow()).exclude(state=Risk.State.CLOSED)
