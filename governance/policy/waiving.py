"""Which requirements a pack lets be waived, and how long a granted waiver counts. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.policy.checks import CHECKS
from governance.policy.facts import WaiverFact
from governance.policy.schema import PackDocument, Requirement


def can_be_waived(requirement: Requirement) -> bool:
    """Whether an exception to it may be granted: the pack says so, and the check is none that never is."""
    check = CHECKS.get(requirement.check)
    return requirement.waivable and check is not None and not check.never_waivable


def waivable(document: PackDocument) -> tuple[Requirement, ...]:
    """The requirements of a pack an exception may be granted to."""
    return tuple(requirement for requirement in document.requirements if can_be_waived(requirement))


def refused(document: PackDocument, requirement: str, until: datetime, now: datetime) -> str:
    """Why the pack does not let the requirement be waived from now until an instant; empty when it does."""
    line = next((line for line in waivable(document) if line.id == requirement), None)
    if line is None:
        return f"The policy in force lets nobody waive “{requirement}”."
    longest = line.longest_waiver_days
    if longest is not None and until > now + timedelta(days=longest):
        return f"An exception to “{line.title}” lasts at most {longest} days."
    return ""


def counts_until(requirement: Requirement, waiver: WaiverFact) -> datetime:
    """The instant a granted waiver stops counting: its own end, or the pack's longest time, whichever is first."""
    if requirement.longest_waiver_days is None:
        return waiver.until
    return min(waiver.until, waiver.granted_at + timedelta(days=requirement.longest_waiver_days))


def standing(
    requirement: Requirement, waivers: tuple[WaiverFact, ...], environment: str, at: datetime
) -> tuple[WaiverFact, datetime] | None:
    """The granted waiver that stands for a requirement at an instant and ends last, with its end; None if none does.

    A waiver of one environment counts there only; where no environment is asked about, only a waiver of all counts.
    Where a later pack gives the requirement's name to another check, nobody has granted an exception to that one.
    """
    if not waivers or not can_be_waived(requirement):
        return None
    ends = [
        (counts_until(requirement, waiver), waiver)
        for waiver in waivers
        if (waiver.requirement, waiver.check) == (requirement.id, requirement.check)
        and waiver.environment in ("", environment)
        and waiver.granted_at <= at
    ]
    end, waiver = max(ends, key=lambda each: (each[0], each[1].id), default=(at, None))
    return (waiver, end) if waiver is not None and at < end else None
