"""Checks of what changes: asked for, approved, ratified, verified, not frozen; they join the vocabulary at start."""

from __future__ import annotations

from datetime import datetime

from governance.policy.checking import (
    BUILDERS,
    GOVERNANCE,
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
from governance.policy.drift import differences, uncovered
from governance.policy.facts import ChangeFact, Facts
from governance.policy.sections import ChangeKind, Changes, Freeze

_ASKED = frozenset({"in_approval", "approved", "implemented", "closed"})


def changes(case: Case, _: Parameters) -> Result:
    """What changed was approved first, or is ratified in time; what was carried out is verified in time; no freeze.

    What has to be followed up is done in time, too.

    The release an emergency change goes back to, or brings, passes a freeze; the one to go back to after a refused
    emergency change passes the refusal.
    """
    if case.pack.changes is None:
        return NotApplicable("The policy in force says nothing about changes.")
    approvers, builders = ("approvers of this system",), BUILDERS
    for change in case.facts.changes:
        name, page = f"CHG-{change.id} “{change.title}”", f"/changes/{change.id}/"
        if change.carries_out and change.state in {"draft", "in_approval", "rejected", "rolled_back"}:
            what = "sent back" if change.state == "draft" else change.state.replace("_", " ")
            return Unmet(f"{name}, which this release carries out, is {what}.", "Have the change approved first.",
                         approvers, page)  # fmt: skip
        if change.ratification == "due" and (change.ratify_due is None or case.at >= change.ratify_due):
            return Unmet(f"The emergency change {name} was not ratified in time.", "Ratify or refuse it.",
                         approvers, page)  # fmt: skip
        if change.ratification == "refused" and change.state == "implemented" and not change.rolls_back:
            return Unmet(f"The emergency change {name} was refused.", "Roll it back.", builders, page)
        if change.state == "implemented" and change.verify_due is not None and case.at >= change.verify_due:
            return Unmet(f"{name} was carried out and not verified in time.", "Verify it, or roll it back.",
                         ("whoever verifies changes of this system",), page)  # fmt: skip
    return _short_way(case) or _left_undone(case) or _unfrozen(case)


def _left_undone(case: Case) -> Unmet | None:
    """The work that something made necessary and that nobody did in time."""
    for work in case.facts.follow_ups:
        if case.at >= work.due:
            return Unmet(f"FU-{work.id} “{work.title}” was not done in time.", "Do it, and say what was done.",
                         BUILDERS, f"/follow-ups/{work.id}/")  # fmt: skip
    return None


def _short_way(case: Case) -> Unmet | None:
    """What stands against the shorter way a release took: it is for approved changes of no great weight."""
    submission = case.submission
    if submission is None or submission.route == "full":
        return None
    asked = [change for change in case.facts.changes if change.carries_out and change.state in _ASKED]
    if not asked:
        return Unmet("No change names this release any more, which was not fully reviewed.",
                     "Describe a new release and have it reviewed.", BUILDERS, case.release_page)  # fmt: skip
    for change in asked:
        if change.materiality == "material":
            return Unmet(f"CHG-{change.id} “{change.title}” is material, and this release was not fully reviewed.",
                         "Renew the approval, so that every stage sees it.", BUILDERS,
                         case.release_page)  # fmt: skip
    return None


def changes_covered(case: Case, _: Parameters) -> Result:
    """Every difference from what was approved last belongs to a change somebody asked for; asked before a review."""
    section, predecessor = case.pack.changes, case.facts.predecessor
    if section is None or predecessor is None:
        return NotApplicable("Asked when a release that has an approved predecessor goes to review.")
    bare = uncovered(differences(predecessor.before, predecessor.now), asked_kinds(section, case.facts))
    if bare:
        return Unmet(
            f"No change request covers what differs from {predecessor.version}: {'; '.join(d.text for d in bare)}.",
            "Ask for the change and name this release as the one that carries it out.", BUILDERS, case.release_page,
        )  # fmt: skip
    return Met(f"Every difference from {predecessor.version} belongs to a change that was asked for.")


def asked_kinds(section: Changes, facts: Facts) -> tuple[ChangeKind, ...]:
    """The kinds of change somebody has put up for approval, with this release to carry them out."""
    asked = {change.kind for change in facts.changes if change.carries_out and change.state in _ASKED}
    return tuple(kind for kind in section.kinds if kind.id in asked)


def _unfrozen(case: Case) -> Result:
    """The answer of the freeze periods, where nothing else stands against the release."""
    ends = [end for change in case.facts.changes for end in _change_ends(change)]
    ends += [work.due for work in case.facts.follow_ups]
    exempt = [c for c in case.facts.changes if c.emergency and c.state != "closed" and (c.carries_out or c.rolls_back)]
    for freeze in case.pack.changes.freezes if case.pack.changes and case.purpose is Purpose.DEPLOY else ():
        if not _freezes(case, freeze) or case.at >= freeze.until:
            continue
        if exempt:
            return Met(f"The freeze “{freeze.title}” lets the emergency change CHG-{exempt[0].id} pass.",
                       min(ends, default=None))  # fmt: skip
        if case.at >= freeze.since:
            return Unmet(
                f"Changes are frozen until {written(freeze.until)}: {freeze.title}.",
                "Wait for the end of the freeze; only emergency changes pass.", GOVERNANCE, case.system_page,
            )  # fmt: skip
        ends.append(freeze.since)
    return Met("No change stands in the way.", min(ends, default=None))


def _change_ends(change: ChangeFact) -> tuple[datetime, ...]:
    """When a change begins to stand in the way if nobody acts."""
    ends = [change.ratify_due] if change.ratification == "due" else []
    if change.state == "implemented":
        ends.append(change.verify_due)
    return tuple(end for end in ends if end is not None)


def _freezes(case: Case, freeze: Freeze) -> bool:
    """Whether a freeze is about this system and environment. What is not known is never outside."""
    system, environment = case.facts.system, case.environment
    tier = system.tier if system and case.pack.tier(system.tier) else ""
    return (
        (not freeze.environments or environment is None or environment.id in freeze.environments)
        and (not freeze.tiers or not tier or tier in freeze.tiers)
        and (not freeze.units or system is None or bool(set(freeze.units) & set(system.units)))
    )


def register() -> None:
    """Add the checks to the vocabulary; called once at start, before any pack is read."""
    add_check("changes")(changes)
    add_check("changes_covered")(changes_covered)
