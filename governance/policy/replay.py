"""What a pack would change: the gate's own facts and decision under two packs, side by side over the inventory.

`compare` is pure; `replay` feeds it the inventory in batches, so that memory grows with what changes and not with
what there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from governance import canonical
from governance.inputs import InvalidInput
from governance.policy.checking import Purpose
from governance.policy.completeness import standings
from governance.policy.decide import Decision, Rules, decide
from governance.policy.facts import Facts, SystemFacts
from governance.policy.tiering import assess

NO_POLICY = "policy"
NO_ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate that would answer otherwise, with the requirements that make the difference and what each says."""

    system: str
    release: str
    environment: str
    requirements: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierMove:
    """A system whose answers come to another tier; None where a pack has no tier for them."""

    system: str
    before: str | None
    after: str | None


@dataclass
class Report:
    """What a pack would change against the pack in force, and the work it would cost."""

    pack: str
    rules: Rules
    systems: int = 0
    releases: int = 0
    opened: list[Gate] = field(default_factory=list)
    closed: list[Gate] = field(default_factory=list)
    tiers: list[TierMove] = field(default_factory=list)
    reviews: int = 0
    documents: int = 0

    @property
    def document(self) -> dict[str, Any]:
        """The report as every door gives it; `digest` is over all the rest and the pack's own digest."""
        told = {
            "pack": self.pack,
            "systems": self.systems,
            "opened": [gate_told(gate) for gate in sorted(self.opened, key=place)],
            "closed": [gate_told(gate) for gate in sorted(self.closed, key=place)],
            "tiers": [
                {"system": move.system, "from": move.before, "to": move.after}
                for move in sorted(self.tiers, key=lambda move: move.system)
            ],
            "reviews": self.reviews,
            "documents": self.documents,
        }
        seal = canonical.digest({**told, "policy": self.rules.digest})
        return {"pack": told.pop("pack"), "digest": seal, **told}

    def by_requirement(self) -> list[tuple[str, int, int]]:
        """Each requirement that makes a difference by its title: gates it would close, gates it would open."""
        return by_requirement(self.rules, self.closed, self.opened)


def by_requirement(rules: Rules, closed: Iterable[Gate], opened: Iterable[Gate] = ()) -> list[tuple[str, int, int]]:
    """Each requirement that makes a difference by its title: gates it would close, gates it would open."""
    closes = Counter(name for gate in closed for name in gate.requirements)
    opens = Counter(name for gate in opened for name in gate.requirements)
    titles = {known.id: known.title for known in rules.document.requirements}
    names = sorted(closes.keys() | opens.keys(), key=lambda name: (-closes[name], -opens[name], name))
    return [(titles.get(name, name), closes[name], opens[name]) for name in names]


def replay(
    report: Report,
    before: Rules | None,
    facts: Iterable[Facts],
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Fill the report from facts that come system by system; `progress` is told how many systems are done."""
    for _, found in groupby(facts, key=of_system):
        releases = list(found)
        system = releases[0].system
        if system is None:
            continue
        report.systems += 1
        after = tier_under(report.rules, system, at)
        _count_system(report, before, releases[0], system, after, at)
        for each in releases:
            if each.release is not None:
                report.releases += 1
                compare(report, before, each, at)
                report.reviews += len(_stages_due(report.rules, each, at) - _stages_due(before, each, at))
        progress(report.systems)
    return report


def compare(report: Report, before: Rules | None, facts: Facts, at: datetime) -> None:
    """Note every gate of one release that would open or close."""
    names = [environment.id for environment in report.rules.document.environments]
    known = [environment.id for environment in before.document.environments] if before else []
    for name in dict.fromkeys([*names, *known]):
        then, now = _ask(before, facts, name, at), _ask(report.rules, facts, name, at)
        if _open(then) == _open(now):
            continue
        lines = _unmet(before, then) if _open(now) else _unmet(report.rules, now)
        where = report.opened if _open(now) else report.closed
        system = facts.system.slug if facts.system else ""
        release = facts.release.version if facts.release else ""
        where.append(Gate(system, release, name, tuple(lines), tuple(lines.values())))


def tier_under(rules: Rules | None, system: SystemFacts, at: datetime) -> str | None:
    """What a system is held to under a pack; None where its answers do not fit the questionnaire."""
    if rules is None:
        return None
    try:
        return system.held_to(assess(rules.document, system.answers).tier, at)
    except InvalidInput:
        return None


def _count_system(
    report: Report, before: Rules | None, facts: Facts, system: SystemFacts, after: str | None, at: datetime
) -> None:
    """Note a tier that would move, and the documents that would have to be written."""
    recorded = system.tier or None
    if (system.answers or recorded) and after not in {recorded, tier_under(before, system, at)}:
        report.tiers.append(TierMove(system.slug, recorded, after))
    moved = replace(system, tier=after or system.tier)
    report.documents += len(_papers(report.rules, moved, facts, at) - _papers(before, system, facts, at))


def _papers(rules: Rules | None, system: SystemFacts, facts: Facts, at: datetime) -> set[str]:
    """The documents that are demanded and not complete."""
    if rules is None:
        return set()
    found = standings(rules.document, system, facts.documents, at, owed_only=True)
    return {document.template for document in found if document.demanded and document.problem}


def _stages_due(rules: Rules | None, facts: Facts, at: datetime) -> set[str]:
    """The reviews an approved release would need at its next renewal that its approval does not hold already.

    All of them when the answers come to another tier than the reviewers saw; else the stages they were not asked for.
    """
    submission = facts.counting
    if rules is None or submission is None or facts.system is None or submission.state != "approved":
        return set()
    if facts.release is None or facts.release.state not in {"approved", "suspended"}:
        return set()
    tier = tier_under(rules, facts.system, at) or facts.system.tier
    wanted = {stage.id for stage in rules.document.stages_for(tier, facts.system.regimes)}
    if tier != submission.tier:
        return wanted
    return wanted - {review.stage for review in submission.reviews}


def _ask(rules: Rules | None, facts: Facts, name: str, at: datetime) -> Decision | None:
    """The gate's answer; None where there is no pack or the pack does not know the environment."""
    environment = rules.document.environment(name) if rules else None
    if rules is None or environment is None:
        return None
    return decide(facts, rules, environment, at, Purpose.DEPLOY)


def _open(decision: Decision | None) -> bool:
    return decision is not None and decision.allowed


def _unmet(rules: Rules | None, decision: Decision | None) -> dict[str, str]:
    if rules is None:
        return {NO_POLICY: "No policy pack is in force."}
    if decision is None:
        return {NO_ENVIRONMENT: "The pack does not know the environment."}
    return {line.id: line.reason for line in decision.unmet}


def gate_told(gate: Gate) -> dict[str, Any]:
    """One gate as plain data, without what its requirements say."""
    return {
        "system": gate.system, "release": gate.release, "environment": gate.environment,
        "requirements": list(gate.requirements),
    }  # fmt: skip


class Placed(Protocol):
    """What is about one gate."""

    @property
    def system(self) -> str:
        """Of which system."""

    @property
    def release(self) -> str:
        """Of which release."""

    @property
    def environment(self) -> str:
        """To where."""


def place(gate: Placed) -> tuple[str, str, str]:
    """The order of gates in a report."""
    return gate.system, gate.release, gate.environment


def of_system(facts: Facts) -> int:
    """Whose facts they are."""
    return facts.system.id if facts.system else 0


def first(gates: Iterable[Gate], most: int) -> Iterator[Gate]:
    """The first gates in the report's order."""
    yield from sorted(gates, key=place)[:most]
