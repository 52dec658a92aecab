"""What the parts of a pack say beyond tiers, stages and requirements: changes, incidents, monitoring and cover."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from governance.access.vocabulary import Role

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=60)]


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


# A link for readers of the pack: nothing a browser would run, or take for an address of the portal's own.
Address = Annotated[str, StringConstraints(pattern=r"^(https://[A-Za-z0-9][^\s\\]*)?$", max_length=500)]


Days = Annotated[int, Field(ge=1, le=36500)]


class Section(BaseModel):
    """A part of a pack: unknown keys are refused, values are never bent to fit, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Level(Section):
    """One step of an axis of a matrix."""

    id: Id
    title: Line


class Option(Section):
    """One answer to a question; `level` is the step of the question's axis it stands for."""

    value: Id
    label: Line
    level: Id | None = None


Watched = Literal[
    "performance", "data_quality", "input_drift", "concept_drift", "fairness", "security", "service", "cost",
    "business",
]  # fmt: skip


class MonitoringDuty(Section):
    """What a tier owes: whether a plan is required, the longest silence, and what the metrics tell about.

    With `measured` the plan alone is not enough: a value of each kind has come within the longest silence.
    """

    tier: Id
    plan_required: bool = True
    longest_silence_hours: Annotated[int, Field(ge=1)]
    kinds: tuple[Watched, ...] = ()
    measured: bool = False


class Monitoring(Section):
    """Monitoring duties by tier."""

    duties: tuple[MonitoringDuty, ...] = ()


Materiality = Literal["none", "minor", "material"]


FollowUpCause = Literal["asset", "change", "documents", "incident", "policy", "roll_back"]


Subject = Literal[
    "model", "container", "package", "dataset", "code", "prompt", "configuration", "service", "other",
    "intended_use", "affected_groups",
]  # fmt: skip


class ChangeKind(Section):
    """A kind of change, what a change of this kind comes to by itself, and which differences of releases it covers."""

    id: Id
    title: Line
    materiality: Materiality
    why: Text
    covers: tuple[Subject, ...] = ()


class ChangeQuestion(Section):
    """A question every change request answers; with an answer that is `blocking` no approval can be asked for."""

    id: Id
    text: Line
    help: str = ""
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    blocking: tuple[Id, ...] = ()


class ChangeRule(Section):
    """Lifts a change to at least a materiality when its kind, its system's tier and its answers fit.

    No kinds means every kind, no tiers every tier; every named question must have one of the named answers.
    """

    id: Id
    title: Line
    kinds: tuple[Id, ...] = ()
    tiers: tuple[Id, ...] = ()
    when: dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]] = {}
    at_least: Materiality
    why: Text


class Envelope(Section):
    """Changes settled in advance: kinds that may ship without a full review for the tiers named."""

    id: Id
    title: Line
    kinds: Annotated[tuple[Id, ...], Field(min_length=1)]
    tiers: tuple[Id, ...] = ()


class Freeze(Section):
    """A period in which only emergency changes ship, half-open [since, until); empty lists mean everywhere."""

    id: Id
    title: Line
    since: datetime
    until: datetime
    environments: tuple[Id, ...] = ()
    tiers: tuple[Id, ...] = ()
    units: tuple[Annotated[str, StringConstraints(min_length=1, max_length=120)], ...] = ()


class Changes(Section):
    """Kinds of change, what makes one material, and how long what follows may take.

    An emergency change is ratified within `ratify_hours`; a change is verified within the days of its materiality
    (none named: whenever somebody gets to it). `follow_up_days` say the same of work that follows by itself: after
    something a system depends on stopped, a roll-back, a material change without a release, a grave incident, a
    document that is owed; and how long before a policy comes into force. A minor change may take a light review
    through `light_stages`, none where none are named; the last full review answers for the other stages.
    """

    kinds: Annotated[tuple[ChangeKind, ...], Field(min_length=1)]
    questions: tuple[ChangeQuestion, ...] = ()
    rules: tuple[ChangeRule, ...] = ()
    ratify_hours: Annotated[int, Field(ge=1, le=8760)]
    verify_days: dict[Materiality, Days] = {}
    follow_up_days: dict[FollowUpCause, Days] = {}
    envelopes: tuple[Envelope, ...] = ()
    light_stages: tuple[Id, ...] = ()
    freezes: tuple[Freeze, ...] = ()


class Clock(Section):
    """A duty to report: how long, counted how, from which instant, since which date the duty exists.

    `types` are those it is suggested for; the calendar of `zone` and `holidays` says when days end and who works.
    """

    id: Id
    title: Line
    regime: Id | None = None
    amount: Annotated[int, Field(ge=1, le=9999)]
    unit: Literal["hours", "calendar_days", "working_days", "months"]
    starts_at: Literal["aware", "detected", "occurred", "classified", "causal_link"]
    after: Id | None = None
    from_date: date | None = None
    counsel_to_confirm: bool = False
    counting: Literal["exact", "regulation_1182_71"] = "exact"
    zone: Line = "UTC"
    holidays: Annotated[tuple[date, ...], Field(max_length=400)] = ()
    types: tuple[Id, ...] = ()


class IncidentSeverity(Section):
    """One severity of incidents, whether more than one person closes it, and whether its review is complete first."""

    id: Id
    title: Line
    two_people_close: bool = False
    full_review: bool = False


class PlaybookStep(Section):
    """One step of a playbook."""

    text: Line
    role: Role | None = None
    within_hours: Annotated[int, Field(ge=1, le=8760)] = 24


class Playbook(Section):
    """Steps for one type of incident, for systems of these tiers (none named: of all)."""

    id: Id
    type: Id
    title: Line
    tiers: tuple[Id, ...] = ()
    steps: Annotated[tuple[PlaybookStep, ...], Field(min_length=1)]


class RunningUnapproved(Section):
    """How the incident is graded that follows when something not approved runs where the gate enforces."""

    type: Id
    impact: Id
    urgency: Id


class Incidents(Section):
    """Types, impact × urgency → severity, closing rules, playbooks, clocks."""

    types: Annotated[tuple[Level, ...], Field(min_length=1)]
    impact: Annotated[tuple[Level, ...], Field(min_length=1)]
    urgency: Annotated[tuple[Level, ...], Field(min_length=1)]
    severities: Annotated[tuple[IncidentSeverity, ...], Field(min_length=1)]
    matrix: dict[Id, dict[Id, Id]]
    closing: tuple[Literal["root_cause", "impact", "review", "action_items"], ...] = ()
    review_functions: dict[
        Id,
        tuple[
            Literal["business", "communication", "compliance", "data_science", "engineering", "ethics", "legal"], ...
        ],
    ] = {}
    playbooks: tuple[Playbook, ...] = ()
    clocks: tuple[Clock, ...] = ()
    running_unapproved: RunningUnapproved | None = None


class Risks(Section):
    """Likelihood × consequence → level, and the highest level each tier may carry untreated."""

    likelihood: Annotated[tuple[Level, ...], Field(min_length=1)]
    consequence: Annotated[tuple[Level, ...], Field(min_length=1)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    matrix: dict[Id, dict[Id, Id]]
    appetite: dict[Id, Id] = {}


class DeploymentReports(Section):
    """For how many hours a cluster that tells what runs may be silent before its systems' owners are told; 0: ever."""

    longest_silence_hours: Annotated[int, Field(ge=0, le=8760)] = 24


class Access(Section):
    """How long a deputy stands in for a missing owner; whether a reviewing role needs a second confirmation."""

    deputy_days: Annotated[int, Field(ge=0, le=3650)] = 0
    second_confirmation: bool = False


class StageLimit(Section):
    """How long these stages may sit open in these tiers before the leads of their queue are told; empty: all."""

    stages: tuple[Id, ...] = ()
    tiers: tuple[Id, ...] = ()
    days: Annotated[int, Field(ge=1, le=365)]


class Cover(Section):
    """Cover for absence: how long a role may be lent at most, and when a stage that sits is escalated.

    A pack without it lends no role and escalates nothing. Of several limits that fit a stage the shortest counts.
    """

    delegation_days: Annotated[int, Field(ge=1, le=365)] | None = None
    longest_open: tuple[StageLimit, ...] = ()

    def longest(self, stage: str, tier: str) -> int | None:
        """How many days the stage of that id may sit open in that tier; None when nothing is said."""
        fitting = [
            limit.days
            for limit in self.longest_open
            if (not limit.stages or stage in limit.stages) and (not limit.tiers or tier in limit.tiers)
        ]
        return min(fitting, default=None)
