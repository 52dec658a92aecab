"""What a careful clerk would write down about releases under review: who had a hand in what, who signed what they saw.

Kept beside the portal and apart from its code: no rule is imported, every stage, role, day and quorum stands here
again. A step the portal allowed and the clerk would not have is an AssertionError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

STAGES: Mapping[str, tuple[str, int]] = {
    "technical-validation": ("validator", 2),
    "process-audit": ("auditor", 1),
    "release-approval": ("approver", 1),
}
ROLES: Mapping[str, frozenset[str]] = {
    "owner": frozenset({"validator"}),
    "deputy": frozenset(),
    "developer": frozenset({"approver"}),
    "validator": frozenset({"validator"}),
    "validator2": frozenset({"validator"}),
    "auditor": frozenset({"auditor"}),
    "approver": frozenset({"approver"}),
    "approver2": frozenset({"approver"}),
    "allround": frozenset({"validator", "auditor", "approver"}),
    "riskofficer": frozenset(),
    "incidents": frozenset(),
    "superuser": frozenset(),
}
BUILDERS = frozenset({"owner", "deputy", "developer"})
APPROVING = frozenset({"approve", "approve_with_conditions"})
VALID = timedelta(days=180)
DUE = {"critical": timedelta(days=7), "high": timedelta(days=30), "medium": timedelta(days=90), "low": None}
AT_ONCE = frozenset({"critical", "high"})


@dataclass(frozen=True)
class Signature:
    """One decision on one stage."""

    stage: str
    person: str
    digest: str
    decision: str


@dataclass
class Package:
    """What was put up for review, and what was signed on it."""

    number: int
    digest: str
    renewal: bool
    signatures: list[Signature] = field(default_factory=list)
    open: bool = True

    def signers(self, stage: str) -> set[str]:
        """Who approved a stage, of those who saw this content."""
        given = [one for one in self.signatures if one.stage == stage and one.decision in APPROVING]
        return {one.person for one in given if one.digest == self.digest}

    def complete(self) -> bool:
        """Whether every stage has its people."""
        return all(len(self.signers(stage)) >= quorum for stage, (_, quorum) in STAGES.items())

    def stage(self) -> str:
        """The stage whose turn it is."""
        return next(stage for stage, (_, quorum) in STAGES.items() if len(self.signers(stage)) < quorum)


@dataclass
class Entry:
    """One release."""

    version: str
    content: str
    hands: set[str]
    packages: dict[int, Package] = field(default_factory=dict)
    approved: int | None = None
    until: datetime | None = None
    stopped: str = ""
    rejected: bool = False

    @property
    def open(self) -> Package | None:
        """What is under review."""
        return next((package for package in self.packages.values() if package.open), None)


@dataclass
class Defect:
    """One finding."""

    release: int
    severity: str
    due: datetime | None
    state: str = "open"
    accepted_until: datetime | None = None
    answered_by: str = ""

    def blocks(self, at: datetime) -> bool:
        """Whether it closes the gate."""
        if self.state in {"closed", "withdrawn"}:
            return False
        if self.state == "accepted" and self.accepted_until is not None and at < self.accepted_until:
            return False
        return self.severity in AT_ONCE or (self.severity == "medium" and self.due is not None and at >= self.due)


@dataclass
class Promise:
    """One condition."""

    release: int
    number: int
    due: datetime
    environments: tuple[str, ...]
    state: str = "open"


@dataclass
class Stop:
    """A hold or an incident, on one release or (None) on all."""

    release: int | None
    by: str
    standing: bool = True


@dataclass
class Exemption:
    """One waiver."""

    requirement: str
    environment: str
    until: datetime
    asked_by: str
    state: str = "requested"

    def covers(self, requirement: str, environment: str, at: datetime) -> bool:
        """Whether it stands for a requirement there and then."""
        named = self.requirement == requirement and self.environment in ("", environment)
        return named and self.state == "granted" and at < self.until


@dataclass
class Book:
    """Everything the clerk knows."""

    releases: dict[int, Entry] = field(default_factory=dict)
    findings: dict[int, Defect] = field(default_factory=dict)
    promises: dict[int, Promise] = field(default_factory=dict)
    holds: dict[int, Stop] = field(default_factory=dict)
    incidents: dict[int, Stop] = field(default_factory=dict)
    waivers: dict[int, Exemption] = field(default_factory=dict)

    def lent(self, person: str) -> None:
        """Somebody was a developer for a while: they have a hand in everything there is."""
        for pk, entry in self.releases.items():
            package = entry.open
            signed = {one.person for one in package.signatures} if package else set()
            assert person not in signed, f"{person} signed {pk} and came to build it while it was under review"
            entry.hands.add(person)

    def submitted(self, release: int, number: int, digest: str, person: str, *, renewal: bool) -> None:
        """A package was put up for review."""
        entry = self.releases[release]
        assert entry.open is None, "two packages of one release under review"
        assert number == len(entry.packages) + 1, "a package out of turn"
        assert renewal == (entry.approved is not None), "a renewal of what was never approved, or the other way round"
        assert all(package.digest != digest for package in entry.packages.values()), "two packages with one digest"
        entry.hands.add(person)
        entry.packages[number] = Package(number, digest, renewal)

    def signed(self, release: int, number: int, signature: Signature, at: datetime) -> None:
        """The portal took a signature: who gave it was entitled, independent, new, in turn, and saw this content."""
        entry, person = self.releases[release], signature.person
        package = entry.packages[number]
        role, _ = STAGES[signature.stage]
        assert package.open, "signed what is not under review"
        assert role in ROLES[person], f"{person} signed as {role} without being one"
        assert person not in entry.hands, f"{person} signed a release they had a hand in"
        assert person not in {one.person for one in package.signatures}, f"{person} signed twice"
        assert signature.digest == package.digest, f"{person} signed what they did not see"
        assert signature.stage == package.stage(), "signed out of turn"
        package.signatures.append(signature)
        if signature.decision in APPROVING:
            assert not self.blocking(release, at), "signed over a blocking finding"
            if package.complete():
                package.open = False
                entry.approved, entry.until = number, at + VALID
            return
        package.open = False
        if signature.decision == "reject":
            if package.renewal:
                entry.stopped = "suspended"
            else:
                entry.rejected = True

    def eligible(self, release: int, stage: str) -> list[str]:
        """Who may sign a stage of what is under review: entitled, without a hand in it, new to this package."""
        entry, (role, _) = self.releases[release], STAGES[stage]
        signed = {one.person for one in entry.open.signatures} if entry.open else set()
        return [name for name, roles in ROLES.items() if role in roles and name not in signed | entry.hands]

    def blocking(self, release: int, at: datetime) -> list[int]:
        """Findings of a release that close the gate."""
        return [pk for pk, one in self.findings.items() if one.release == release and one.blocks(at)]

    def against(self, release: int, environment: str, at: datetime) -> list[str]:
        """Why the gate must be closed for a release there and then; empty where the clerk knows no reason."""
        entry = self.releases[release]

        def waived(requirement: str) -> bool:
            return any(one.covers(requirement, environment, at) for one in self.waivers.values())

        late = [
            pk for pk, one in self.promises.items()
            if one.release == release and entry.packages[one.number].complete() and one.state != "met" and at >= one.due
            and (not one.environments or environment in one.environments)
        ]  # fmt: skip
        reasons = {
            "never approved": entry.approved is None,
            "stopped": bool(entry.stopped),
            "run out": entry.until is not None and at >= entry.until,
            "held": any(one.standing and one.release in (None, release) for one in self.holds.values()),
            "incident": any(one.standing and one.release in (None, release) for one in self.incidents.values()),
            "finding": bool(self.blocking(release, at)) and not waived("findings"),
            "promise": bool(late) and not waived("conditions"),
        }
        return [reason for reason, stands in reasons.items() if stands]


@dataclass(frozen=True)
class Recorded:
    """One release as the database has it: its state, its last approved package with its signatures, its artifacts."""

    release: int
    state: str
    number: int | None
    digest: str
    manifest: str
    frozen: frozenset[tuple[str, str]]
    artifacts: frozenset[tuple[str, str]]
    signatures: tuple[Signature, ...]
    open: int | None


def judge(book: Book, records: Iterable[Recorded]) -> None:
    """An approval on record is one the clerk saw come about, of this content, by distinct independent people."""
    for record in records:
        entry = book.releases[record.release]
        package = entry.open
        assert record.open == (package.number if package else None), "the clerk and the portal disagree what is open"
        assert record.number == entry.approved, f"approved is {record.number}, the clerk saw {entry.approved}"
        approved = record.state in {"approved", "suspended", "revoked"}
        assert approved == (entry.approved is not None), f"{record.state} with package {entry.approved} approved"
        assert (record.state == "approved") == (approved and not entry.stopped), (record.state, entry.stopped)
        if record.number is None:
            continue
        assert record.digest == f"sha256:{hashlib.sha256(record.manifest.encode()).hexdigest()}"
        assert record.frozen == record.artifacts == frozenset({("model", entry.content)}), "approved another content"
        people: list[str] = []
        for stage, (role, quorum) in STAGES.items():
            signers = [
                one.person for one in record.signatures
                if one.stage == stage and one.decision in APPROVING and one.digest == record.digest
            ]  # fmt: skip
            assert len(signers) == quorum, f"approved with {signers} for {stage}"
            assert all(role in ROLES[person] for person in signers)
            people += signers
        assert len(set(people)) == len(people), "approved by one person twice"
        assert not BUILDERS & set(people), "approved by who builds it"
