"""The check of certifications: nobody who answers for a system said that its record is wrong, or let the day pass."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from governance.policy.checking import OWNERS, Case, Met, NotApplicable, Parameters, Result, Unmet, add_check, written


class CertifiedParameters(Parameters):
    """How many days a certification holds; 0 asks for one only where a campaign does."""

    within_days: int = Field(default=0, ge=0, le=3650)


def certified(case: Case, parameters: CertifiedParameters) -> Result:
    """Every campaign that asked about the record was answered in time, and nobody said that the record is wrong."""
    record = case.facts.record
    fix = "Look at the record, correct what is wrong, and certify it."
    for one in record.open:
        page = f"/certifications/{one.id}/"
        if one.state == "refused":
            return Unmet(f"Its owner says that the record is not right: {one.statement}", fix, OWNERS, page)
        if case.at >= one.due:
            return Unmet(f"Nobody certified the record by {written(one.due)} ({one.campaign}).", fix, OWNERS, page)
    ends = [one.due for one in record.open]
    if parameters.within_days:
        if record.certified_at is None:
            return Unmet("Nobody ever certified the record.", "Have the governance team ask for it.", OWNERS,
                         case.system_page)  # fmt: skip
        end = record.certified_at + timedelta(days=parameters.within_days)
        if case.at >= end:
            return Unmet(f"The record was last certified on {written(record.certified_at)}; that held until "
                         f"{written(end)}.", "Have the governance team ask for it again.", OWNERS,
                         case.system_page)  # fmt: skip
        ends.append(end)
    if record.certified_at is None and not record.open:
        return NotApplicable("No campaign asked about the record.")
    said = f"The record was certified on {written(record.certified_at)}." if record.certified_at else ""
    waits = f"To be certified by {written(record.open[0].due)}." if record.open else ""
    return Met(f"{said} {waits}".strip(), min(ends, default=None))


def register() -> None:
    """Add the check to the vocabulary; called once at start, before any pack is read."""
    add_check("certified", CertifiedParameters)(certified)
