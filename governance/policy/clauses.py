"""Clauses of outside rules beside the requirements that serve them. Pure.

A clause names its requirements, or a requirement names its clauses; both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from governance.policy.schema import Clause, Overlay, PackDocument, Regime, Requirement


@dataclass(frozen=True, slots=True)
class Mapped:
    """One clause of a regime: since when it counts, and which requirements of the pack serve it, none of them maybe."""

    clause: Clause
    starts: date
    begun: bool
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class MappedRegime:
    """A regime with its clauses, the overlay it came with (None for the pack's own), and where it stands on a day."""

    regime: Regime
    overlay: Overlay | None
    begun: bool
    over: bool
    clauses: tuple[Mapped, ...]


def begins(regime: Regime, clause: Clause) -> date:
    """The day a clause begins: its own, never before the regime's."""
    return max(regime.starts, clause.starts or regime.starts)


def served_by(document: PackDocument, requirement: Requirement) -> Iterator[tuple[Regime, Clause]]:
    """The clauses a requirement serves, in the pack's order."""
    named = {(source.regime, source.clause) for source in requirement.sources}
    for regime in document.all_regimes:
        for clause in regime.clauses:
            if requirement.id in clause.requirements or (regime.id, clause.id) in named:
                yield regime, clause


def clause_map(document: PackDocument, today: date) -> tuple[MappedRegime, ...]:
    """Every regime of the pack with what serves each clause, and what of it counts on that day."""
    serving: dict[tuple[str, str], list[Requirement]] = {}
    for requirement in document.requirements:
        for regime, clause in served_by(document, requirement):
            serving.setdefault((regime.id, clause.id), []).append(requirement)
    origins = {regime.id: overlay for overlay in document.overlays for regime in overlay.regimes}
    return tuple(_mapped(regime, origins.get(regime.id), serving, today) for regime in document.all_regimes)


def _mapped(
    regime: Regime, overlay: Overlay | None, serving: dict[tuple[str, str], list[Requirement]], today: date
) -> MappedRegime:
    over = regime.superseded_by is not None or (regime.ends is not None and regime.ends <= today)
    begun = regime.starts <= today and not over
    clauses = tuple(
        Mapped(
            clause, begins(regime, clause), begun and begins(regime, clause) <= today,
            tuple(serving.get((regime.id, clause.id), ())),
        )
        for clause in regime.clauses
    )  # fmt: skip
    return MappedRegime(regime, overlay, begun, over, clauses)
