"""The lifecycles of a change and of what follows without anybody asking: states, facts, guards, transition tables.

And what is written beside a change without moving it. Pure Python.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden, Guard, Machine, Offer, Reason, Refusal, Transition, asked
from inventory.lifecycle import for_nobody_among


class ChangeState(StrEnum):
    """Where a change is between the wish and the proof that it works."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    IMPLEMENTED = "implemented"
    CLOSED = "closed"
    ROLLED_BACK = "rolled_back"


class Ratification(StrEnum):
    """Whether an emergency change has its approval afterwards."""

    NONE = "none"
    DUE = "due"
    RATIFIED = "ratified"
    REFUSED = "refused"


@dataclass(frozen=True)
class ChangeFacts:
    """What the change machine needs to know; gathered under the row lock.

    The sets hold people: whoever acted through a machine stands there as the person who minted its token and as its
    sponsor. `objections` are those of owners of dependent systems. `comment` and `seen`, the version the page showed,
    are None when asked in advance. `missing` is what a request still lacks, `release_blockers` what stands against
    the release that carries the change out. `lent` says for each right held only as lent who lent it.
    """

    person_ids: frozenset[int] = frozenset()
    by_person: bool = True
    author_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    developer_ids: frozenset[int] = frozenset()
    release_contributor_ids: frozenset[int] = frozenset()
    implementer_ids: frozenset[int] = frozenset()
    lowered_by_id: int | None = None
    emergency: bool = False
    ratification: str = Ratification.NONE
    version: str = ""
    seen: str | None = None
    missing: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    comment: str | None = None
    release_blockers: tuple[str, ...] = ()
    rollback_blockers: tuple[str, ...] = ()
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _in_person(facts: ChangeFacts) -> Reason | None:
    if not facts.by_person:
        return Reason("forbidden", "Changes are decided by people, never by a machine.")
    return None


def _independent(facts: ChangeFacts) -> tuple[Reason, ...]:
    found = [
        Reason(code, text)
        for code, people, text in (
            ("sod.requester", facts.author_ids, "You asked for this change or described it; another person decides."),
            ("sod.owner", facts.owner_ids, "Recused: you own this system, or did since the change was asked for."),
            ("sod.developer", facts.developer_ids, "You developed this system since the change was asked for."),
            ("sod.contributor", facts.release_contributor_ids, "You had a hand in the release that carries it out."),
        )
        if facts.person_ids & people
    ]  # fmt: skip
    return tuple(found)


def _did_not_lower(facts: ChangeFacts) -> Reason | None:
    if facts.lowered_by_id is not None and facts.lowered_by_id in facts.person_ids:
        return Reason("sod.same_person", "You lowered what this change comes to; a different approver decides on it.")
    return None


def _hands(facts: ChangeFacts) -> frozenset[int]:
    """Everybody who asked for it, carried it out, builds its system, or wrote part of its release."""
    builders = facts.owner_ids | facts.developer_ids | facts.release_contributor_ids
    return facts.author_ids | facts.implementer_ids | builders


def _hands_and_who_lowered(facts: ChangeFacts) -> frozenset[int]:
    lowered = frozenset() if facts.lowered_by_id is None else frozenset({facts.lowered_by_id})
    return _hands(facts) | lowered


def _did_not_implement(facts: ChangeFacts) -> Reason | None:
    if facts.person_ids & facts.implementer_ids:
        return Reason("sod.implementer", "You carried this change out; another person judges it.")
    return None


def _did_not_ask(facts: ChangeFacts) -> Reason | None:
    if facts.person_ids & facts.author_ids:
        return Reason("sod.requester", "You asked for this change or described it; another person verifies it.")
    return None


def _as_shown(facts: ChangeFacts) -> Reason | None:
    if facts.seen is not None and facts.seen != facts.version:
        return Reason("stale", "This request is not the one you read: somebody changed or moved it. Look at it again.")
    return None


def _objections_answered(facts: ChangeFacts) -> Reason | None:
    if facts.objections and facts.comment is not None and not facts.comment:
        said = " ".join(facts.objections)
        return Reason("blocked", f"{said} Say in a comment why it is done nevertheless.")
    return None


def _complete(facts: ChangeFacts) -> Reason | None:
    if facts.missing:
        return Reason("blocked", f"Still missing: {'; '.join(facts.missing)}.")
    return None


def _no_ratification_left(facts: ChangeFacts) -> Reason | None:
    if facts.ratification == Ratification.DUE:
        return Reason("blocked", "An emergency change is ratified before it is verified.")
    if facts.ratification == Ratification.REFUSED:
        return Reason("blocked", "The emergency change was refused; it can only be rolled back.")
    return None


def _ratification_due(facts: ChangeFacts) -> Reason | None:
    if facts.ratification != Ratification.DUE:
        return Reason("state", "No ratification is due on this change.")
    return None


def _is_emergency(facts: ChangeFacts) -> Reason | None:
    if not facts.emergency:
        return Reason("blocked", "Only a change marked as an emergency is carried out before its approval.")
    return None


def _release_reviewed(facts: ChangeFacts) -> Reason | None:
    return Reason("blocked", " ".join(facts.release_blockers)) if facts.release_blockers else None


def _can_go_back(facts: ChangeFacts) -> Reason | None:
    return Reason("blocked", " ".join(facts.rollback_blockers)) if facts.rollback_blockers else None


_S = ChangeState
_DECIDER = (_in_person, _independent, for_nobody_among(Permission.CHANGE_APPROVE, _hands))
_APPROVER = (
    _in_person, _independent, _did_not_lower, for_nobody_among(Permission.CHANGE_APPROVE, _hands_and_who_lowered),
)  # fmt: skip
_VERIFIER = (
    _in_person, _did_not_implement, _did_not_ask,
    for_nobody_among(Permission.CHANGE_VERIFY, lambda facts: facts.author_ids | facts.implementer_ids),
)  # fmt: skip
_UNAPPROVED = Reason("order", "The change is not approved yet; it is carried out afterwards.")
_UNDONE = Reason("order", "The change is not carried out yet; it is verified afterwards.")


def _decision(source: ChangeState, target: ChangeState, *, approval: bool = False) -> Transition[ChangeFacts]:
    may = _APPROVER if approval else _DECIDER
    can = (_as_shown, _objections_answered) if approval else (_as_shown,)
    return Transition(frozenset({source}), target, Permission.CHANGE_APPROVE, may=may, can=can)


def _judgement(state: ChangeState) -> Transition[ChangeFacts]:
    """Ratifying or refusing moves nothing: it answers for what was done already."""
    may = (*_DECIDER, _did_not_implement)
    return Transition(frozenset({state}), state, Permission.CHANGE_APPROVE, may=may, can=(_ratification_due, _as_shown))


CHANGE: Machine[ChangeFacts] = Machine(
    noun="change",
    states=frozenset(_S),
    transitions={
        "submit": Transition(
            frozenset({_S.DRAFT}), _S.IN_APPROVAL, Permission.CHANGE_RAISE, can=(_complete,)
        ),
        "approve": _decision(_S.IN_APPROVAL, _S.APPROVED, approval=True),
        "return": _decision(_S.IN_APPROVAL, _S.DRAFT),
        "reject": _decision(_S.IN_APPROVAL, _S.REJECTED),
        "withdraw": Transition(frozenset({_S.DRAFT, _S.IN_APPROVAL}), _S.WITHDRAWN, Permission.CHANGE_RAISE),
        "implement": Transition(
            frozenset({_S.APPROVED}), _S.IMPLEMENTED, Permission.CHANGE_IMPLEMENT, can=(_release_reviewed,),
            instead={_S.DRAFT: _UNAPPROVED, _S.IN_APPROVAL: _UNAPPROVED},
        ),
        "verify": Transition(
            frozenset({_S.IMPLEMENTED}), _S.CLOSED, Permission.CHANGE_VERIFY,
            may=_VERIFIER, can=(_no_ratification_left, _as_shown),
            instead={_S.APPROVED: _UNDONE},
        ),
        "roll_back": Transition(
            frozenset({_S.IMPLEMENTED}), _S.ROLLED_BACK, Permission.CHANGE_IMPLEMENT, can=(_can_go_back,)
        ),
        "emergency": Transition(
            frozenset({_S.DRAFT}), _S.IMPLEMENTED, Permission.CHANGE_IMPLEMENT, can=(_is_emergency, _complete)
        ),
        "ratify": _judgement(_S.IMPLEMENTED),
        "ratify_rolled_back": _judgement(_S.ROLLED_BACK),
        "refuse": _judgement(_S.IMPLEMENTED),
        "refuse_rolled_back": _judgement(_S.ROLLED_BACK),
    },
)  # fmt: skip

_BEFORE = frozenset({_S.DRAFT, _S.IN_APPROVAL})
_RAISER = frozenset({Permission.CHANGE_RAISE})
# Everybody with a say in the system; whoever may stop it among them.
_ANYBODY = frozenset(
    {
        Permission.CHANGE_RAISE,
        Permission.CHANGE_APPROVE,
        Permission.CHANGE_VERIFY,
        Permission.HOLD_PLACE,
        Permission.RELEASE_SUSPEND,
    }
)


@dataclass(frozen=True)
class Work:
    """Something written beside a change without moving it: any of these rights, guards, states, a refusal's words."""

    rights: frozenset[Permission]
    states: frozenset[ChangeState]
    may: tuple[Guard[ChangeFacts], ...] = ()


WORK: Mapping[str, Work] = {
    "answer": Work(frozenset({Permission.CHANGE_ANSWER}), _BEFORE, (_in_person,)),
    "describe": Work(_RAISER, frozenset({_S.DRAFT})),
    "name_release": Work(_RAISER, _BEFORE | {_S.APPROVED}),
    "record_results": Work(frozenset({Permission.CHANGE_IMPLEMENT}), frozenset({_S.APPROVED, _S.IMPLEMENTED})),
    "raise_materiality": Work(_ANYBODY, _BEFORE, (_in_person,)),
    "lower_materiality": Work(frozenset({Permission.CHANGE_APPROVE}), _BEFORE, _DECIDER),
}


def decide_work(verb: str, state: str, *, allowed: Container[str], facts: ChangeFacts) -> None:
    """Raise Forbidden when the person may not, Conflict `state` when the change takes no more of this."""
    work = WORK[verb]
    reasons = list(asked(work.may, facts))
    if not any(right in allowed for right in work.rights):
        words = " or to ".join(Permission(right).words for right in sorted(work.rights))
        reasons.append(Reason("forbidden", f"You need the right to {words} on this change."))
    if reasons:
        raise Forbidden(*reasons)
    if state not in work.states:
        raise Conflict(Reason("state", f"This change is {state.replace('_', ' ')}; that is no longer written."))


def offered_work(state: str, *, allowed: Container[str], facts: ChangeFacts) -> tuple[Offer, ...]:
    """Everything a person could write beside the change now; what they say for another system stands there."""
    offers = []
    for verb in (verb for verb in WORK if verb != "answer"):
        try:
            decide_work(verb, state, allowed=allowed, facts=facts)
        except Refusal as refusal:
            offers.append(Offer(verb, refusal.reasons, isinstance(refusal, Forbidden)))
        else:
            offers.append(Offer(verb))
    return tuple(offers)


class FollowUpState(StrEnum):
    """Until somebody says that it is done, or that it need not be."""

    OPEN = "open"
    DONE = "done"
    MOOT = "moot"


@dataclass(frozen=True)
class FollowUpFacts:
    """What the machine of follow-up work needs to know: who acts, and for whom it waits."""

    person_id: int | None = None
    by_person: bool = True
    owner_id: int | None = None
    unrenewed: tuple[str, ...] = ()


def _renewed(facts: FollowUpFacts) -> Reason | None:
    if facts.unrenewed:
        return Reason(
            "blocked", f"Not approved anew since the campaign began: {', '.join(facts.unrenewed)}. Renew the approval."
        )
    return None


def _settled_in_person(facts: FollowUpFacts) -> Reason | None:
    if not facts.by_person:
        return Reason("forbidden", "Follow-up work is settled by people, never by a machine.")
    return None


def _not_by_its_owner(facts: FollowUpFacts) -> Reason | None:
    if facts.owner_id is not None and facts.person_id == facts.owner_id:
        return Reason("sod.same_person", "It waits for you; another person says that it need not be done.")
    return None


_F = FollowUpState
FOLLOW_UP: Machine[FollowUpFacts] = Machine(
    noun="follow_up",
    states=frozenset(_F),
    transitions={
        "hand_over": Transition(
            frozenset({_F.OPEN}), _F.OPEN, Permission.CHANGE_IMPLEMENT, may=(_settled_in_person,)
        ),
        "finish": Transition(
            frozenset({_F.OPEN}), _F.DONE, Permission.CHANGE_IMPLEMENT, may=(_settled_in_person,), can=(_renewed,)
        ),
        "drop": Transition(
            frozenset({_F.OPEN}), _F.MOOT, Permission.CHANGE_VERIFY, may=(_settled_in_person, _not_by_its_owner)
        ),
    },
)  # fmt: skip
