"""Closing a person: the account, its tokens and sessions, and every role on systems and units, at once."""

from __future__ import annotations

from governance.access.models import User
from governance.access.services.people import close_account
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from inventory.models import Assignment
from inventory.services.assignments import end_now


def close_person(*, actor: User | Command, person: User, reason: str, door: Door = Door.WEB) -> User:
    """Close an account and end its roles; what the person did and signed stays theirs.

    Raises what `close_account` raises.
    """
    with acting(actor, door=door, verb="person.close", reason=reason):
        closed = close_account(actor=actor, person=person, reason=reason, door=door)
        now = portal_now()
        ended_by = actor if isinstance(actor, User) else None
        for assignment in Assignment.objects.unended().filter(person=closed).select_for_update(of=["self"]):
            end_now(assignment, ended_by, now)
    return closed
