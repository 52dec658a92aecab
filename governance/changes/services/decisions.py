"""Deciding on a change: up for approval, approved, returned, rejected, withdrawn; ratified or refused afterwards.

`seen` is the version of the request the person read: a decision is on what was read, or it is a conflict.
"""

from __future__ import annotations

from governance.access.models import User
from governance.changes import notices
from governance.changes.models import Change
from governance.changes.services.moving import assessed, lock_change, move, said
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting


def submit_change(*, actor: User, change: Change, door: Door = Door.WEB) -> Change:
    """Put a complete request up for approval, assessed by the policy of now. Raises Forbidden, Conflict."""
    with acting(actor, door=door, verb="change.submit"):
        locked = lock_change(change, actor=actor)
        values = {"submitted_at": portal_now(), "decision": ""}
        submitted = move(locked, "submit", actor, values, also=assessed(locked))
        notices.asked(submitted, actor)
        return submitted


def approve_change(
    *, actor: User, change: Change, comment: str = "", seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Approve a change one has no hand in. Raises Forbidden, Conflict (`stale`, `state`)."""
    return _decide("approve", actor, change, said("comment", comment, required=False), seen, door)


def reject_change(
    *, actor: User, change: Change, reason: str, seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Reject a change for good. Raises InvalidInput, Forbidden, Conflict."""
    return _decide("reject", actor, change, said("reason", reason), seen, door)


def return_change(
    *, actor: User, change: Change, reason: str, seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Send a request back to be described better. Raises InvalidInput, Forbidden, Conflict."""
    reason = said("reason", reason)
    with acting(actor, door=door, verb="change.return", reason=reason[:500]):
        locked = lock_change(change, actor=actor)
        returned = move(locked, "return", actor, {"decision": reason, "submitted_at": None}, seen=seen)
        notices.decided(returned, actor, "return", reason)
        return returned


def withdraw_change(*, actor: User, change: Change, reason: str = "", door: Door = Door.WEB) -> Change:
    """Take a request back before it is decided. Raises Forbidden, Conflict."""
    reason = said("reason", reason, required=False)
    with acting(actor, door=door, verb="change.withdraw", reason=reason[:500]):
        locked = lock_change(change, actor=actor)
        return move(locked, "withdraw", actor, {})


def ratify_change(
    *, actor: User, change: Change, comment: str = "", seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Approve an emergency change afterwards. Raises Forbidden, Conflict."""
    return _judge("ratify", actor, change, said("comment", comment, required=False), seen, door)


def refuse_change(
    *, actor: User, change: Change, reason: str, seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Refuse an emergency change afterwards: it has to be rolled back. Raises InvalidInput, Forbidden, Conflict."""
    return _judge("refuse", actor, change, said("reason", reason), seen, door)


def _decide(verb: str, actor: User, change: Change, words: str, seen: str | None, door: Door) -> Change:
    with acting(actor, door=door, verb=f"change.{verb}", reason=words[:500]):
        locked = lock_change(change, actor=actor)
        values = {"decided_at": portal_now(), "decided_by": actor, "decision": words}
        decided = move(locked, verb, actor, values, seen=seen, comment=words)
        notices.decided(decided, actor, verb, words)
        return decided


def _judge(verb: str, actor: User, change: Change, words: str, seen: str | None, door: Door) -> Change:
    with acting(actor, door=door, verb=f"change.{verb}", reason=words[:500]):
        locked = lock_change(change, actor=actor)
        outcome = Change.Ratification.RATIFIED if verb == "ratify" else Change.Ratification.REFUSED
        values = {
            "ratification": outcome, "ratified_at": portal_now(), "ratified_by": actor, "ratification_reason": words,
        }  # fmt: skip
        here = f"{verb}_rolled_back" if locked.state == Change.State.ROLLED_BACK else verb
        judged = move(locked, here, actor, values, seen=seen)
        notices.decided(judged, actor, verb, words)
        return judged
