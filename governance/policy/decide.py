"""The decision: every requirement of a pack against the facts of one release, at one instant. Pure.

Unknown or failing means unmet: a check that raises is logged and counts as a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

import structlog
from pydantic import ValidationError

from governance.policy.checking import Case, Check, Met, NotApplicable, Parameters, Purpose, Result, Unmet
from governance.policy.checks import CHECKS
from governance.policy.clauses import begins, served_by
from governance.policy.facts import Facts
from governance.policy.legacy import standing_in
from governance.policy.schema import Environment, PackDocument, Requirement
from governance.policy.waiving import standing

log = structlog.get_logger(__name__)


class Status(StrEnum):
    """How a requirement stands."""

    MET = "met"
    UNMET = "unmet"
    WAIVED = "waived"
    LEGACY = "legacy"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Shown:
    """A clause a requirement serves, from `starts` until before `ends`; `declared` names the regime unless for all."""

    text: str
    starts: date
    ends: date | None
    declared: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What of a requirement is the same at every question: its check with the parameters, and its clauses."""

    requirement: Requirement
    check: Check | None
    parameters: Parameters | None
    sources: tuple[Shown, ...]


@dataclass(frozen=True)
class Rules:
    """A pack's document with the digest it is stored under."""

    document: PackDocument
    digest: str

    @cached_property
    def prepared(self) -> tuple[Prepared, ...]:
        """The requirements as questions need them."""
        return tuple(_prepared(self.document, requirement) for requirement in self.document.requirements)


@dataclass(frozen=True, slots=True)
class Asked:
    """How the release was named: presented SHA-256, the words for it, and the releases a digest belongs to."""

    digests: tuple[str, ...] = ()
    words: str = ""
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement with its status, and for an unmet one what to do, who and where."""

    id: str
    title: str
    status: Status
    reason: str
    fix: str = ""
    who: tuple[str, ...] = ()
    href: str = ""
    sources: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow or deny with every requirement; for an allow, what closes it first."""

    allowed: bool
    lines: tuple[Line, ...]
    closes_at: datetime | None = None
    closes_because: str | None = None

    @property
    def unmet(self) -> tuple[Line, ...]:
        """The requirements that stand in the way."""
        return tuple(line for line in self.lines if line.status is Status.UNMET)

    @property
    def waived(self) -> tuple[Line, ...]:
        """The requirements a waiver stands in for."""
        return tuple(line for line in self.lines if line.status is Status.WAIVED)

    @property
    def legacy(self) -> tuple[Line, ...]:
        """The requirements an approval from before the portal stands in for."""
        return tuple(line for line in self.lines if line.status is Status.LEGACY)


def decide(
    facts: Facts,
    rules: Rules,
    environment: Environment | None,
    at: datetime,
    purpose: Purpose = Purpose.DEPLOY,
    asked: Asked = Asked(),
) -> Decision:
    """Whether the release may go to the environment (or to review, or to its last signature) at that instant."""
    case = Case(
        facts=facts, pack=rules.document, pack_digest=rules.digest, environment=environment, at=at, purpose=purpose,
        digests=asked.digests, asked_for=asked.words, several=asked.several,
    )  # fmt: skip
    required = [each for each in rules.prepared if _asked_now(each.requirement, purpose)]
    if facts.release is None or asked.several:
        required = [each for each in required if each.requirement.check == "release_known"]
    lines = tuple(_line(case, each) for each in required)
    allowed = bool(lines) and all(line.status is not Status.UNMET for line in lines)
    first = min((line for line in lines if line.until is not None), key=_end, default=None) if allowed else None
    return Decision(
        allowed, lines,
        first.until if first else None,
        f"{first.title}: {first.reason}" if first else None,
    )  # fmt: skip


def lines_of(
    facts: Facts, rules: Rules, environment: Environment | None, at: datetime, checks: Collection[str]
) -> tuple[Line, ...]:
    """The requirements with these checks, judged also where there is no release to decide on."""
    case = Case(facts=facts, pack=rules.document, pack_digest=rules.digest, environment=environment, at=at)
    return tuple(_line(case, each) for each in rules.prepared if each.requirement.check in checks)


def line_of(facts: Facts, rules: Rules, at: datetime, requirement: str) -> Line | None:
    """How one requirement stands whatever the environment; None where the pack has no such requirement."""
    case = Case(facts=facts, pack=rules.document, pack_digest=rules.digest, environment=None, at=at)
    return next((_line(case, each) for each in rules.prepared if each.requirement.id == requirement), None)


def enforced(facts: Facts, environment: Environment, at: datetime) -> bool:
    """Whether the environment enforces for this system at that instant, or only observes.

    A system that is not known cannot prove that its start date lies ahead: the environment enforces.
    """
    if environment.enforcement == "observe":
        return False
    if not environment.starts or facts.system is None:
        return True
    system = facts.system
    return any(
        start.since <= at
        and (not start.units or bool(set(start.units) & set(system.units)))
        and (not start.tiers or not system.tier or system.tier in start.tiers)
        for start in environment.starts
    )


def sources_in_force(sources: tuple[Shown, ...], facts: Facts, at: datetime) -> tuple[str, ...]:
    """The clauses a requirement serves, of regimes that concern this system and have begun."""
    if not sources:
        return ()
    declared = facts.system.regimes if facts.system else frozenset()
    today = at.date()
    return tuple(
        shown.text
        for shown in sources
        if shown.starts <= today
        and (shown.ends is None or today < shown.ends)
        and (not shown.declared or shown.declared in declared)
    )


def _prepared(document: PackDocument, requirement: Requirement) -> Prepared:
    """A requirement ready to be asked; parameters that do not fit are left for the asking to fail on."""
    check = CHECKS.get(requirement.check)
    try:
        parameters = check.parameters.model_validate(requirement.parameters) if check else None
    except ValidationError:
        parameters = None
    return Prepared(requirement, check, parameters, tuple(_clauses(document, requirement)))


def _clauses(document: PackDocument, requirement: Requirement) -> Iterator[Shown]:
    for regime, clause in served_by(document, requirement):
        confirm = " (counsel to confirm)" if clause.counsel_to_confirm else ""
        declared = "" if regime.applies_to == "all" else regime.id
        yield Shown(f"{regime.title}: {clause.label}{confirm}", begins(regime, clause), regime.ends, declared)


def _asked_now(requirement: Requirement, purpose: Purpose) -> bool:
    if purpose in {Purpose.REVIEW, Purpose.APPROVAL}:
        return str(purpose) in requirement.before
    return True


def _line(case: Case, prepared: Prepared) -> Line:
    """Run one requirement; anything but a clear answer is unmet."""
    requirement = prepared.requirement
    result = _result(case, prepared)
    try:
        sources = sources_in_force(prepared.sources, case.facts, case.at)
    except (TypeError, ValueError):
        log.exception("sources_failed", requirement=requirement.id)
        sources = ()
    name, title, reason = requirement.id, requirement.title, result.reason
    if isinstance(result, Met):
        return Line(name, title, Status.MET, reason, sources=sources, until=result.until)
    if isinstance(result, NotApplicable):
        return Line(name, title, Status.NOT_APPLICABLE, reason, sources=sources)
    if found := standing(requirement, case.facts.waivers, case.environment.id if case.environment else "", case.at):
        waiver, end = found
        reason = f"Excepted by {waiver.granted_by}: {waiver.reason} (otherwise: {reason})"
        return Line(name, title, Status.WAIVED, reason, href=f"/waivers/{waiver.id}/", sources=sources, until=end)
    legacy = standing_in(case, requirement)
    if legacy is not None and legacy.until is not None:
        reason = f"{legacy.words} (otherwise: {reason})"
        return Line(name, title, Status.LEGACY, reason, href=legacy.href, sources=sources, until=legacy.until)
    fix = requirement.fix or result.fix
    return Line(name, title, Status.UNMET, reason, fix, result.who, result.href, sources)


def _result(case: Case, prepared: Prepared) -> Result:
    requirement = prepared.requirement
    if case.purpose is Purpose.CONTINUE and not requirement.continuous:
        return NotApplicable("Counts when deploying, not when something already running continues.")
    outside = _outside(case, requirement)
    if outside:
        return NotApplicable(outside)
    check = CHECKS.get(requirement.check)
    if check is None:
        return _failed(case, f"The portal does not know the check “{requirement.check}”.")
    return _run(check, case, prepared)


def _run(check: Check, case: Case, prepared: Prepared) -> Result:
    requirement = prepared.requirement
    try:
        known = prepared.parameters if check is prepared.check else None
        result = check.run(case, known or check.parameters.model_validate(requirement.parameters))
    except Exception:
        log.exception("check_failed", requirement=requirement.id, check=check.name)
        return _failed(case, "The check could not be carried out.")
    if not isinstance(result, Met | Unmet | NotApplicable):
        return _failed(case, "The check gave no answer.")
    return result


def _failed(case: Case, reason: str) -> Unmet:
    return Unmet(reason, "Tell the governance team; the log has the cause.", ("governance team",), case.system_page)


def _outside(case: Case, requirement: Requirement) -> str:
    """Why a requirement does not count here; empty when it does. A tier that is not known is never outside."""
    applies, system = requirement.applies, case.facts.system
    if applies.tiers and system and system.tier not in applies.tiers and case.pack.tier(system.tier):
        return "Not asked for this tier."
    if applies.environments and case.environment and case.environment.id not in applies.environments:
        return f"Not asked for {case.environment.title}."
    if applies.regimes and system is not None and not set(applies.regimes) & system.regimes:
        return "Not asked outside the regimes that concern this system."
    return ""


def _end(line: Line) -> datetime:
    assert line.until is not None  # noqa: S101
    return line.until
