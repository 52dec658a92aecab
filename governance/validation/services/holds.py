"""Holds: place, lift."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.validation import notices, queries
from governance.validation.lifecycle import HOLD
from governance.validation.models import Hold
from governance.validation.services.locks import lock_system
from inventory.models import Release, System
from inventory.services.permitted import allowed, require


def place_hold(
    *, actor: User, system: System, reason: str, release: Release | None = None, door: Door = Door.WEB
) -> Hold:
    """Close the gate of a system, or of one release of it, until another person lifts the hold.

    Raises InvalidInput, Forbidden.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="hold.place", reason=reason):
        locked = lock_system(system.pk, actor=actor)
        require(actor, Permission.HOLD_PLACE, locked)
        if release is not None and release.system_id != locked.pk:
            checks.refuse("release", "Must be a release of this system.")
        checks.done()
        hold = Hold.objects.create(
            system=locked, release=release, reason=reason, placed_by=actor, placed_at=portal_now()
        )
        notices.hold_placed(hold, actor)
        return hold


def lift_hold(*, actor: User, hold: Hold, reason: str, door: Door = Door.WEB) -> Hold:
    """Lift a hold that another person placed, of what one does not build. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="hold.lift", reason=reason):
        lock_system(hold.system_id, actor=actor)
        locked = Hold.objects.select_for_update(no_key=True, of=("self",)).select_related("system").get(pk=hold.pk)
        facts = queries.hold_facts(actor, locked)
        locked.state = HOLD.decide("lift", locked.state, allowed=allowed(actor, locked), facts=facts)
        checks.done()
        locked.lift_reason = reason
        locked.lifted_by = actor
        locked.lifted_at = portal_now()
        locked.save(update_fields=["state", "lift_reason", "lifted_by", "lifted_at"])
        notices.hold_lifted(locked, actor)
        return locked
