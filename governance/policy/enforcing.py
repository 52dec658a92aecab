"""What enforcing would close today: the gate's own decision wherever a pack still only observes.

A gate that is open only on an approval from before the portal is told apart: it stays open until that ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from governance import canonical
from governance.policy.decide import Rules, decide, enforced
from governance.policy.facts import Facts
from governance.policy.replay import Gate, gate_told, of_system, place

# What nobody means to deploy any more closes nothing that is open.
OVER = frozenset({"discarded", "rejected", "retired", "revoked"})


@dataclass(frozen=True, slots=True)
class OnLegacy:
    """A gate that would stay open, but only on a legacy approval, and until when."""

    system: str
    release: str
    environment: str
    until: datetime | None


@dataclass
class EnforcingReport:
    """The gates that are only observed today: how many, which would close, which stand on a legacy approval."""

    pack: str
    rules: Rules
    systems: int = 0
    releases: int = 0
    observed: int = 0
    closed: list[Gate] = field(default_factory=list)
    legacy: list[OnLegacy] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        """The report as every door gives it; `digest` is over all the rest and the pack's own digest."""
        told = {
            "pack": self.pack,
            "systems": self.systems,
            "releases": self.releases,
            "observed": self.observed,
            "closed": [gate_told(gate) for gate in sorted(self.closed, key=place)],
            "legacy": [legacy_told(gate) for gate in sorted(self.legacy, key=place)],
        }
        seal = canonical.digest({**told, "policy": self.rules.digest})
        return {"pack": told.pop("pack"), "digest": seal, **told}


def legacy_told(gate: OnLegacy) -> dict[str, Any]:
    """One gate that stands on a legacy approval, as plain data."""
    until = gate.until.isoformat().replace("+00:00", "Z") if gate.until else None
    return {"system": gate.system, "release": gate.release, "environment": gate.environment, "until": until}


def enforce(
    report: EnforcingReport,
    facts: Iterable[Facts],
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> EnforcingReport:
    """Fill the report from facts that come system by system; `progress` is told how many systems are done."""
    for _, found in groupby(facts, key=of_system):
        releases = list(found)
        if releases[0].system is None:
            continue
        report.systems += 1
        for each in releases:
            if each.release is not None and each.release.state not in OVER:
                report.releases += 1
                _ask(report, each, at)
        progress(report.systems)
    return report


def _ask(report: EnforcingReport, facts: Facts, at: datetime) -> None:
    """Every environment that only observes this system now."""
    for environment in report.rules.document.environments:
        if enforced(facts, environment, at):
            continue
        report.observed += 1
        decision = decide(facts, report.rules, environment, at)
        names = facts.system.slug if facts.system else "", facts.release.version if facts.release else ""
        if not decision.allowed:
            lines = {line.id: line.reason for line in decision.unmet}
            report.closed.append(Gate(*names, environment.id, tuple(lines), tuple(lines.values())))
        elif decision.legacy:
            ends = [line.until for line in decision.legacy if line.until is not None]
            report.legacy.append(OnLegacy(*names, environment.id, min(ends, default=None)))
