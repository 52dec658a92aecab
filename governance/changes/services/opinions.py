"""What owners of dependent systems say to a change."""

from __future__ import annotations

from governance.access.models import User
from governance.access.rights import NotVisible, can
from governance.access.vocabulary import Permission
from governance.changes import notices
from governance.changes.lifecycle import decide_work
from governance.changes.models import Change, Opinion
from governance.changes.queries import dependants, facts_of
from governance.changes.services.moving import LONGEST_TEXT, lock_change, lock_unseen
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from inventory.models import System
from inventory.services.permitted import allowed, require


def answer_change(
    *, actor: User, change: Change, system: System, agrees: bool, comment: str = "", door: Door = Door.WEB
) -> Opinion:
    """Say as an owner of a dependent system whether it can live with a change; who objects says why.

    The owner need not see the change: one that reaches their system is theirs to answer once it is put up. Raises
    InvalidInput for a system the change does not reach, Forbidden, NotVisible, Conflict once it is decided.
    """
    with acting(actor, door=door, verb="change.answer", reason=comment[:500] if isinstance(comment, str) else ""):
        locked = _locked(change, actor, system)
        require(actor, Permission.CHANGE_ANSWER, system)
        decide_work("answer", locked.state, allowed=allowed(actor, system), facts=facts_of(actor, locked))
        checks = Checks()
        kept = checks.text("comment", comment, limit=LONGEST_TEXT, lines=True, required=not agrees)
        if system.pk not in {one.id for one in dependants(actor, locked).systems}:
            checks.refuse("system", "Is not one this change reaches.")
        checks.done()
        opinion = Opinion.objects.create(
            change=locked, system=system, person=actor, agrees=agrees, comment=kept, at=portal_now()
        )
        notices.answered(opinion, actor)
        return opinion


def _locked(change: Change, actor: User, system: System) -> Change:
    """The change under its lock, if the actor may see it or it asks them about their system. Raises NotVisible."""
    if can(actor, Permission.SYSTEM_VIEW, change):
        return lock_change(change, actor=actor)
    require(actor, Permission.SYSTEM_VIEW, system)
    locked = lock_unseen(change)
    reached = {one.id for one in dependants(actor, locked).systems}
    if locked.state == Change.State.DRAFT or system.pk not in reached:
        raise NotVisible
    return locked
