"""Stopping and resuming an approved release: suspend, reinstate, revoke."""

from __future__ import annotations

from governance.access.models import User
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.validation import queries
from governance.validation.services.submissions import end_submission
from inventory.models import Release
from inventory.services.permitted import allowed
from inventory.services.releases import lock_release, move_release


def suspend_release(
    *, actor: User, release: Release, reason: str, expected: str = "", door: Door = Door.WEB
) -> Release:
    """Stop an approved release for now. Raises InvalidInput without a reason, Forbidden, Conflict."""
    return _move(actor, release, "suspend", reason, expected, door)


def reinstate_release(
    *, actor: User, release: Release, reason: str, expected: str = "", door: Door = Door.WEB
) -> Release:
    """Let a suspended release count again; neither who suspended nor who built it. Raises as suspend_release does."""
    return _move(actor, release, "reinstate", reason, expected, door)


def revoke_release(*, actor: User, release: Release, reason: str, expected: str = "", door: Door = Door.WEB) -> Release:
    """Take the approval away for good; a renewal under review ends with it. Raises as suspend_release does."""
    return _move(actor, release, "revoke", reason, expected, door)


def _move(actor: User, release: Release, verb: str, reason: str, expected: str, door: Door) -> Release:
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb=f"release.{verb}", reason=reason):
        locked = lock_release(release, actor=actor, expected=expected)
        facts = queries.release_facts(actor, locked)
        rights = allowed(actor, locked)
        moved = move_release(locked, verb, actor=actor, facts=facts, allowed=rights)
        checks.done()
        renewal = queries.open_submission(moved)
        if verb == "revoke" and renewal is not None:
            end_submission(renewal, "supersede", at=portal_now())
        return moved
