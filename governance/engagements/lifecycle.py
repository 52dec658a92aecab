"""What may become of an audit that is tied to no release, and of what it finds. Pure Python."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.access.vocabulary import Permission
from governance.lifecycle import Machine, Reason, Transition


class EngagementState(StrEnum):
    """Where an engagement stands."""

    PLANNED = "planned"
    RUNNING = "running"
    REPORTED = "reported"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class EngagementFacts:
    """What the machine needs to know: whether the person is or was on the team or leads it, and what is missing.

    `builds` names the systems in scope that the person owns or develops, or did in the period looked at.
    """

    was_on_team: bool = False
    builds: tuple[str, ...] = ()
    leads: bool = False
    has_lead: bool = False
    unsettled: tuple[str, ...] = ()


def _led(facts: EngagementFacts) -> Reason | None:
    if not facts.has_lead:
        return Reason("blocked", "Nobody leads the team yet. Name somebody from outside the systems in scope.")
    return None


def _leads(facts: EngagementFacts) -> Reason | None:
    return None if facts.leads else Reason("forbidden", "Who leads the team hands in its report.")


def _not_on_team(facts: EngagementFacts) -> Reason | None:
    if facts.was_on_team:
        return Reason("sod.same_person", "You are or were on the team; another person says that the audit is settled.")
    return None


def does_not_build(facts: EngagementFacts) -> Reason | None:
    """Who is audited neither picks the team nor begins, ends or settles the audit."""
    if facts.builds:
        names = ", ".join(facts.builds)
        return Reason("sod.builder", f"You own or develop what is audited, or did: {names}. Another person runs it.")
    return None


def _settled(facts: EngagementFacts) -> Reason | None:
    if facts.unsettled:
        return Reason("blocked", f"Not settled yet: {'; '.join(facts.unsettled)}.")
    return None


_E = EngagementState
_RUN = Permission.ENGAGEMENT_RUN
ENGAGEMENT: Machine[EngagementFacts] = Machine(
    noun="engagement",
    states=frozenset(_E),
    transitions={
        "start": Transition(frozenset({_E.PLANNED}), _E.RUNNING, _RUN, may=(does_not_build,), can=(_led,)),
        "report": Transition(
            frozenset({_E.RUNNING, _E.REPORTED}), _E.REPORTED, Permission.SYSTEM_VIEW, may=(_leads,)
        ),
        "close": Transition(
            frozenset({_E.REPORTED}), _E.CLOSED, _RUN, may=(_not_on_team, does_not_build), can=(_settled,)
        ),
        "cancel": Transition(frozenset({_E.PLANNED, _E.RUNNING}), _E.CANCELLED, _RUN, may=(does_not_build,)),
    },
)  # fmt: skip


class AuditFindingState(StrEnum):
    """Where something an audit found stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class AuditFindingFacts:
    """Who acts: on the team, or whoever answered or raised it; and whether the audit still runs."""

    on_team: bool = False
    answered: bool = False
    raised: bool = False
    by_person: bool = True
    runs: bool = True


def _in_person(facts: AuditFindingFacts) -> Reason | None:
    return None if facts.by_person else Reason("forbidden", "People answer and verify, never a machine.")


def _of_team(facts: AuditFindingFacts) -> Reason | None:
    return None if facts.on_team else Reason("forbidden", "Somebody on the team of this audit does that.")


def _another(facts: AuditFindingFacts) -> Reason | None:
    if facts.answered:
        return Reason("sod.responder", "You answered it; another person says whether that settles it.")
    return None


def _raiser(facts: AuditFindingFacts) -> Reason | None:
    return None if facts.raised else Reason("forbidden", "Whoever raised it withdraws it.")


def _still_runs(facts: AuditFindingFacts) -> Reason | None:
    return None if facts.runs else Reason("state", "The audit is over.")


_F = AuditFindingState
AUDIT_FINDING: Machine[AuditFindingFacts] = Machine(
    noun="audit_finding",
    states=frozenset(_F),
    transitions={
        "respond": Transition(
            frozenset({_F.OPEN}), _F.ANSWERED, Permission.FINDING_RESPOND, may=(_in_person,), can=(_still_runs,)
        ),
        "verify": Transition(
            frozenset({_F.ANSWERED}), _F.CLOSED, Permission.SYSTEM_VIEW, may=(_in_person, _of_team, _another),
            can=(_still_runs,),
        ),
        "reopen": Transition(
            frozenset({_F.ANSWERED, _F.CLOSED}), _F.OPEN, Permission.SYSTEM_VIEW, may=(_in_person, _of_team),
            can=(_still_runs,),
        ),
        "withdraw": Transition(
            frozenset({_F.OPEN, _F.ANSWERED}), _F.WITHDRAWN, Permission.SYSTEM_VIEW,
            may=(_in_person, _of_team, _raiser), can=(_still_runs,),
        ),
    },
)  # fmt: skip
