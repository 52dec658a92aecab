"""Lifecycles of submissions, reviews, findings, conditions, holds, waivers: states, facts, guards. Pure Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from governance.access.vocabulary import Permission
from governance.lifecycle import Choice, Machine, Reason, Transition, asked
from governance.validation.rules import NOBODY, Independence, OnBehalf, for_whom, independence
from inventory.lifecycle import for_nobody_dependent


class SubmissionState(StrEnum):
    """How a review of a frozen package ended, or that it has not."""

    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class SubmissionFacts:
    """What the submission machine needs to know."""

    actor_id: int = 0


_SUBMITTED = frozenset({SubmissionState.OPEN})

SUBMISSION: Machine[SubmissionFacts] = Machine(
    noun="submission",
    states=frozenset(SubmissionState),
    transitions={
        "approve": Transition(_SUBMITTED, SubmissionState.APPROVED, ""),
        "return": Transition(_SUBMITTED, SubmissionState.RETURNED, ""),
        "reject": Transition(_SUBMITTED, SubmissionState.REJECTED, ""),
        "withdraw": Transition(_SUBMITTED, SubmissionState.WITHDRAWN, Permission.RELEASE_SUBMIT),
        "supersede": Transition(_SUBMITTED, SubmissionState.SUPERSEDED, ""),
    },
)


class ReviewState(StrEnum):
    """Where one stage of one submission stands."""

    WAITING = "waiting"
    OPEN = "open"
    SIGNED = "signed"
    REJECTED = "rejected"
    RETURNED = "returned"
    VOID = "void"


@dataclass(frozen=True)
class ReviewFacts:
    """What the review machine needs to know; gathered under the row locks.

    `digest_shown` is the digest of the page the person read; None asks in advance, before any page was sent back.
    `unanswered` are the items of the stage's checklist nobody answered. `approval_blockers` is what the policy asks
    before the last signature; empty for every other one. `on_behalf` is empty for who signs in their own right;
    `signed_for` says which stages others signed on this person's behalf.
    """

    independence: Independence = NOBODY
    by_person: bool = True
    signed_here: bool = False
    signatures: int = 0
    quorum: int = 1
    digest: str = ""
    digest_shown: str | None = None
    submission_open: bool = True
    release_ready: bool = True
    blocking_findings: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    approval_blockers: tuple[Reason, ...] = ()
    on_behalf: tuple[OnBehalf, ...] = ()
    signed_for: tuple[str, ...] = ()


def _signs_in_person(facts: ReviewFacts) -> Reason | None:
    if not facts.by_person:
        return Reason("forbidden", "Sign-offs are made by people in the browser, never by a token or a machine.")
    return None


def _is_independent(facts: ReviewFacts) -> tuple[Reason, ...]:
    return independence(facts.independence)


def _may_stand_in(facts: ReviewFacts) -> tuple[Reason, ...]:
    """What the person may not sign themselves nobody signs for them; one seat is one signature of a submission."""
    if for_whom(facts.on_behalf) is not None:
        return ()
    found = []
    for each in facts.on_behalf:
        if each.had_a_hand:
            text = f"You hold this role for {each.name}, who had a hand in this release or its system."
            found.append(Reason("sod.delegator", f"{text} Somebody else signs it."))
        elif each.signed_stages:
            stages = ", ".join(each.signed_stages)
            text = f"You hold this role for {each.name}, whose signature stands on “{stages}” of this submission."
            found.append(Reason("sod.same_person", f"{text} Each stage needs another person."))
    return tuple(found)


def _nobody_signed_twice_for_one(facts: ReviewFacts) -> Reason | None:
    """Delegator and delegate are one voice of a quorum."""
    taken = [each.name for each in facts.on_behalf if each.signed_here]
    if for_whom(facts.on_behalf) is None and taken:
        text = f"{taken[0]}, for whom you would sign, is counted on this stage already"
        return Reason("duplicate", f"{text}: delegator and delegate are one person of the quorum.")
    if facts.signed_for:
        stages = ", ".join(facts.signed_for)
        return Reason("duplicate", f"“{stages}” of this submission was signed on your behalf; you are counted once.")
    return None


def _package_is_the_one_shown(facts: ReviewFacts) -> Reason | None:
    if facts.digest_shown is not None and facts.digest_shown != facts.digest:
        return Reason("stale", "The package you read is not the one under review now. Open the review again.")
    return None


def _not_signed_here(facts: ReviewFacts) -> Reason | None:
    if facts.signed_here:
        return Reason("duplicate", "You have already signed this stage; a quorum needs another person.")
    return None


def _still_under_review(facts: ReviewFacts) -> Reason | None:
    if not (facts.submission_open and facts.release_ready):
        return Reason("state", "This submission is no longer under review.")
    return None


def _findings_settled(facts: ReviewFacts) -> Reason | None:
    if facts.blocking_findings:
        titles = "; ".join(facts.blocking_findings)
        return Reason("blocked", f"Blocking findings are still open: {titles}. Settle them, return or reject.")
    return None


def _checklist_answered(facts: ReviewFacts) -> Reason | None:
    if facts.unanswered:
        items = "; ".join(facts.unanswered)
        return Reason("blocked", f"Not answered on the checklist: {items}. Answer each item, return or reject.")
    return None


def _nothing_stands_against_approval(facts: ReviewFacts) -> tuple[Reason, ...]:
    return facts.approval_blockers


def _after_this_signature(facts: ReviewFacts) -> str:
    return ReviewState.SIGNED if facts.signatures + 1 >= facts.quorum else ReviewState.OPEN


_EARLIER_FIRST = Reason("order", "An earlier stage is not signed yet; this one opens when it is.")
_IN_REVIEW = frozenset({ReviewState.OPEN})
_SIGNER = (_signs_in_person, _is_independent, _may_stand_in)
_NOW = (_package_is_the_one_shown, _still_under_review, _not_signed_here, _nobody_signed_twice_for_one)


@cache
def review_machine(permission: str) -> Machine[ReviewFacts]:
    """The machine of a stage whose signature needs `permission` (the pack names the stage's role)."""
    permission = Permission(permission)
    waiting: dict[str, Reason] = {ReviewState.WAITING: _EARLIER_FIRST}
    return Machine(
        noun="review",
        states=frozenset(ReviewState),
        transitions={
            "open": Transition(frozenset({ReviewState.WAITING}), ReviewState.OPEN, ""),
            "sign": Transition(
                _IN_REVIEW,
                Choice(frozenset({ReviewState.OPEN, ReviewState.SIGNED}), _after_this_signature),
                permission,
                may=_SIGNER,
                can=(*_NOW, _findings_settled, _checklist_answered, _nothing_stands_against_approval),
                instead=waiting,
            ),
            "reject": Transition(_IN_REVIEW, ReviewState.REJECTED, permission, may=_SIGNER, can=_NOW, instead=waiting),
            "return": Transition(_IN_REVIEW, ReviewState.RETURNED, permission, may=_SIGNER, can=_NOW, instead=waiting),
            "void": Transition(frozenset({ReviewState.WAITING, ReviewState.OPEN}), ReviewState.VOID, ""),
        },
    )


REVIEW = review_machine(Permission.SIGN_VALIDATION)


class FindingState(StrEnum):
    """Where a defect stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class FindingFacts:
    """What the finding machine needs to know.

    `builders` are the people who own, develop or contributed to the release; `acceptance_ends` is the end asked
    for, None when asked in advance. `lent` says for each right held only as lent who lent it.
    """

    actor_id: int = 0
    raised_by_id: int | None = None
    responded_by_id: int | None = None
    builder_ids: frozenset[int] = frozenset()
    acceptance_ends: datetime | None = None
    now: datetime | None = None
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _did_not_respond(facts: FindingFacts) -> Reason | None:
    if facts.responded_by_id is not None and facts.actor_id == facts.responded_by_id:
        return Reason("sod.responder", "You answered this finding; another person judges the answer.")
    return None


def _did_not_raise(facts: FindingFacts) -> Reason | None:
    if facts.actor_id == facts.raised_by_id:
        return Reason("sod.raiser", "You raised this finding; another person accepts its risk.")
    return None


def _did_not_build(facts: FindingFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.contributor", "You had a hand in this release; somebody independent decides.")
    return None


def _raised_it(facts: FindingFacts) -> Reason | None:
    if facts.actor_id != facts.raised_by_id:
        return Reason("forbidden", "Only the person who raised a finding withdraws it.")
    return None


def _acceptance_ends_later(facts: FindingFacts) -> Reason | None:
    if facts.acceptance_ends is not None and facts.now is not None and facts.acceptance_ends <= facts.now:
        return Reason("blocked", "An accepted risk needs an end in the future.")
    return None


def settling(facts: FindingFacts) -> tuple[Reason, ...]:
    """What stands against this person judging the answer to a finding, whatever state it is in."""
    return tuple(asked(_JUDGE, facts))


_F = FindingState
_ACCEPTER = (
    _did_not_respond, _did_not_raise, _did_not_build,
    for_nobody_dependent(Permission.FINDING_ACCEPT, "responded_by_id", "raised_by_id"),
)  # fmt: skip
_JUDGE = (
    _did_not_respond, _did_not_build, for_nobody_dependent(Permission.FINDING_VERIFY, "responded_by_id"),
)  # fmt: skip

FINDING: Machine[FindingFacts] = Machine(
    noun="finding",
    states=frozenset(FindingState),
    transitions={
        "respond": Transition(frozenset({_F.OPEN}), _F.ANSWERED, Permission.FINDING_RESPOND),
        "verify": Transition(frozenset({_F.ANSWERED}), _F.CLOSED, Permission.FINDING_VERIFY, may=_JUDGE),
        "reopen": Transition(frozenset({_F.ANSWERED, _F.CLOSED, _F.ACCEPTED}), _F.OPEN, Permission.FINDING_VERIFY),
        "accept": Transition(
            frozenset({_F.OPEN, _F.ANSWERED}),
            _F.ACCEPTED,
            Permission.FINDING_ACCEPT,
            may=_ACCEPTER,
            can=(_acceptance_ends_later,),
        ),
        "withdraw": Transition(frozenset({_F.OPEN}), _F.WITHDRAWN, Permission.FINDING_RAISE, may=(_raised_it,)),
    },
)


class ConditionState(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    MET = "met"


@dataclass(frozen=True)
class ConditionFacts:
    """What the condition machine needs to know; `missing` says what the portal found wanting of what it checks."""

    actor_id: int = 0
    claimed_by_id: int | None = None
    builder_ids: frozenset[int] = frozenset()
    missing: tuple[Reason, ...] = ()
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _did_not_claim(facts: ConditionFacts) -> Reason | None:
    if facts.claimed_by_id is not None and facts.actor_id == facts.claimed_by_id:
        return Reason("sod.claimer", "You reported this condition as fulfilled; another person confirms it.")
    return None


def _did_not_build_what_was_promised(facts: ConditionFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.contributor", "You had a hand in this release; somebody independent confirms.")
    return None


def _holds(facts: ConditionFacts) -> Reason | None:
    return facts.missing[0] if facts.missing else None


_C = ConditionState
_CONFIRMER = (
    _did_not_claim, _did_not_build_what_was_promised,
    for_nobody_dependent(Permission.CONDITION_CONFIRM, "claimed_by_id"),
)  # fmt: skip

CONDITION: Machine[ConditionFacts] = Machine(
    noun="condition",
    states=frozenset(ConditionState),
    transitions={
        "claim": Transition(frozenset({_C.OPEN}), _C.CLAIMED, Permission.CONDITION_FULFIL, can=(_holds,)),
        "confirm": Transition(
            frozenset({_C.CLAIMED}), _C.MET, Permission.CONDITION_CONFIRM, may=_CONFIRMER, can=(_holds,)
        ),
        "refuse": Transition(frozenset({_C.CLAIMED}), _C.OPEN, Permission.CONDITION_CONFIRM, may=_CONFIRMER),
    },
)


class HoldState(StrEnum):
    """Placed or lifted."""

    PLACED = "placed"
    LIFTED = "lifted"


@dataclass(frozen=True)
class HoldFacts:
    """What the hold machine needs to know; `builder_ids` build the system, or built what may still ship of it.

    `lent` says for each right held only as lent who lent it.
    """

    actor_id: int = 0
    placed_by_id: int = 0
    builder_ids: frozenset[int] = frozenset()
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _did_not_place(facts: HoldFacts) -> Reason | None:
    if facts.actor_id == facts.placed_by_id:
        return Reason("sod.placer", "You placed this hold; another person lifts it.")
    return None


def _does_not_build_what_is_held(facts: HoldFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.owner", "You build the system that is held; somebody independent lifts the hold.")
    return None


HOLD: Machine[HoldFacts] = Machine(
    noun="hold",
    states=frozenset(HoldState),
    transitions={
        "lift": Transition(
            frozenset({HoldState.PLACED}), HoldState.LIFTED, Permission.HOLD_LIFT,
            may=(
                _did_not_place, _does_not_build_what_is_held,
                for_nobody_dependent(Permission.HOLD_LIFT, "placed_by_id"),
            ),
        ),
    },
)  # fmt: skip


class WaiverState(StrEnum):
    """Where an exception stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


@dataclass(frozen=True)
class WaiverFacts:
    """What the waiver machine needs to know.

    `refused_by_pack` says why the pack in force does not let this requirement be waived until then; empty when it does.
    """

    actor_id: int = 0
    requested_by_id: int | None = None
    builder_ids: frozenset[int] = frozenset()
    until: datetime | None = None
    now: datetime | None = None
    refused_by_pack: str = ""
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _did_not_ask(facts: WaiverFacts) -> Reason | None:
    if facts.actor_id == facts.requested_by_id:
        return Reason("sod.requester", "You asked for this exception; another person decides.")
    return None


def _does_not_build(facts: WaiverFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.owner", "You own or develop this system; somebody independent decides.")
    return None


def _asked_for_it(facts: WaiverFacts) -> Reason | None:
    if facts.actor_id != facts.requested_by_id:
        return Reason("forbidden", "Only the person who asked for an exception withdraws it.")
    return None


def _ends_later(facts: WaiverFacts) -> Reason | None:
    if facts.until is not None and facts.now is not None and facts.until <= facts.now:
        return Reason("blocked", "The end asked for has passed. Ask again with a later one.")
    return None


def _pack_lets_it(facts: WaiverFacts) -> Reason | None:
    return Reason("blocked", facts.refused_by_pack) if facts.refused_by_pack else None


_ASKED = frozenset({WaiverState.REQUESTED})
_DECIDER = (_did_not_ask, _does_not_build, for_nobody_dependent(Permission.WAIVER_GRANT, "requested_by_id"))

WAIVER: Machine[WaiverFacts] = Machine(
    noun="waiver",
    states=frozenset(WaiverState),
    transitions={
        "grant": Transition(
            _ASKED, WaiverState.GRANTED, Permission.WAIVER_GRANT, may=_DECIDER, can=(_ends_later, _pack_lets_it)
        ),
        "refuse": Transition(_ASKED, WaiverState.REFUSED, Permission.WAIVER_GRANT, may=_DECIDER),
        "withdraw": Transition(_ASKED, WaiverState.WITHDRAWN, Permission.WAIVER_REQUEST, may=(_asked_for_it,)),
        "revoke": Transition(frozenset({WaiverState.GRANTED}), WaiverState.REVOKED, Permission.WAIVER_GRANT),
    },
)


class CertificationState(StrEnum):
    """Where a certification stands."""

    ASKED = "asked"
    CERTIFIED = "certified"
    REFUSED = "refused"


@dataclass(frozen=True)
class CertificationFacts:
    """What the machine needs to know: whether the record is still the one that was shown, and somebody still asks."""

    shown: bool = True
    asked: bool = True


def _as_shown(facts: CertificationFacts) -> Reason | None:
    if not facts.shown:
        return Reason("stale", "The record was changed since you looked at it. Look at it again, then say so.")
    return None


def _still_asked(facts: CertificationFacts) -> Reason | None:
    if not facts.asked:
        return Reason("state", "The campaign has ended; nobody waits for this any more.")
    return None


CERTIFICATION: Machine[CertificationFacts] = Machine(
    noun="certification",
    states=frozenset(CertificationState),
    transitions={
        "certify": Transition(
            frozenset({CertificationState.ASKED, CertificationState.REFUSED}), CertificationState.CERTIFIED,
            Permission.CERTIFICATION_GIVE, can=(_as_shown, _still_asked),
        ),
        "refuse": Transition(
            frozenset({CertificationState.ASKED}), CertificationState.REFUSED, Permission.CERTIFICATION_GIVE,
            can=(_still_asked,),
        ),
    },
)  # fmt: skip
