"""The gap report: which duties are unmet, by tier, and which nobody can tell; from the gate's own facts and checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from governance.database.clock import portal_now
from governance.policy.decide import Rules
from governance.policy.gaps import UNMET, Duty, Table, count, duties, empty_table, tier_of
from governance.policy.packs import PackInvalid
from governance.policy.queries import facts_of_systems, pack_in_force, rules, rules_in_force
from inventory.models import System

LISTED = 200


@dataclass(frozen=True, slots=True)
class Gap:
    """One system that stands so with a duty."""

    slug: str
    name: str
    tier: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Unmet:
    """One duty a system does not meet: the check that says so, its title, why, and where to mend it."""

    check: str
    title: str
    reason: str
    href: str


def unmet_duties(system: System) -> list[Unmet]:
    """What one system owes under the pack in force; nothing once it is retired or while no pack is in force."""
    pack = pack_in_force()
    if pack is None or system.phase == System.Phase.RETIRED:
        return []
    try:
        in_force = rules(pack)
    except PackInvalid:
        return []
    asked = {requirement.id: requirement for requirement in in_force.document.requirements}
    return [
        Unmet(asked[duty.id].check, asked[duty.id].title, duty.reason, duty.href)
        for facts in facts_of_systems([system.pk])
        for duty in duties(facts, in_force, portal_now())
        if duty.status == UNMET
    ]


def report(systems: QuerySet[System]) -> tuple[Rules, Table]:
    """Every duty by tier, counted over the systems. Raises Conflict `no_policy`."""
    _, rules = rules_in_force()
    table = empty_table(rules.document)
    for _, tier, found in _judged(systems, rules):
        count(table, tier, found)
    return rules, table


def gaps(systems: QuerySet[System], duty: str, tier: str, status: str) -> list[Gap]:
    """The first systems that stand so with one duty, in the tier named or in any."""
    _, rules = rules_in_force()
    found: list[Gap] = []
    for (slug, name), at, judged in _judged(systems, rules):
        if tier in ("", at):
            found.extend(Gap(slug, name, at, each) for each in judged if (each.id, each.status) == (duty, status))
        if len(found) >= LISTED:
            break
    return found[:LISTED]


def standing(systems: QuerySet[System], wanted: frozenset[str]) -> Iterator[tuple[str, list[Duty]]]:
    """How each system stands with the named duties, by slug. Raises Conflict `no_policy`."""
    _, rules = rules_in_force()
    for (slug, _), _, judged in _judged(systems, rules):
        yield slug, [duty for duty in judged if duty.id in wanted]


def _judged(systems: QuerySet[System], rules: Rules) -> Iterator[tuple[tuple[str, str], str, tuple[Duty, ...]]]:
    """Name, tier and duties of each system; those of retired systems have ended."""
    now = portal_now()
    keys = systems.exclude(phase=System.Phase.RETIRED).order_by("pk").values_list("pk", flat=True)
    for facts in facts_of_systems(keys):
        if facts.system is not None:
            yield (facts.system.slug, facts.system.name), tier_of(facts, rules.document), duties(facts, rules, now)
