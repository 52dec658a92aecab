"""Checks of what a system stands on and what it may do harm with; they join the closed vocabulary at start."""

from __future__ import annotations

from governance.policy.appetite import beyond
from governance.policy.checks import BUILDERS, Case, Met, NotApplicable, Parameters, Result, Unmet, add_check


def dependencies(case: Case, _: Parameters) -> Result:
    """No asset the system stands on, directly or through others, is withdrawn or breached."""
    stopped = [asset for asset in case.facts.dependencies.unusual if asset.state in {"withdrawn", "breached"}]
    if stopped:
        names = "; ".join(f"“{a.name}” is {a.state}{'' if a.direct else ' (through others)'}" for a in stopped)
        fix = "Replace what depends on it, or have the asset returned to use."
        return Unmet(f"{names}.", fix, BUILDERS, f"/assets/{stopped[0].slug}/")
    unsupported = ", ".join(asset.name for asset in case.facts.dependencies.unusual)
    return Met(f"Everything it depends on is in use.{f' Out of support: {unsupported}.' if unsupported else ''}")


def risks(case: Case, _: Parameters) -> Result:
    """No risk stands above what the tier may carry, unless another person accepted it for a time."""
    if case.pack.risks is None:
        return NotApplicable("The policy keeps no risk register.")
    tier = case.facts.system.tier if case.facts.system else ""
    refused, until = beyond(case.pack.risks, tier, case.facts.risks, case.at)
    if refused:
        fix = "Treat them, or have another person accept what remains."
        return Unmet(f"Above the appetite: {', '.join(refused)}.", fix, BUILDERS, f"{case.system_page}?tab=risks")
    return Met("Every recorded risk is within the appetite or accepted.", until)


def register() -> None:
    """Add the checks to the vocabulary; called once at start, before any pack is read."""
    add_check("dependencies")(dependencies)
    add_check("risks")(risks)
