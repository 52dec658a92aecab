"""Carrying a change out, verifying it, and going back."""

from __future__ import annotations

from typing import Any

from governance.access.models import User
from governance.changes import notices
from governance.changes.lifecycle import Ratification, decide_work
from governance.changes.models import Change
from governance.changes.queries import approved_before, facts_of
from governance.changes.rules import ratify_due, verify_due
from governance.changes.services.follow_ups import open_after_change, open_after_roll_back
from governance.changes.services.moving import assessed, lock_change, move, rules_in_force, said, write
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from inventory.models import Release
from inventory.services.permitted import allowed


def implement_change(*, actor: User, change: Change, door: Door = Door.WEB) -> Change:
    """Say that an approved change is carried out; its verification falls due. Raises Forbidden, Conflict."""
    with acting(actor, door=door, verb="change.implement"):
        locked = lock_change(change, actor=actor)
        done = move(locked, "implement", actor, _carried_out(locked, actor))
        notices.carried_out(done, actor)
        return done


def carry_out_emergency(*, actor: User, change: Change, reason: str, door: Door = Door.WEB) -> Change:
    """Say that an emergency change is carried out before anybody approved it; its ratification falls due.

    Raises InvalidInput, Forbidden, Conflict.
    """
    reason = said("reason", reason)
    with acting(actor, door=door, verb="change.emergency", reason=reason[:500]):
        locked = lock_change(change, actor=actor)
        _, section = rules_in_force()
        names = assessed(locked)
        values = _carried_out(locked, actor)
        due = ratify_due(section, values["implemented_at"])
        values |= {"ratification": Ratification.DUE, "ratify_due": due}
        done = move(locked, "emergency", actor, values, also=names)
        notices.carried_out(done, actor)
        return done


def record_results(*, actor: User, change: Change, test_results: str, door: Door = Door.WEB) -> Change:
    """Write down what the tests showed. Raises InvalidInput, Forbidden, Conflict."""
    results = said("test_results", test_results)
    with acting(actor, door=door, verb="change.record_results"):
        locked = lock_change(change, actor=actor)
        decide_work("record_results", locked.state, allowed=allowed(actor, locked), facts=facts_of(actor, locked))
        locked.test_results = results
        return write(locked, {"test_results"})


def verify_change(
    *, actor: User, change: Change, verification: str, seen: str | None = None, door: Door = Door.WEB
) -> Change:
    """Confirm, having had no hand in it, that a change works. Raises InvalidInput, Forbidden, Conflict."""
    words = said("verification", verification)
    with acting(actor, door=door, verb="change.verify"):
        locked = lock_change(change, actor=actor)
        values = {"verified_at": portal_now(), "verified_by": actor, "verification": words}
        verified = move(locked, "verify", actor, values, seen=seen)
        open_after_change(verified)
        notices.ended(verified, actor, words)
        return verified


def roll_back_change(
    *, actor: User, change: Change, reason: str, release: Release | None = None, door: Door = Door.WEB
) -> Change:
    """Go back to an approved release; a ratification that was due stays due.

    `release` is the one gone back to, if another than the request named; where neither names one, it is the release
    approved last before. What must follow is opened for the owner. Raises InvalidInput, Forbidden, Conflict.
    """
    reason = said("reason", reason)
    with acting(actor, door=door, verb="change.roll_back", reason=reason[:500]):
        locked = lock_change(change, actor=actor)
        checks = Checks()
        if release is not None and release.system_id != locked.system_id:
            checks.refuse("release", "Must be a release of this system.")
        if release is not None and release.pk == locked.target_release_id:
            checks.refuse("release", "Is the release that carried the change out.")
        checks.done()
        values: dict[str, Any] = {
            "rolled_back_at": portal_now(), "rolled_back_by": actor, "rollback_reason": reason,
        }  # fmt: skip
        if release is None and locked.rollback_release_id is None:
            release = approved_before(locked)
        if release is not None:
            values["rollback_release"] = locked.rollback_release = release
        rolled_back = move(locked, "roll_back", actor, values)
        open_after_roll_back(rolled_back)
        notices.ended(rolled_back, actor, reason)
        return rolled_back


def _carried_out(change: Change, actor: User) -> dict[str, Any]:
    _, section = rules_in_force()
    now = portal_now()
    return {
        "implemented_at": now, "implemented_by": actor, "verify_due": verify_due(section, change.materiality, now),
    }  # fmt: skip
