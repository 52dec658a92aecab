"""Lifecycles of systems and releases: states, facts, guards, transition tables. Pure Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from governance.access.vocabulary import Permission
from governance.lifecycle import Guard, Machine, Reason, Transition
from inventory.rules import stands_for_dependent

DELEGATOR = "Who lent you this role had a hand in this; somebody else decides."


class ReleaseState(StrEnum):
    """Where a release is on its way to use."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    REVOKED = "revoked"
    RETIRED = "retired"
    DISCARDED = "discarded"


class Phase(StrEnum):
    """Where a system is in life; unknown is a value."""

    PLANNED = "planned"
    DEVELOPMENT = "development"
    PILOT = "pilot"
    PRODUCTION = "production"
    RETIRED = "retired"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"


class AssetState(StrEnum):
    """Whether an asset may be built upon."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    BREACHED = "breached"
    OUT_OF_SUPPORT = "out_of_support"


class LegacyState(StrEnum):
    """How far the record of an approval from before the portal came."""

    BROUGHT_IN = "brought_in"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class LoweredState(StrEnum):
    """How far the decision to hold a system to a lower tier came."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class RiskState(StrEnum):
    """How far a risk is worked through."""

    IDENTIFIED = "identified"
    ANALYSED = "analysed"
    TREATED = "treated"
    CLOSED = "closed"


def for_nobody_among(permission: Permission, hands: Callable[[Any], frozenset[int | None]]) -> Guard[Any]:
    """The guard of a right that may be lent: it counts where somebody who lent it may use it themselves."""

    def guard(facts: Any) -> Reason | None:
        dependent = stands_for_dependent(facts.lent.get(permission, frozenset()), hands(facts))
        return Reason("sod.delegator", DELEGATOR) if dependent else None

    return guard


def for_nobody_dependent(permission: Permission, *names: str) -> Guard[Any]:
    """The same, where `names` are facts of people with a hand in it besides the builders."""
    return for_nobody_among(permission, lambda facts: facts.builder_ids | {getattr(facts, name) for name in names})


@dataclass(frozen=True)
class ReleaseFacts:
    """What the release machine needs to know; gathered under the row lock.

    `builder_ids` had a hand in the release or built its system; only who reinstates it is held against them. `lent`
    says for each right held only as lent who lent it.
    """

    actor_id: int = 0
    suspended_by_id: int | None = None
    builder_ids: frozenset[int] = frozenset()
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)
    renewal_open: bool = False
    submit_blockers: tuple[Reason, ...] = field(default=())


def _not_the_suspender(facts: ReleaseFacts) -> Reason | None:
    if facts.suspended_by_id is not None and facts.actor_id == facts.suspended_by_id:
        return Reason("sod.suspender", "You suspended this release; another person reinstates it.")
    return None


def _not_a_builder(facts: ReleaseFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.contributor", "You had a hand in this release; somebody independent reinstates it.")
    return None


def _nothing_missing(facts: ReleaseFacts) -> tuple[Reason, ...]:
    return facts.submit_blockers


def _no_open_renewal(facts: ReleaseFacts) -> Reason | None:
    if facts.renewal_open:
        return Reason("duplicate", "A renewal of this release is already in review.")
    return None


_S = ReleaseState

RELEASE: Machine[ReleaseFacts] = Machine(
    noun="release",
    states=frozenset(_S),
    transitions={
        "submit": Transition(frozenset({_S.DRAFT}), _S.IN_REVIEW, Permission.RELEASE_SUBMIT, can=(_nothing_missing,)),
        "withdraw": Transition(frozenset({_S.IN_REVIEW}), _S.DRAFT, Permission.RELEASE_SUBMIT),
        "return": Transition(frozenset({_S.IN_REVIEW}), _S.DRAFT, ""),
        "approve": Transition(frozenset({_S.IN_REVIEW}), _S.APPROVED, ""),
        "reject": Transition(frozenset({_S.IN_REVIEW}), _S.REJECTED, ""),
        "reject_renewal": Transition(frozenset({_S.APPROVED, _S.SUSPENDED}), _S.SUSPENDED, ""),
        "renew": Transition(
            frozenset({_S.APPROVED}),
            _S.APPROVED,
            Permission.RELEASE_SUBMIT,
            can=(_no_open_renewal, _nothing_missing),
        ),
        "renew_suspended": Transition(
            frozenset({_S.SUSPENDED}),
            _S.SUSPENDED,
            Permission.RELEASE_SUBMIT,
            can=(_no_open_renewal, _nothing_missing),
        ),
        "suspend": Transition(frozenset({_S.APPROVED}), _S.SUSPENDED, Permission.RELEASE_SUSPEND),
        "reinstate": Transition(
            frozenset({_S.SUSPENDED}),
            _S.APPROVED,
            Permission.RELEASE_REINSTATE,
            may=(
                _not_the_suspender,
                _not_a_builder,
                for_nobody_dependent(Permission.RELEASE_REINSTATE, "suspended_by_id"),
            ),
        ),
        "revoke": Transition(frozenset({_S.APPROVED, _S.SUSPENDED}), _S.REVOKED, Permission.RELEASE_REVOKE),
        "retire": Transition(
            frozenset({_S.APPROVED, _S.SUSPENDED, _S.REJECTED}), _S.RETIRED, Permission.RELEASE_RETIRE
        ),
        "discard": Transition(frozenset({_S.DRAFT}), _S.DISCARDED, Permission.RELEASE_CHANGE),
    },
)


@dataclass(frozen=True)
class SystemFacts:
    """What the system machine needs to know."""

    approved: tuple[str, ...] = ()
    running: tuple[str, ...] = ()


def _nothing_running(facts: SystemFacts) -> Reason | None:
    if facts.approved:
        return Reason("blocked", f"Releases are still approved: {', '.join(facts.approved)}. Retire them first.")
    if facts.running:
        return Reason(
            "blocked", f"By the last reports it still runs: {'; '.join(facts.running)}. Switch it off and report that."
        )
    return None


_LIVE = (Phase.PLANNED, Phase.DEVELOPMENT, Phase.PILOT, Phase.PRODUCTION)
_OPEN = frozenset({Phase.NOT_STATED, Phase.UNKNOWN})

SYSTEM: Machine[SystemFacts] = Machine(
    noun="system",
    states=frozenset(Phase),
    transitions={
        **{
            f"move_to_{phase}": Transition((frozenset(_LIVE) - {phase}) | _OPEN, phase, Permission.SYSTEM_CHANGE)
            for phase in _LIVE
        },
        "retire": Transition(
            frozenset(_LIVE) | _OPEN, Phase.RETIRED, Permission.SYSTEM_RETIRE, can=(_nothing_running,)
        ),
    },
)


@dataclass(frozen=True)
class AssetFacts:
    """What the asset machine needs to know: who asks, and who last stopped the asset."""

    actor_id: int | None = None
    stopped_by_id: int | None = None


def _not_who_stopped_it(facts: AssetFacts) -> Reason | None:
    if facts.stopped_by_id is not None and facts.actor_id == facts.stopped_by_id:
        return Reason("sod.same_person", "You stopped the use of this asset; another person returns it to use.")
    return None


_A = AssetState

ASSET: Machine[AssetFacts] = Machine(
    noun="asset",
    states=frozenset(_A),
    transitions={
        "withdraw": Transition(frozenset({_A.ACTIVE, _A.OUT_OF_SUPPORT}), _A.WITHDRAWN, Permission.ASSET_STOP),
        "breach": Transition(
            frozenset({_A.ACTIVE, _A.OUT_OF_SUPPORT, _A.WITHDRAWN}), _A.BREACHED, Permission.ASSET_STOP
        ),
        "end_support": Transition(frozenset({_A.ACTIVE}), _A.OUT_OF_SUPPORT, Permission.ASSET_CHANGE),
        "restore": Transition(
            frozenset({_A.WITHDRAWN, _A.BREACHED, _A.OUT_OF_SUPPORT}), _A.ACTIVE, Permission.ASSET_RESTORE,
            may=(_not_who_stopped_it,),
        ),
    },
)  # fmt: skip


@dataclass(frozen=True)
class RiskFacts:
    """What the risk machine needs to know: who asks, who wrote down or graded the risk, and who treats it.

    `lenders` lent the right to accept it; empty for who holds that right themselves.
    """

    actor_id: int = 0
    author_ids: frozenset[int] = frozenset()
    treated_by_id: int | None = None
    lenders: frozenset[int] = frozenset()


def _not_its_author(facts: RiskFacts) -> Reason | None:
    if facts.actor_id in facts.author_ids:
        return Reason("sod.same_person", "You wrote down or graded this risk; another person decides that.")
    return None


def _does_not_treat_it(facts: RiskFacts) -> Reason | None:
    if facts.treated_by_id is not None and facts.actor_id == facts.treated_by_id:
        return Reason("sod.same_person", "You treat this risk; another person says whether what remains will do.")
    return None


def _accepts_for_nobody_dependent(facts: RiskFacts) -> Reason | None:
    if stands_for_dependent(facts.lenders, facts.author_ids | {facts.treated_by_id}):
        return Reason("sod.delegator", DELEGATOR)
    return None


_K = RiskState

RISK: Machine[RiskFacts] = Machine(
    noun="risk",
    states=frozenset(_K),
    transitions={
        "analyse": Transition(frozenset({_K.IDENTIFIED, _K.ANALYSED}), _K.ANALYSED, Permission.RISK_CHANGE),
        "treat": Transition(frozenset({_K.ANALYSED, _K.TREATED}), _K.TREATED, Permission.RISK_CHANGE),
        "accept": Transition(
            frozenset({_K.ANALYSED, _K.TREATED}), _K.TREATED, Permission.RISK_ACCEPT,
            may=(_not_its_author, _does_not_treat_it, _accepts_for_nobody_dependent),
        ),
        "review": Transition(frozenset({_K.TREATED}), _K.TREATED, Permission.RISK_CHANGE),
        "entrust": Transition(frozenset({_K.TREATED}), _K.TREATED, Permission.RISK_CHANGE),
        "close": Transition(
            frozenset({_K.IDENTIFIED, _K.ANALYSED, _K.TREATED}), _K.CLOSED, Permission.RISK_CHANGE,
            may=(_not_its_author,),
        ),
        "reopen": Transition(frozenset({_K.CLOSED}), _K.IDENTIFIED, Permission.RISK_CHANGE),
    },
)  # fmt: skip


@dataclass(frozen=True)
class ByTwoFacts:
    """What the machine of a decision of two people needs to know: who asks, who began it, who builds, what blocks.

    `lent` says for each right held only as lent who lent it.
    """

    actor_id: int = 0
    begun_by_id: int | None = None
    builder_ids: frozenset[int] = frozenset()
    blocked: str = ""
    lent: Mapping[str, frozenset[int]] = field(default_factory=dict)


def _began_it_not(text: str) -> Guard[ByTwoFacts]:
    def guard(facts: ByTwoFacts) -> Reason | None:
        return Reason("sod.requester", text) if facts.actor_id == facts.begun_by_id else None

    return guard


def _began_it(text: str) -> Guard[ByTwoFacts]:
    def guard(facts: ByTwoFacts) -> Reason | None:
        return Reason("forbidden", text) if facts.actor_id != facts.begun_by_id else None

    return guard


def _does_not_build_it(facts: ByTwoFacts) -> Reason | None:
    if facts.actor_id in facts.builder_ids:
        return Reason("sod.owner", "You own or develop this system; somebody independent decides.")
    return None


def _nothing_blocks(facts: ByTwoFacts) -> Reason | None:
    return Reason("blocked", facts.blocked) if facts.blocked else None


_L = LoweredState
_DECIDES = (
    _began_it_not("You proposed the lower tier; another person decides."), _does_not_build_it,
    for_nobody_dependent(Permission.TIER_LOWER, "begun_by_id"),
)  # fmt: skip

LOWERED: Machine[ByTwoFacts] = Machine(
    noun="lowered tier",
    states=frozenset(_L),
    transitions={
        "grant": Transition(
            frozenset({_L.PROPOSED}), _L.GRANTED, Permission.TIER_LOWER, may=_DECIDES, can=(_nothing_blocks,)
        ),
        "refuse": Transition(frozenset({_L.PROPOSED}), _L.REFUSED, Permission.TIER_LOWER, may=_DECIDES),
        "withdraw": Transition(
            frozenset({_L.PROPOSED}), _L.WITHDRAWN, Permission.SYSTEM_CHANGE,
            may=(_began_it("Only the person who proposed a lower tier withdraws it."),),
        ),
        "end": Transition(frozenset({_L.GRANTED}), _L.ENDED, Permission.SYSTEM_CHANGE),
        "revoke": Transition(frozenset({_L.GRANTED}), _L.ENDED, Permission.TIER_LOWER),
        "replace": Transition(frozenset({_L.GRANTED}), _L.ENDED, ""),
    },
)  # fmt: skip


_B = LegacyState
_CONFIRM = Permission.LEGACY_APPROVAL_CONFIRM
_CONFIRMS = (
    _began_it_not("You brought this approval in; another person confirms it."), _does_not_build_it,
    for_nobody_dependent(_CONFIRM, "begun_by_id"),
)  # fmt: skip

LEGACY: Machine[ByTwoFacts] = Machine(
    noun="legacy approval",
    states=frozenset(_B),
    transitions={
        "confirm": Transition(
            frozenset({_B.BROUGHT_IN}), _B.CONFIRMED, _CONFIRM, may=_CONFIRMS, can=(_nothing_blocks,)
        ),
        "refuse": Transition(frozenset({_B.BROUGHT_IN}), _B.REFUSED, _CONFIRM, may=_CONFIRMS),
        "withdraw": Transition(
            frozenset({_B.BROUGHT_IN}), _B.WITHDRAWN, Permission.IMPORT_RUN,
            may=(_began_it("Only the person who brought a legacy approval in withdraws it."),),
        ),
        "end": Transition(frozenset({_B.CONFIRMED}), _B.ENDED, _CONFIRM),
    },
)  # fmt: skip
