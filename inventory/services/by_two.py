"""How a decision of two people moves: locked, judged by its machine, and written with who, when and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from governance.access.models import User
from governance.access.vocabulary import BUILDING_ROLES, Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command
from governance.lifecycle import Conflict, Machine, Offer, Reason
from inventory import delegations
from inventory.lifecycle import ByTwoFacts
from inventory.models import Assignment, System, UnitClosure
from inventory.models.by_two import ByTwo
from inventory.rules import content_version
from inventory.services.permitted import allowed, require

LONGEST_REASON = 2000

R = TypeVar("R", bound=ByTwo)


def why(reason: str) -> str:
    """The reason as it is kept; none is not enough. Raises InvalidInput."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=LONGEST_REASON, required=True, lines=True)
    checks.done()
    return reason


@dataclass(frozen=True)
class Decisions(Generic[R]):
    """One kind of them: its table, its machine, who begins one, and what keeps one from being granted now."""

    model: type[R]
    machine: Machine[ByTwoFacts]
    begun_by: Callable[[R], int]
    blocked: Callable[[R], str]

    def version(self, row: R) -> str:
        """What a client has seen of it."""
        return content_version(self.machine.noun, row.pk, row.state)

    def offers(self, row: R, person: User) -> tuple[Offer, ...]:
        """Every verb the person could press on it, with what blocks it."""
        return self.machine.offered(row.state, allowed=allowed(person, row), facts=self._facts(person, row))

    def lock(self, row: R, actor: User, expected: str) -> R:
        """The row as it is now, behind its system. Raises NotVisible, Conflict `stale`."""
        system = System.objects.select_for_update(no_key=True).get(pk=row.system_id)
        locked = self.model._default_manager.select_for_update(no_key=True).get(pk=row.pk)
        locked.system = system
        require(actor, Permission.SYSTEM_VIEW, locked)
        if expected and expected != self.version(locked):
            raise Conflict(Reason("stale", "Somebody decided this in the meantime; look at it again."))
        return locked

    def decide(self, locked: R, actor: User, verb: str, reason: str) -> R:
        """Grant it or refuse it. Raises Forbidden, Conflict."""
        self._move(locked, actor, verb)
        locked.decided_by, locked.decided_at, locked.decision_reason = actor, portal_now(), reason
        locked.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        return locked

    def end(self, locked: R, actor: User | Command, verb: str, reason: str) -> R:
        """Let it be over. Raises Forbidden, Conflict."""
        self._move(locked, actor, verb)
        locked.ended_by = actor if isinstance(actor, User) else None
        locked.ended_at, locked.end_reason = portal_now(), reason
        locked.save(update_fields=["state", "ended_by", "ended_at", "end_reason"])
        return locked

    def _move(self, locked: R, actor: User | Command, verb: str) -> None:
        facts = self._facts(actor, locked)
        locked.state = self.machine.decide(verb, locked.state, allowed=allowed(actor, locked), facts=facts)

    def _facts(self, actor: User | Command, row: R) -> ByTwoFacts:
        above = UnitClosure.objects.filter(descendant=row.system.unit_id).values("ancestor")
        held = Assignment.objects.current().filter(role__in=BUILDING_ROLES)
        builders = held.filter(system=row.system_id) | held.filter(unit__in=above)
        return ByTwoFacts(
            actor_id=actor.pk if isinstance(actor, User) else 0, begun_by_id=self.begun_by(row),
            builder_ids=frozenset(builders.values_list("person_id", flat=True)), blocked=self.blocked(row),
            lent=self._lent(actor, row.system),
        )  # fmt: skip

    def _lent(self, actor: User | Command, system: System) -> dict[str, frozenset[int]]:
        """Who lent each right of this machine, where the person holds it for somebody else only."""
        if not isinstance(actor, User):
            return {}
        rights = {each.permission for each in self.machine.transitions.values()}
        return delegations.lenders(actor, rights, system.pk, system.unit_id)
