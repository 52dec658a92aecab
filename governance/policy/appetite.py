"""Whether the risks on record are within what a tier may carry. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from governance.policy.facts import RiskFact
from governance.policy.sections import Risks


def beyond(section: Risks, tier: str, risks: Iterable[RiskFact], at: datetime) -> tuple[list[str], datetime | None]:
    """(risks nobody may carry at this instant, in words; when the first acceptance ends on which that rests).

    A risk that was not graded, or by words the pack does not have, counts as too high: nobody knows how high it is.
    """
    order = [level.id for level in section.levels]
    titles = {level.id: level.title for level in section.levels}
    limit = section.appetite.get(tier)
    refused, ends = [], []
    for risk in risks:
        level = _level(section, risk)
        if level is not None and (limit is None or order.index(level) <= order.index(limit)):
            continue
        if level is not None and risk.accepted_until is not None and at < risk.accepted_until:
            ends.append(risk.accepted_until)
            continue
        refused.append(f"“{risk.title}” ({titles[level].lower() if level else 'not graded'})")
    return refused, min(ends, default=None)


def _level(section: Risks, risk: RiskFact) -> str | None:
    """What remains of a treated risk, else the risk as analysed."""
    if risk.state == "treated" and risk.residual_likelihood:
        return section.matrix.get(risk.residual_likelihood, {}).get(risk.residual_consequence)
    return section.matrix.get(risk.likelihood, {}).get(risk.consequence)
