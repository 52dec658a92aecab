"""Lowering a tier below what the answers come to: proposed, decided by somebody independent, looked at again."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import pack_in_force, rules, rules_in_force
from governance.policy.schema import PackDocument, Tier
from governance.policy.tiering import TierDecision, assess
from inventory.lifecycle import LOWERED
from inventory.models import LoweredTier, System
from inventory.services.by_two import Decisions, why
from inventory.services.permitted import require


def tiers_below(document: PackDocument, tier: str) -> tuple[str, ...]:
    """The tiers of the pack that are lower than one of its tiers, the next one first."""
    order = [known.id for known in document.tiers.order]
    return tuple(order[order.index(tier) + 1 :]) if tier in order else ()


def lower_tiers(system: System) -> tuple[Tier, ...]:
    """The tiers a system could be held to instead of the one its answers come to; none while they decide none."""
    pack = pack_in_force()
    if pack is None:
        return ()
    document = rules(pack).document
    try:
        below = tiers_below(document, assess(document, system.answers).tier)
    except InvalidInput:
        return ()
    return tuple(tier for tier in document.tiers.order if tier.id in below)


def propose_lower_tier(
    *, actor: User, system: System, tier: str, reason: str, review_at: datetime, door: Door = Door.WEB
) -> LoweredTier:
    """Propose to hold a system to a lower tier than its answers come to, until an instant.

    It counts no longer than an approval in the tier the answers come to would. Raises InvalidInput, Forbidden,
    Conflict `no_policy`, `state` for answers that decide no tier, `duplicate` while another proposal is open.
    """
    checks, reason = Checks(), why(reason)
    with acting(actor, door=door, verb="tier.propose", reason=reason[:500]):
        locked = _lock_system(system.pk)
        require(actor, Permission.SYSTEM_CHANGE, locked)
        pack, rules = rules_in_force()
        computed = _computed(rules.document, locked).tier
        tier = checks.choice("tier", tier, tiers_below(rules.document, computed))
        end = checks.instant("review_at", review_at)
        if end is not None and (sentence := _too_late(rules.document, computed, end)):
            checks.refuse("review_at", sentence)
        checks.done()
        assert end is not None  # noqa: S101  checked above
        if LoweredTier.objects.filter(system=locked, state=LoweredTier.State.PROPOSED).exists():
            raise Conflict(Reason("duplicate", "A lower tier is proposed for this system already; decide that first."))
        return LoweredTier.objects.create(
            system=locked, from_tier=computed, to_tier=tier, pack=f"{pack.name} {pack.version}", reason=reason,
            review_at=end, proposed_by=actor, proposed_at=portal_now(),
        )  # fmt: skip


def move_lowered(
    verb: str, *, actor: User, lowered: LoweredTier, reason: str, expected: str = "", door: Door = Door.WEB
) -> LoweredTier:
    """Grant it (an earlier decision ends with it), refuse it, withdraw one's own proposal, end it, or revoke it.

    An owner ends it and one of those who decide revokes it: either way the tier the answers come to counts again.
    Raises InvalidInput without a reason, Forbidden, Conflict.
    """
    reason = why(reason)
    with acting(actor, door=door, verb=f"tier.{verb}", reason=reason[:500]):
        locked = LOWERED_DECISIONS.lock(lowered, actor, expected)
        if verb == "grant":
            return _granted(locked, actor, reason)
        if verb == "refuse":
            return LOWERED_DECISIONS.decide(locked, actor, verb, reason)
        LOWERED_DECISIONS.end(locked, actor, verb, reason)
        if verb != "withdraw":
            _apply(locked.system, None)
        return locked


def keep_lowered(system: System, computed: str, actor: User | Command, door: Door) -> LoweredTier | None:
    """The decision that still holds where the answers come to `computed`; one that does not ends with the answers."""
    for lowered in LoweredTier.objects.filter(system=system, state=LoweredTier.State.GRANTED):
        if lowered.from_tier == computed and portal_now() < lowered.review_at:
            return lowered
        with acting(actor, door=door, verb="tier.end"):
            LOWERED_DECISIONS.end(lowered, actor, "replace", "The questionnaire was answered again.")
    return None


def told_of(lowered: LoweredTier, explanation: str) -> str:
    """Why the system stands in its tier: what the answers came to, and who lowered it until when."""
    end = f"{lowered.review_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{explanation} Lowered from “{lowered.from_tier}” to “{lowered.to_tier}” by {lowered.decided_by} until {end}, "
        f"as proposed by {lowered.proposed_by}: {lowered.reason}"
    )


def _granted(locked: LoweredTier, actor: User, reason: str) -> LoweredTier:
    """What was granted before ends first: one decision counts at a time. A refusal undoes both."""
    for earlier in LoweredTier.objects.filter(system=locked.system, state=LoweredTier.State.GRANTED):
        LOWERED_DECISIONS.end(earlier, actor, "replace", "Decided anew.")
    LOWERED_DECISIONS.decide(locked, actor, "grant", reason)
    _apply(locked.system, locked)
    return locked


def _apply(system: System, lowered: LoweredTier | None) -> None:
    """Write the tier the system is held to now, with why."""
    pack, rules = rules_in_force()
    computed = _computed(rules.document, system)
    explanation = f"{computed.explanation} (rule: {computed.rule})"
    system.tier = lowered.to_tier if lowered else computed.tier
    system.tier_reason = told_of(lowered, explanation) if lowered else explanation
    system.tier_pack = f"{pack.name} {pack.version}"
    system.updated_at = portal_now()
    system.save(update_fields=["tier", "tier_reason", "tier_pack", "updated_at"])


def _blocked(lowered: LoweredTier) -> str:
    """Why the proposal can no longer be granted; empty when it can."""
    try:
        _, rules = rules_in_force()
        computed = _computed(rules.document, lowered.system).tier
    except Conflict as refusal:
        return str(refusal)
    if computed != lowered.from_tier or lowered.to_tier not in tiers_below(rules.document, computed):
        return "The answers come to another tier than when this was proposed. Propose it again."
    return _too_late(rules.document, computed, lowered.review_at)


def _too_late(document: PackDocument, tier: str, end: datetime) -> str:
    now = portal_now()
    if end <= now:
        return "The day to look at it again has passed; it must lie in the future."
    days = document.approvals.validity_days.get(tier) if document.approvals else None
    if days is not None and end > now + timedelta(days=days):
        return f"Must be within {days} days, as long as an approval in that tier lasts."
    return ""


def _computed(document: PackDocument, system: System) -> TierDecision:
    try:
        return assess(document, system.answers)
    except InvalidInput as error:
        text = "Answer the questionnaire of the policy in force first: only then it is known what is lowered."
        raise Conflict(Reason("state", text)) from error


def _lock_system(key: int) -> System:
    return System.objects.select_for_update(no_key=True).get(pk=key)


LOWERED_DECISIONS: Decisions[LoweredTier] = Decisions(
    LoweredTier, LOWERED, begun_by=lambda lowered: lowered.proposed_by_id, blocked=_blocked
)
