"""Checks of what a system stands on and what it may do harm with; they join the closed vocabulary at start."""

from __future__ import annotations

from governance.policy.appetite import beyond
from governance.policy.checking import (
    BUILDERS,
    Case,
    Met,
    NotApplicable,
    Parameters,
    Purpose,
    Result,
    Unmet,
    add_check,
    written,
)


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


def risks_recorded(case: Case, _: Parameters) -> Result:
    """Somebody wrote down what could go wrong: at least one risk is on record, and each is graded."""
    if case.pack.risks is None:
        return NotApplicable("The policy keeps no risk register.")
    page = f"{case.system_page}?tab=risks"
    if not case.facts.risks:
        fix = "Write down what could go wrong, grade it and say what is done about it."
        return Unmet("No risk is on record for this system.", fix, BUILDERS, page)
    ungraded = [risk.title for risk in case.facts.risks if not risk.likelihood]
    if ungraded:
        return Unmet(f"Not graded: {'; '.join(f'“{title}”' for title in ungraded)}.", "Grade them.", BUILDERS, page)
    count = len(case.facts.risks)
    return Met(f"{count} risk{'s are' if count != 1 else ' is'} on record and graded.")


class FailureParameters(Parameters):
    """How many past incidents are proposed for a system."""

    look_alikes: int = 5


def failure_modes(case: Case, _: FailureParameters) -> Result:
    """How the system fails is written down, and every past incident that looks like it has an answer.

    That news of the incident database, or a new description, asks for another search counts before a review and
    before its last signature only: an import must not stop what is running.
    """
    known, page = case.facts.failures, f"{case.system_page}failure-modes/"
    if not known.modes:
        fix = "Write down what goes wrong, for whom, when, and how one copes."
        return Unmet("No failure mode is written down.", fix, BUILDERS, page)
    if known.unanswered:
        named = "; ".join(f"“{title}”" for title in known.unanswered[:3])
        rest = f" and {len(known.unanswered) - 3} more" if len(known.unanswered) > 3 else ""
        fix = "Say of each whether it could happen here, and how it is treated or why not."
        return Unmet(f"Past incidents that look alike have no answer: {named}{rest}.", fix, BUILDERS, page)
    if known.told_of is None:
        return Met("Failure modes are written down; no incident database was taken in to compare with.")
    fix = "Look for past incidents like this system."
    if case.purpose in {Purpose.REVIEW, Purpose.APPROVAL} or known.searched_at is None:
        if known.searched_at is None:
            return Unmet("Nobody looked for past incidents like this system.", fix, BUILDERS, page)
        if known.searched_at < known.told_of:
            return Unmet(f"The incident database has news since {written(known.searched_at)}.", fix, BUILDERS, page)
        if not known.described:
            return Unmet("The system's description changed since look-alikes were looked for.", fix, BUILDERS, page)
    return Met("Failure modes are written down and every look-alike past incident is answered.")


def register() -> None:
    """Add the checks to the vocabulary; called once at start, before any pack is read."""
    add_check("dependencies")(dependencies)
    add_check("risks")(risks)
    add_check("risks_recorded")(risks_recorded)
    add_check("failure_modes", FailureParameters)(failure_modes)
