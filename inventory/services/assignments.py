"""Roles: given on a system or a unit, handed over, ended. Assignments are the only source of rights on systems."""

from __future__ import annotations

from datetime import datetime

from governance.access.models import User
from governance.access.vocabulary import BUILDING_ROLES, REVIEWING_ROLES, Permission, Role
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.models import Assignment, System, Unit
from inventory.refusals import BUILDS_AND_REVIEWS, TO_ONESELF
from inventory.services.permitted import allowed, require


def assign(
    *,
    actor: User | Command,
    person: User,
    role: str,
    system: System | None = None,
    unit: Unit | None = None,
    until: datetime | None = None,
    reason: str = "",
    beside: bool = False,
    door: Door = Door.WEB,
) -> Assignment:
    """Give a person a role on a system, or on a unit and everything below it, from now on.

    A new owner takes over: the previous owner's assignment ends at the same instant. Needs assignment.change, or
    assignment.developer for developers. Raises InvalidInput, Forbidden `sod.self`, Conflict `sod.roles` when the
    person already stands on the other side of a review there, `sod.signed` when the person signed what still counts,
    `duplicate` when the person has the role already, unless it is given `beside` that one: by what ends the role it
    gave and must not hang on when another ends.
    """
    with acting(actor, door=door, verb="assignment.create", reason=reason):
        place = locked_place(system, unit)
        _may_give(actor, role, place)
        now = portal_now()
        reason = _checked(person, role, system, until, now, reason)
        if isinstance(actor, User) and actor.pk == person.pk:
            raise Forbidden(Reason("sod.self", TO_ONESELF))
        standing = list(Assignment.objects.unended().filter(system=system, unit=unit).select_for_update(of=["self"]))
        refuse_second(person, role, standing, beside=beside)
        giver = actor if isinstance(actor, User) else None
        if role == Role.OWNER:
            for predecessor in (other for other in standing if other.role == Role.OWNER):
                end_now(predecessor, giver, now)
        return Assignment.objects.create(
            person=person,
            role=role,
            system=system,
            unit=unit,
            since=now,
            until=until,
            assigned_by=giver,
            reason=reason,
        )


def end_assignment(
    *, actor: User | Command, assignment: Assignment, reason: str = "", door: Door = Door.WEB
) -> Assignment:
    """End a role now, and what is lent of it; one that has not begun never will. Who may give a role may end it, and
    the two people of a delegation may end that.

    Raises Conflict `state` when it has ended already.
    """
    with acting(actor, door=door, verb="assignment.end", reason=reason):
        place = locked_place(assignment.system, assignment.unit)
        locked = (
            Assignment.objects.select_for_update(of=["self"])
            .select_related("delegated_from__person")
            .get(pk=assignment.pk)
        )
        if locked.delegated_from is None or actor not in (locked.person, locked.delegated_from.person):
            _may_give(actor, assignment.role, place)
        now = portal_now()
        if locked.until is not None and locked.until <= now:
            raise Conflict(Reason("state", "This role has ended already."))
        end_now(locked, actor if isinstance(actor, User) else None, now)
    return locked


def locked_place(system: System | None, unit: Unit | None) -> System | Unit:
    """Lock where the role stands. Raises InvalidInput unless it is one system or one unit."""
    if system is not None and unit is None:
        return System.objects.select_for_update(no_key=True).get(pk=system.pk)
    checks = Checks()
    if unit is None or system is not None:
        checks.refuse("system", "Name one system or one unit.")
    checks.done()
    assert unit is not None  # noqa: S101  refused above
    return Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)


def _may_give(actor: User | Command, role: str, place: System | Unit) -> None:
    if role == Role.DEVELOPER and Permission.ASSIGNMENT_DEVELOPER in allowed(actor, place):
        return
    require(actor, Permission.ASSIGNMENT_CHANGE, place)


def _checked(person: User, role: str, system: System | None, until: datetime | None, now: datetime, reason: str) -> str:
    checks = Checks()
    checks.choice("role", role, frozenset(Assignment.Roles.values))
    if role == Role.OWNER and system is None:
        checks.refuse("role", "A system has an owner; a unit has none.")
    if person.kind != User.Kind.HUMAN:
        checks.refuse("person", "Only people hold roles; a machine has the scopes of its token.")
    elif not person.is_active or person.closed_at is not None:
        checks.refuse("person", "This account is closed.")
    until = checks.instant("until", until)
    if until is not None and until <= now:
        checks.refuse("until", "Must be in the future.")
    reason = checks.text("reason", reason, limit=500)
    checks.done()
    return reason


def refuse_second(person: User, role: str, standing: list[Assignment], *, beside: bool = False) -> None:
    """Refuse a role the person has here already (unless `beside` it), and one on the other side of a review.

    The database judges the second again when the transaction is sealed, so that two at once cannot both pass.
    """
    held = [other for other in standing if other.person_id == person.pk]
    roles = {other.role for other in held}
    if not beside and role in {other.role for other in held if other.delegated_from_id is None}:
        raise Conflict(Reason("duplicate", f"{person} has this role here already."))
    other_side = REVIEWING_ROLES if role in BUILDING_ROLES else BUILDING_ROLES if role in REVIEWING_ROLES else ()
    if roles & set(other_side) and standing[0].system_id is not None:
        raise Conflict(Reason("sod.roles", BUILDS_AND_REVIEWS))


def end_now(assignment: Assignment, ended_by: User | None, now: datetime) -> None:
    """End an assignment, locked before, and every delegation of it."""
    lent = Assignment.objects.unended().filter(delegated_from=assignment).select_for_update(of=["self"])
    for each in (assignment, *lent):
        each.until = max(now, each.since)
        each.ended_by = ended_by
        each.save(update_fields=["until", "ended_by"])
