"""What the policy needs to know about a release, and the registry of SQL fragments that tell it.

Each app contributes fragments from its own `facts.py`: one SQL expression over a row of `target` giving JSON, and
a parser into the frozen dataclasses below. All fragments are composed into one statement, so every fact of one
decision comes from one snapshot of the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from governance.policy.drift import Content


@dataclass(frozen=True, slots=True)
class LoweredFact:
    """The granted decision to hold a system to a lower tier than its answers come to, until it is looked at again."""

    id: int
    from_tier: str
    to_tier: str
    until: datetime


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """The system as it is now."""

    id: int
    slug: str
    name: str
    tier: str
    phase: str = ""
    answers: Mapping[str, object] = field(default_factory=dict)
    intended_use: str = ""
    regimes: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    affected_groups: tuple[str, ...] = ()
    lowered: LoweredFact | None = None

    def held_to(self, computed: str, at: datetime) -> str:
        """The tier the system is held to where its answers come to `computed`: that, or what it was lowered to."""
        lowered = self.lowered
        return lowered.to_tier if lowered and lowered.from_tier == computed and at < lowered.until else computed


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a role, half-open [since, until); `active` is false for a closed or machine account."""

    person: int
    name: str
    since: datetime
    until: datetime | None
    active: bool

    def holds_at(self, at: datetime) -> bool:
        """Whether the role counts at an instant."""
        return self.active and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """Every owner the system has had, and its deputies (of the system or a unit above it)."""

    owners: tuple[Holder, ...] = ()
    deputies: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The release asked about."""

    id: int
    version: str
    state: str


@dataclass(frozen=True, slots=True)
class ArtifactFact:
    """One line of the bill of materials; `complete` is false for a vendor service without vendor or model id."""

    name: str
    kind: str
    sha256: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RollbackFacts:
    """The named roll-back target, and the other approved releases of the system."""

    named: ReleaseFacts | None = None
    approved: tuple[ReleaseFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document's newest revision: which sections hold text, and whether it names a contact."""

    template: str
    title: str
    revision: int
    filled: frozenset[str]
    contact: str


@dataclass(frozen=True, slots=True)
class AssetFact:
    """An asset the system stands on that is not in normal use; `direct` when the system itself depends on it."""

    id: int
    slug: str
    name: str
    state: str
    direct: bool


@dataclass(frozen=True, slots=True)
class DependencyFacts:
    """What the system depends on: (end, version) of its own edges, and every unusual asset however far below."""

    direct: frozenset[tuple[str, str]] = frozenset()
    unusual: tuple[AssetFact, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskFact:
    """A risk that is not closed, graded as it was, as it remains, and accepted until when."""

    id: int
    title: str
    state: str
    likelihood: str
    consequence: str
    residual_likelihood: str = ""
    residual_consequence: str = ""
    accepted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailureFacts:
    """The worksheet of failure modes: how many there are, and the look-alike past incidents nobody answered.

    `searched_at` is when look-alikes were last looked for, `told_of` when an incident database last brought news,
    `described` whether the system says of itself what it said then.
    """

    modes: int = 0
    unanswered: tuple[str, ...] = ()
    searched_at: datetime | None = None
    told_of: datetime | None = None
    described: bool = True


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """One stage of a submission; `approvals` counts signatures bound to its digest.

    `own` is false for a stage of the review the submission leans on.
    """

    id: int
    stage: str
    title: str
    role: str
    quorum: int
    state: str
    approvals: int
    own: bool = True


@dataclass(frozen=True, slots=True)
class ShareFact:
    """The percent of an environment a release may serve at most, what it serves, and whether that is told of all."""

    environment: str
    most: Decimal
    served: Decimal
    told: bool


@dataclass(frozen=True, slots=True)
class ConditionFact:
    """A promise attached to a sign-off; `share` where it limits how much of an environment may be served."""

    id: int
    text: str
    state: str
    due: datetime
    environments: tuple[str, ...]
    owner: str = ""
    share: ShareFact | None = None


@dataclass(frozen=True, slots=True)
class CarrierFact:
    """The fully reviewed release a light review leans on, or in whose envelope a release ships.

    `state` is that release's own now; `crossed` names metrics recorded since then outside the envelope.
    """

    release: int
    version: str
    number: int
    state: str
    crossed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """A frozen package: its binding facts, frozen artifacts (name, SHA-256), dependencies, reviews and conditions.

    On a shorter route it has a `carrier`, and what that one was signed for or promised stands among its own; so does
    what was promised for earlier approvals of its release.
    """

    id: int
    number: int
    state: str
    digest: str
    tier: str
    intended_use_digest: str
    answers_digest: str
    pack_digest: str
    closed_at: datetime | None = None
    valid_until: datetime | None = None
    artifacts: frozenset[tuple[str, str]] = frozenset()
    dependencies: frozenset[tuple[str, str]] = frozenset()
    reviews: tuple[ReviewFact, ...] = ()
    conditions: tuple[ConditionFact, ...] = ()
    route: str = "full"
    carrier: CarrierFact | None = None


@dataclass(frozen=True, slots=True)
class FindingFact:
    """A finding that is not closed and not withdrawn."""

    id: int
    title: str
    severity: str
    state: str
    blocking: bool
    due: datetime | None = None
    accepted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldFact:
    """A hold that is placed on the release or its whole system."""

    id: int
    reason: str
    placed_by: str
    whole_system: bool


@dataclass(frozen=True, slots=True)
class WaiverFact:
    """A granted exception to one requirement of the system; `environment` is empty when it counts in all.

    `check` is what the requirement of that name asked when the exception was granted.
    """

    id: int
    requirement: str
    environment: str
    until: datetime
    granted_at: datetime
    granted_by: str
    check: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IncidentFact:
    """An open incident that names the release or its whole system; `remedy` when it names the release as its cure.

    `measure` is the temporary measure that runs out first, at `measure_until`; a cure counts no longer than that.
    """

    id: int
    title: str
    severity: str
    state: str
    remedy: bool = False
    measure: str = ""
    measure_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A change that is carried out but not settled, or one the release asked about carries out or rolls back.

    `carries_out` and `rolls_back`: the release is the one that brings the change, or the one to go back to.
    `deciders` approved it, before or afterwards, or said that it comes to less.
    """

    id: int
    title: str
    state: str
    materiality: str
    kind: str = ""
    emergency: bool = False
    ratification: str = "none"
    ratify_due: datetime | None = None
    verify_due: datetime | None = None
    carries_out: bool = False
    rolls_back: bool = False
    deciders: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FollowUpFact:
    """Work that something made necessary on the system, and that nobody has done yet."""

    id: int
    title: str
    due: datetime


@dataclass(frozen=True, slots=True)
class CertificationFact:
    """What a campaign asked about the record and nobody affirmed: still asked for, or refused with what is wrong."""

    id: int
    state: str
    campaign: str
    due: datetime
    statement: str = ""


@dataclass(frozen=True, slots=True)
class LegacyFact:
    """The confirmed record that this version was approved before the portal: when, by whom, until when, which files."""

    id: int
    approved_on: date
    approved_by: str
    reference: str
    until: datetime
    confirmed_at: datetime
    sha256: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What stands open about the record, what falls due first at the top, and when it was last certified.

    A later certification settles what was refused or had lapsed before it.
    """

    open: tuple[CertificationFact, ...] = ()
    certified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditFindingFact:
    """Something an audit found on the system that nobody has settled yet."""

    id: int
    title: str
    severity: str
    state: str
    due: datetime


@dataclass(frozen=True, slots=True)
class PredecessorFacts:
    """For a release before or in review: what was approved last for its system, and what it holds itself."""

    version: str
    before: Content
    now: Content


@dataclass(frozen=True, slots=True)
class ControlFact:
    """The newest word on a control of the system: its id, how it stands, and what shows it."""

    control: str
    state: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class MonitoringFact:
    """A metric that is watched now, on a slice of the data, and how many hours it may be silent; None: for ever.

    `newest` is when its newest value was measured.
    """

    metric: str
    slice: str = ""
    silence_hours: int | None = None
    kind: str = ""
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about one release of one system; None means it does not exist."""

    system: SystemFacts | None = None
    owner: OwnerFacts = OwnerFacts()
    release: ReleaseFacts | None = None
    artifacts: tuple[ArtifactFact, ...] = ()
    rollback: RollbackFacts = RollbackFacts()
    documents: tuple[DocumentFact, ...] = ()
    dependencies: DependencyFacts = DependencyFacts()
    risks: tuple[RiskFact, ...] = ()
    failures: FailureFacts = FailureFacts()
    controls: tuple[ControlFact, ...] = ()
    submissions: tuple[SubmissionFacts, ...] = ()
    findings: tuple[FindingFact, ...] = ()
    holds: tuple[HoldFact, ...] = ()
    changes: tuple[ChangeFact, ...] = ()
    follow_ups: tuple[FollowUpFact, ...] = ()
    predecessor: PredecessorFacts | None = None
    incidents: tuple[IncidentFact, ...] = ()
    monitoring: tuple[MonitoringFact, ...] = ()
    waivers: tuple[WaiverFact, ...] = ()
    record: RecordFacts = RecordFacts()
    legacy: LegacyFact | None = None
    audit_findings: tuple[AuditFindingFact, ...] = ()

    @property
    def counting(self) -> SubmissionFacts | None:
        """The submission that counts for the gate: the newest approved one, else simply the newest."""
        approved = [submission for submission in self.submissions if submission.state == "approved"]
        return max(approved or self.submissions, key=lambda submission: submission.number, default=None)

    @property
    def under_review(self) -> SubmissionFacts | None:
        """The submission reviewers are working on."""
        return next((submission for submission in self.submissions if submission.state == "open"), None)


@dataclass(frozen=True, slots=True)
class Fragment:
    """One fact: the field of `Facts` it fills, its SQL over `target` (columns system_id, release_id), its parser."""

    fact: str
    sql: str
    parse: Callable[[Any], Any]


_FRAGMENTS: dict[str, Fragment] = {}


def contribute(fragment: Fragment) -> None:
    """Register a fragment. Raises ValueError for a fact that does not exist or has a fragment already."""
    if fragment.fact not in {known.name for known in fields(Facts)}:
        raise ValueError(f"{fragment.fact!r} is no field of Facts")
    if _FRAGMENTS.get(fragment.fact, fragment) != fragment:
        raise ValueError(f"{fragment.fact!r} has a fragment already")
    _FRAGMENTS[fragment.fact] = fragment
    registered.cache_clear()


_TARGETS: dict[str, str] = {}


def aim(name: str, sql: str) -> None:
    """Register a way to find what is asked about: SQL giving rows of (system_id, release_id)."""
    if _TARGETS.get(name, sql) != sql:
        raise ValueError(f"the target {name!r} is registered already")
    _TARGETS[name] = sql


def target(name: str) -> str:
    """The SQL of a registered target. Raises KeyError for an unknown one."""
    return _TARGETS[name]


def statement(aimed: str = "releases") -> str:
    """One statement: every fact of what the named target finds, its keys given under the target's name."""
    return f"WITH target AS ({target(aimed)}) SELECT target.release_id, {column()} FROM target"  # noqa: S608  ours


@cache
def registered() -> tuple[Fragment, ...]:
    """Every fragment, one for each field of Facts in that order. Raises LookupError when one is missing."""
    names = [known.name for known in fields(Facts)]
    missing = [name for name in names if name not in _FRAGMENTS]
    if missing:
        raise LookupError(f"no app tells the policy about: {', '.join(missing)}")
    return tuple(_FRAGMENTS[name] for name in names)


def column() -> str:
    """The select list's one entry that gathers every fact of one row of `target`, as the text of a JSON array."""
    told = ",\n".join(f"/* {fragment.fact} */ ({fragment.sql})" for fragment in registered())
    return f"json_build_array(\n{told})::text AS facts"


def read(text: str) -> Facts:
    """Facts from the text of `column()`; a null leaves the field's own "nothing known"."""
    told = zip(registered(), json.loads(text), strict=True)
    return Facts(**{fragment.fact: fragment.parse(value) for fragment, value in told if value is not None})


def instant(text: str | None) -> datetime | None:
    """A timestamp as PostgreSQL writes it into JSON."""
    return None if text is None else datetime.fromisoformat(text)
