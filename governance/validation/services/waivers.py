"""Waivers: ask for an exception, grant, refuse, withdraw, take back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.policy.queries import rules_in_force
from governance.policy.waiving import refused, waivable
from governance.validation import notices, queries
from governance.validation.lifecycle import WAIVER
from governance.validation.models import Waiver
from governance.validation.services.locks import lock_system
from inventory.models import System
from inventory.services.permitted import allowed, require


def request_waiver(
    *,
    actor: User,
    system: System,
    requirement: str,
    reason: str,
    until: datetime | None,
    environment: str = "",
    together: UUID | None = None,
    reach: str = "",
    told: bool = True,
    door: Door = Door.WEB,
) -> Waiver:
    """Ask for an exception to one waivable requirement, in one environment or (empty) in all, until an instant.

    `together` and `reach` mark one of many asked for in one go; without `told` nobody is written to about it.
    Raises InvalidInput, Forbidden, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="waiver.request", reason=reason):
        locked = lock_system(system.pk, actor=actor)
        require(actor, Permission.WAIVER_REQUEST, locked)
        _, rules = rules_in_force()
        titles = {line.id: line.title for line in waivable(rules.document)}
        requirement = checks.choice("requirement", requirement, titles)
        if environment:
            environment = checks.choice("environment", environment, [each.id for each in rules.document.environments])
        now = portal_now()
        if until is None:
            checks.refuse("until", "An exception needs an end.")
        elif checks.instant("until", until) is not None and until <= now:
            checks.refuse("until", "Must lie in the future.")
        elif requirement and (sentence := refused(rules.document, requirement, until, now)):
            checks.refuse("until", sentence)
        checks.done()
        assert until is not None  # noqa: S101  checked above
        waiver = Waiver.objects.create(
            system=locked, requirement=requirement, title=titles[requirement], environment=environment, reason=reason,
            until=until, requested_by=actor, requested_at=now, together=together, reach=reach[:300],
        )  # fmt: skip
        if told:
            notices.waiver_asked(waiver, actor)
        return waiver


def grant_waiver(*, actor: User, waiver: Waiver, reason: str, told: bool = True, door: Door = Door.WEB) -> Waiver:
    """Grant it; neither who asked nor who builds the system. Raises InvalidInput, Forbidden, Conflict."""
    return _decide(actor, waiver, "grant", reason, told, door)


def refuse_waiver(*, actor: User, waiver: Waiver, reason: str, told: bool = True, door: Door = Door.WEB) -> Waiver:
    """Refuse it, saying why. Raises as grant does."""
    return _decide(actor, waiver, "refuse", reason, told, door)


def withdraw_waiver(*, actor: User, waiver: Waiver, reason: str = "", door: Door = Door.WEB) -> Waiver:
    """Take a request back that one made oneself. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, lines=True)
    with acting(actor, door=door, verb="waiver.withdraw", reason=reason):
        locked = _moved(actor, waiver, "withdraw")
        checks.done()
        locked.save(update_fields=["state"])
        return locked


def revoke_waiver(*, actor: User, waiver: Waiver, reason: str, door: Door = Door.WEB) -> Waiver:
    """End a granted exception now, saying why. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="waiver.revoke", reason=reason):
        locked = _moved(actor, waiver, "revoke")
        checks.done()
        locked.revoked_by, locked.revoked_at, locked.revoke_reason = actor, portal_now(), reason
        locked.save(update_fields=["state", "revoked_by", "revoked_at", "revoke_reason"])
        notices.waiver_decided(locked, actor, reason)
        return locked


def _decide(actor: User, waiver: Waiver, verb: str, reason: str, told: bool, door: Door) -> Waiver:
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb=f"waiver.{verb}", reason=reason):
        locked = _moved(actor, waiver, verb)
        checks.done()
        locked.decided_by, locked.decided_at, locked.decision_reason = actor, portal_now(), reason
        locked.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        if told:
            notices.waiver_decided(locked, actor, reason)
        return locked


def _moved(actor: User, waiver: Waiver, verb: str) -> Waiver:
    """The waiver, locked after its system and moved in memory; the caller writes it."""
    lock_system(waiver.system_id, actor=actor)
    locked = Waiver.objects.select_for_update(no_key=True, of=("self",)).select_related("system").get(pk=waiver.pk)
    locked.state = WAIVER.decide(
        verb, locked.state, allowed=allowed(actor, locked), facts=queries.waiver_facts(actor, locked)
    )
    return locked
