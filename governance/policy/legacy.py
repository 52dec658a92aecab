"""Approvals from before the portal: whether the policy in force lets one stand in, for what, and until when. Pure.

Nothing here was checked by the portal, so it is never the same as a signature: it has an end in the pack as well as
its own, the release has not been decided on here, and files it names have to be the files of the release.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from governance.policy.checking import Case, Purpose, written
from governance.policy.facts import Facts, LegacyFact
from governance.policy.schema import LegacyApprovals, PackDocument, Requirement

# What an approval consists of: always stood in for. What it may have looked at besides: where the pack says so.
COVERED = frozenset({"stage", "approval_current", "context_current"})
COVERABLE = frozenset({"documents", "risks", "risks_recorded", "failure_modes", "monitoring", "rollback_target"})
UNDECIDED = frozenset({"draft", "in_review"})
PAGE = "/legacy-approvals/{}/"


@dataclass(frozen=True, slots=True)
class Standing:
    """Until when a legacy approval counts, None when it does not; and the sentence that says so."""

    until: datetime | None
    words: str
    href: str


def covers(document: PackDocument, requirement: Requirement) -> bool:
    """Whether the pack lets a legacy approval stand in for the requirement."""
    rule = document.approvals.legacy
    if rule is None:
        return False
    return requirement.check in COVERED or (requirement.id in rule.covers and requirement.check in COVERABLE)


def standing_in(case: Case, requirement: Requirement) -> Standing | None:
    """What stands in for an unmet requirement when something is deployed or continues; None where nothing may."""
    if case.facts.legacy is None or case.purpose not in {Purpose.DEPLOY, Purpose.CONTINUE}:
        return None
    if not covers(case.pack, requirement):
        return None
    return standing(case.pack, case.facts, case.facts.legacy, case.at, case.digests)


def standing(
    document: PackDocument, facts: Facts, legacy: LegacyFact, at: datetime, digests: Collection[str] = ()
) -> Standing:
    """Whether a confirmed legacy approval counts for the release at an instant, asked with these SHA-256.

    Its end stops also what runs already: it was never checked here, so it is not carried on.
    """
    page, rule = PAGE.format(legacy.id), document.approvals.legacy
    if rule is None:
        return Standing(None, "The policy in force counts no legacy approvals.", page)
    end = min(legacy.until, rule.until)
    problem = _problem(rule, facts, legacy, at, end) or _other_files(rule, facts, legacy, digests)
    if problem:
        return Standing(None, problem, page)
    return Standing(end, f"{told(legacy)}; it counts until {written(end)}", page)


def told(legacy: LegacyFact) -> str:
    """The approval in words that cannot be taken for a signature made here."""
    return (
        f"Legacy approval of {legacy.approved_on.isoformat()} by {legacy.approved_by} ({legacy.reference}), "
        "not checked here"
    )


def _problem(rule: LegacyApprovals, facts: Facts, legacy: LegacyFact, at: datetime, end: datetime) -> str:
    tier = facts.system.tier if facts.system else ""
    if at >= end or at < legacy.confirmed_at:
        return f"It counted until {written(end)}." if at >= end else "It was not confirmed then."
    if rule.tiers and tier not in rule.tiers:
        return "The policy in force counts no legacy approvals in this tier."
    if facts.release is None:
        return "No release of that version is described."
    if facts.release.state not in UNDECIDED:
        return f"The release is {facts.release.state.replace('_', ' ')}: what was decided here counts."
    return ""


def _other_files(rule: LegacyApprovals, facts: Facts, legacy: LegacyFact, digests: Collection[str]) -> str:
    """What stands against the files: an approval that names some was given for those and no others."""
    if not legacy.sha256:
        return "It names no files, and the policy in force asks for their digests." if rule.digest_known else ""
    if not legacy.sha256 <= {artifact.sha256 for artifact in facts.artifacts}:
        return "The release does not hold the files it was given for."
    if not set(digests) <= legacy.sha256:
        return "The digest that was presented is none of the files it was given for."
    return ""
