"""Which duties are met, which are not, and which nobody can tell. Pure: the same facts and checks the gate uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.policy.decide import Line, Rules, Status, decide, lines_of
from governance.policy.facts import Facts
from governance.policy.schema import Environment, PackDocument

# Checks that speak of the system itself; every other one has nothing to judge while no release is described.
OF_SYSTEM = frozenset(
    {
        "owner", "tier", "documents", "holds", "incidents", "dependencies", "changes", "risks", "risks_recorded",
        "failure_modes", "monitoring", "controls",
    }
)  # fmt: skip
UNKNOWN_TIER = "unknown"
MET, UNMET, UNKNOWN = "met", "unmet", "unknown"
Table = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Duty:
    """One requirement for one system; a waived one counts as met, one that asks nothing is left out.

    What an approval from before the portal stands in for is still to be done, so it counts as unmet.
    """

    id: str
    status: str
    reason: str
    href: str = ""


def strictest(pack: PackDocument) -> Environment:
    """The environment that is reached last: what holds there holds everywhere."""
    return max(pack.environments, key=lambda environment: environment.order)


def duties(facts: Facts, rules: Rules, at: datetime) -> tuple[Duty, ...]:
    """How one system stands, judged by the release its facts are about; without one some duties are unknown."""
    environment = strictest(rules.document)
    if facts.release is not None:
        return _told(decide(facts, rules, environment, at).lines)
    known = {line.id: line for line in lines_of(facts, rules, environment, at, OF_SYSTEM)}
    page = f"/systems/{facts.system.slug}/" if facts.system else ""
    found: list[Duty] = []
    for requirement in rules.document.requirements:
        if requirement.id in known:
            found.extend(_told((known[requirement.id],)))
        else:
            found.append(Duty(requirement.id, UNKNOWN, "No release is described.", page))
    return tuple(found)


def _told(lines: Iterable[Line]) -> tuple[Duty, ...]:
    return tuple(
        Duty(line.id, UNMET if line.status in (Status.UNMET, Status.LEGACY) else MET, line.reason, line.href)
        for line in lines
        if line.status is not Status.NOT_APPLICABLE
    )


def tier_of(facts: Facts, pack: PackDocument) -> str:
    """The tier a system is counted under; one the pack does not know, or none, is unknown."""
    tier = facts.system.tier if facts.system else ""
    return tier if pack.tier(tier) else UNKNOWN_TIER


def empty_table(pack: PackDocument) -> Table:
    """Every duty by every tier of the pack and the unknown, nothing counted yet."""
    tiers = [*(tier.id for tier in pack.tiers.order), UNKNOWN_TIER]
    return {duty.id: {tier: {MET: 0, UNMET: 0, UNKNOWN: 0} for tier in tiers} for duty in pack.requirements}


def count(table: Table, tier: str, found: Iterable[Duty]) -> None:
    """Add one system."""
    for duty in found:
        table[duty.id][tier][duty.status] += 1
