"""Conditions of a conditional signature: claim as fulfilled, confirm, refuse.

`seen` is the version of the condition the person read: evidence is judged as it was read, or it is a conflict.
"""

from __future__ import annotations

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.validation import notices, queries
from governance.validation.lifecycle import CONDITION
from governance.validation.models import Condition
from governance.validation.rules import refuse_unread
from governance.validation.services.locks import lock_submission
from inventory.services.permitted import allowed, require


def claim_condition(*, actor: User, condition: Condition, evidence: str, door: Door = Door.WEB) -> Condition:
    """Report a condition as fulfilled, with the evidence. Raises InvalidInput, Forbidden, Conflict."""
    with acting(actor, door=door, verb="condition.claim"):
        locked = _move(actor, condition, "claim")
        checks = Checks()
        locked.evidence = checks.text("evidence", evidence, limit=20_000, required=True, lines=True)
        checks.done()
        locked.claimed_by = actor
        locked.save(update_fields=["state", "evidence", "claimed_by"])
        notices.condition_claimed(locked, actor)
        return locked


def confirm_condition(
    *, actor: User, condition: Condition, reason: str = "", seen: str = "", door: Door = Door.WEB
) -> Condition:
    """Confirm that a condition is met; another person than who reported it. Raises Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, lines=True)
    with acting(actor, door=door, verb="condition.confirm", reason=reason):
        locked = _move(actor, condition, "confirm", seen=seen)
        checks.done()
        locked.confirmed_by = actor
        locked.save(update_fields=["state", "confirmed_by"])
        return locked


def refuse_condition(
    *, actor: User, condition: Condition, reason: str, seen: str = "", door: Door = Door.WEB
) -> Condition:
    """Send a condition back as not fulfilled, saying why. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="condition.refuse", reason=reason):
        locked = _move(actor, condition, "refuse", seen=seen)
        checks.done()
        claimed_by, locked.claimed_by = locked.claimed_by, None
        locked.save(update_fields=["state", "claimed_by"])
        notices.condition_sent_back(locked, claimed_by, actor, reason)
        return locked


def hand_over_condition(
    *, actor: User, condition: Condition, successor: User, reason: str, door: Door = Door.WEB
) -> Condition:
    """Have somebody else who may fulfil conditions here answer for what a closed account left. The promise stays.

    Raises InvalidInput, Forbidden, Conflict `state`.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="condition.hand_over", reason=reason):
        checks.done()
        submission = lock_submission(condition.submission_id, actor=actor)
        locked = Condition.objects.select_for_update(no_key=True).get(pk=condition.pk)
        locked.submission = submission
        require(actor, Permission.ASSIGNMENT_CHANGE, locked)
        if locked.answerable.closed_at is None:
            raise Conflict(Reason("state", f"The account of {locked.answerable}, who answers for it, is open."))
        if locked.state == Condition.State.MET:
            raise Conflict(Reason("state", "This condition is met; nobody has to answer for it."))
        if successor.kind != User.Kind.HUMAN or not can(successor, Permission.CONDITION_FULFIL, locked):
            checks.refuse("successor", "Must be a person who may fulfil conditions of this system.")
        checks.done()
        locked.successor = successor
        locked.save(update_fields=["successor"])
        return locked


def _move(actor: User, condition: Condition, verb: str, *, seen: str = "") -> Condition:
    """The condition, locked after its submission and moved in memory; the caller writes it."""
    submission = lock_submission(condition.submission_id, actor=actor)
    locked = Condition.objects.select_for_update(no_key=True).get(pk=condition.pk)
    locked.submission = submission
    version = queries.condition_version(locked)
    facts = queries.condition_facts(actor, locked)
    locked.state = CONDITION.decide(verb, locked.state, allowed=allowed(actor, locked), facts=facts)
    refuse_unread(seen, version)
    return locked
