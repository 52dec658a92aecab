"""Waivers for a unit or a tier: one request, shown beforehand, becomes an exception for each system it reaches.

Nothing joins later: a system that comes into the unit or the tier afterwards was never looked at, so no exception
covers it. Each system's exception is judged at the gate, decided and sealed as any other.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.validation import notices
from governance.validation.models import Waiver
from governance.validation.reach import Reached, reached
from governance.validation.services.waivers import grant_waiver, refuse_waiver, request_waiver
from inventory.models import Unit
from inventory.services.permitted import require

MOST = 200
_DECIDED = {"grant": grant_waiver, "refuse": refuse_waiver}


def request_waivers(
    *,
    actor: User,
    unit: Unit | None,
    tier: str,
    requirement: str,
    reason: str,
    until: datetime | None,
    seen: str,
    environment: str = "",
    door: Door = Door.WEB,
) -> list[Waiver]:
    """Ask for an exception for every system of a unit, a tier, or a tier within a unit, that the person may ask for.

    `seen` is the digest of the preview: which systems the person was shown. Raises InvalidInput, Conflict `stale` when
    it reaches others by now, Conflict `nobody` when it reaches none.
    """
    with acting(actor, door=door, verb="waiver.request", reason=reason):
        found = reached(actor, unit, tier, most=MOST)
        refuse_unseen(found, seen)
        together, told = uuid4(), set[int]()
        made = []
        for system in found.systems:
            made.append(
                request_waiver(
                    actor=actor, system=system, requirement=requirement, reason=reason, until=until,
                    environment=environment, together=together, reach=found.words, told=system.unit_id not in told,
                    door=door,
                )
            )  # fmt: skip
            told.add(system.unit_id)
        return made


def refuse_unseen(found: Reached, seen: str) -> None:
    """Raise where a request cannot be made as it was shown."""
    checks = Checks()
    if not found.words:
        checks.refuse("unit", "Name a unit, a tier, or both.")
    if found.more:
        checks.refuse("unit", f"It reaches more than {MOST} systems; ask for less at once.")
    checks.done()
    if not found.systems:
        raise Conflict(Reason("nobody", "It reaches no system you may ask an exception for."))
    if seen != found.digest:
        raise Conflict(Reason("stale", "Look at which systems it reaches, then ask."))


def decide_waivers(*, actor: User, together: UUID, verb: str, reason: str, door: Door = Door.WEB) -> list[Waiver]:
    """Grant or refuse all that were asked for together and still wait; all of them or none.

    Raises Forbidden where the person may not decide one of them, Conflict where none waits, InvalidInput.
    """
    with acting(actor, door=door, verb=f"waiver.{verb}", reason=reason):
        waiting = list(
            Waiver.objects.filter(together=together, state=Waiver.State.REQUESTED)
            .select_related("system")
            .order_by("system_id", "id")
        )
        for waiver in waiting:
            require(actor, Permission.SYSTEM_VIEW, waiver.system)
        if not waiting:
            raise Conflict(Reason("state", "None of them waits for a decision."))
        decided = [
            _DECIDED[verb](actor=actor, waiver=waiver, reason=reason, told=False, door=door) for waiver in waiting
        ]
        notices.waiver_decided(decided[0], actor, reason, together=True)
        return decided
