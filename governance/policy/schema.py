"""What a policy pack may say, typed: every tier, stage, clock, cadence and threshold is a row here, none is code.

The shape of one section is checked by the classes below; that sections agree with each other is checked by
`consistency`. A section that is left out, null or `off` is switched off.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from governance.access.vocabulary import Permission, Role
from governance.policy.sections import (
    Access,
    Address,
    Changes,
    Cover,
    Days,
    DeploymentReports,
    Id,
    Incidents,
    Level,
    Line,
    Monitoring,
    MonitoringDuty,
    Option,
    Risks,
    Section,
    Text,
)

# --- tiers -----------------------------------------------------------------------------------------------------


class Tier(Section):
    """One step of the materiality scale."""

    id: Id
    title: Line
    meaning: Text


class Question(Section):
    """A question whose answer feeds an axis of the tier matrix, or only the overriding rules."""

    id: Id
    text: Line
    help: str = ""
    axis: Literal["likelihood", "loss"] | None = None
    options: Annotated[tuple[Option, ...], Field(min_length=2)]


class TierRule(Section):
    """Lifts a system to at least a tier when every named question has one of the named answers."""

    id: Id
    title: Line
    when: Annotated[dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]], Field(min_length=1)]
    at_least: Id
    why: Text


class Tiers(Section):
    """The scale, highest first; likelihood of harm × anticipated loss, lowest level first; overriding rules."""

    order: Annotated[tuple[Tier, ...], Field(min_length=1)]
    likelihood: Annotated[tuple[Level, ...], Field(min_length=1)]
    loss: Annotated[tuple[Level, ...], Field(min_length=1)]
    questionnaire: Annotated[tuple[Question, ...], Field(min_length=1)]
    matrix: dict[Id, dict[Id, Id]]
    rules: tuple[TierRule, ...] = ()


# --- review ----------------------------------------------------------------------------------------------------


class ChecklistItem(Section):
    """A line the reviewer ticks."""

    id: Id
    text: Line


class Stage(Section):
    """A review step: who signs, how many, when, and what the signature states.

    With `regimes` only systems of those tiers that are in scope of one of them go through it.
    """

    id: Id
    title: Line
    role: Role
    permission: Permission
    quorum: Annotated[int, Field(ge=1, le=9)] = 1
    order: Annotated[int, Field(ge=1, le=99)]
    tiers: Annotated[tuple[Id, ...], Field(min_length=1)]
    regimes: tuple[Id, ...] = ()
    meaning: Text
    checklist: tuple[ChecklistItem, ...] = ()


# What the record already knows and a section can take over, so that nobody types it twice.
Recorded = Literal[
    "name", "unit", "owner", "people", "purpose", "objectives", "intended_use", "out_of_scope_use", "affected_groups",
    "human_oversight", "outputs", "tier", "regimes", "personal_data", "demographic_variables", "vendor", "release",
    "artifacts", "datasets",
]  # fmt: skip


class DocumentSection(Section):
    """One section of a document template, asked once or, with `per`, once for each affected group.

    `shows` names what of the record belongs here: the editor fills it in.
    """

    id: Id
    title: Line
    help: str = ""
    required: bool = True
    shows: tuple[Recorded, ...] = ()
    per: Literal["affected_group"] | None = None


class DocumentTemplate(Section):
    """A document a system has; it must be complete for the tiers named (none: offered, never demanded).

    With `regimes` only systems in scope of one of them owe it, from the day that one begins; with `starts` nobody
    owes it before that day.
    """

    id: Id
    title: Line
    purpose: str = ""
    tiers: tuple[Id, ...] = ()
    regimes: tuple[Id, ...] = ()
    starts: date | None = None
    sections: Annotated[tuple[DocumentSection, ...], Field(min_length=1)]


class Documents(Section):
    """Document templates."""

    templates: tuple[DocumentTemplate, ...] = ()


class Severity(Section):
    """How bad a finding is, how long its answer may take, and whether it closes the gate while open."""

    id: Id
    title: Line
    due_days: Days
    blocking: bool
    blocking_when_overdue: bool = False


class Findings(Section):
    """Severities, worst first."""

    severities: Annotated[tuple[Severity, ...], Field(min_length=1)]


class LegacyApprovals(Section):
    """Until when approvals from before the portal stand in for its own, and for which requirements.

    No tiers means every tier. `covers` names requirements beside those of stages, of the approval and of its context.
    Only an approval counts that says which files it was given for: any other would pass whatever the release is given
    later. A pack that turns `digest_known` off accepts that.
    """

    until: datetime
    tiers: tuple[Id, ...] = ()
    covers: tuple[Id, ...] = ()
    digest_known: bool = True


class Approvals(Section):
    """How long an approval lasts, by tier; no default year. With a time zone, days count to their end there.

    Approvals from before the portal count only where `legacy` says until when.
    """

    validity_days: dict[Id, Days]
    time_zone: Annotated[str, StringConstraints(max_length=60)] | None = None
    renewal_notice_days: Days = 30
    legacy: LegacyApprovals | None = None


# --- operation -------------------------------------------------------------------------------------------------


# --- environments ----------------------------------------------------------------------------------------------


class EnforcementStart(Section):
    """Since when an environment enforces, for all or only for some units and tiers."""

    since: datetime
    units: tuple[Annotated[str, StringConstraints(min_length=1, max_length=120)], ...] = ()
    tiers: tuple[Id, ...] = ()


class Environment(Section):
    """A place releases are deployed to; `observe` reports what enforcing would have refused."""

    id: Id
    title: Line
    aliases: tuple[Id, ...] = ()
    order: Annotated[int, Field(ge=1, le=99)]
    enforcement: Literal["observe", "enforce"]
    starts: tuple[EnforcementStart, ...] = ()


# --- requirements and where they come from ---------------------------------------------------------------------


class Source(Section):
    """A clause of a regime that a requirement serves."""

    regime: Id
    clause: Id


class Applies(Section):
    """When a requirement counts; an empty list means always."""

    tiers: tuple[Id, ...] = ()
    environments: tuple[Id, ...] = ()
    regimes: tuple[Id, ...] = ()


class Requirement(Section):
    """One line the gate checks.

    `continuous` lines also count when something already running is rescheduled. `before` names the earlier moments
    at which the line must already hold: before a release may go to review, before its last stage may be signed.
    """

    id: Id
    title: Line
    why: Text
    check: Id
    parameters: dict[Id, str | int | bool | tuple[str, ...]] = {}
    applies: Applies = Applies()
    continuous: bool = False
    before: tuple[Literal["review", "approval"], ...] = ()
    waivable: bool = False
    longest_waiver_days: Days | None = None
    fix: str = ""
    sources: tuple[Source, ...] = ()


class Clause(Section):
    """One clause of a regime, in our own short words; it may begin later than the regime, never sooner.

    `requirements` are those that help to meet it, in whichever pack has them.
    """

    id: Id
    label: Line
    starts: date | None = None
    counsel_to_confirm: bool = False
    requirements: tuple[Id, ...] = ()


class Regime(Section):
    """A law, guidance or standard: whom it concerns, since when, until when, what replaced it."""

    id: Id
    title: Line
    address: Address = ""
    scope: Text
    applies_to: Literal["declared", "all"] = "declared"
    starts: date
    ends: date | None = None
    superseded_by: Id | None = None
    clauses: tuple[Clause, ...] = ()


class Overlay(Section):
    """Outside rules laid over a pack: its regimes with the requirements that serve each of their clauses.

    It may bring monitoring duties, which hold beside the pack's own. `replaces` names what these rules put out of
    force, so that nobody looks for it here in vain.
    """

    id: Id
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
    title: Line
    summary: Text
    binding: Literal["law", "guidance", "policy", "standard"]
    replaces: tuple[Line, ...] = ()
    regimes: tuple[Regime, ...] = ()
    monitoring: Monitoring | None = None


SWITCHABLE = ("documents", "findings", "monitoring", "changes", "incidents", "risks", "access", "cover")


class PackDocument(Section):
    """A whole policy pack."""

    pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    summary: Text
    tiers: Tiers
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    approvals: Approvals
    environments: Annotated[tuple[Environment, ...], Field(min_length=1)]
    requirements: Annotated[tuple[Requirement, ...], Field(min_length=1)]
    documents: Documents | None = None
    findings: Findings | None = None
    monitoring: Monitoring | None = None
    changes: Changes | None = None
    incidents: Incidents | None = None
    risks: Risks | None = None
    access: Access | None = None
    cover: Cover | None = None
    deployments: DeploymentReports = DeploymentReports()
    regimes: tuple[Regime, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    @property
    def all_regimes(self) -> tuple[Regime, ...]:
        """The pack's own regimes and those of its overlays."""
        return (*self.regimes, *(regime for overlay in self.overlays for regime in overlay.regimes))

    @property
    def monitoring_duties(self) -> tuple[MonitoringDuty, ...]:
        """What the pack and its overlays ask to be watched; each of them holds."""
        sections = (self.monitoring, *(overlay.monitoring for overlay in self.overlays))
        return tuple(duty for section in sections if section for duty in section.duties)

    def stages_for(self, tier: str, regimes: Collection[str] = ()) -> tuple[Stage, ...]:
        """The stages a system of that tier in scope of these regimes goes through, in order.

        Every tier's stages for a tier this pack does not know.
        """
        known = any(step.id == tier for step in self.tiers.order)
        asked = (stage for stage in self.stages if not known or tier in stage.tiers)
        asked = (stage for stage in asked if not stage.regimes or set(stage.regimes) & set(regimes))
        return tuple(sorted(asked, key=lambda stage: (stage.order, stage.id)))

    def environment(self, name: str) -> Environment | None:
        """The environment of that name or alias."""
        return next((e for e in self.environments if name == e.id or name in e.aliases), None)

    def severity(self, name: str) -> Severity | None:
        """The finding severity of that id."""
        return next((s for s in self.findings.severities if s.id == name), None) if self.findings else None

    def tier(self, name: str) -> Tier | None:
        """The tier of that id."""
        return next((t for t in self.tiers.order if t.id == name), None)
