"""Lending a role for a while: who is away says who stands in, and for how long. The right comes from the assignment."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import DELEGABLE_ROLES, Role
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from inventory import delegations
from inventory.models import Assignment, System
from inventory.services.assignments import end_assignment, locked_place, refuse_second

NOT_YOURS = "A role is delegated by the person who holds it."
NOT_ON = "This role was delegated to you; a delegated role is not delegated on. Its holder can choose somebody else."
NO_SIGNING_ROLE = "Only roles that sign stages are delegated."


def delegate(
    *,
    actor: User,
    assignment: Assignment,
    person: User | None,
    until: datetime | None,
    since: datetime | None = None,
    reason: str = "",
    door: Door = Door.WEB,
) -> Assignment:
    """Lend a role one holds, where one holds it, to another person from then (now, if no time is given) until then.

    It gives a right only while it runs and while the lender holds the role, and ends with either account. Whether the
    other person is independent is judged at each thing they do. Raises InvalidInput, Forbidden (somebody else's role,
    `delegation.onward`), Conflict (`state`, `duplicate`, `sod.roles`, `blocked` when the policy lends nothing).
    """
    with acting(actor, door=door, verb="assignment.delegate", reason=reason):
        place = locked_place(assignment.system, assignment.unit)
        source = Assignment.objects.select_for_update(of=["self"]).select_related("person").get(pk=assignment.pk)
        refuse_unlendable(actor, source)
        now = portal_now()
        since = since or now
        reason = _checked(actor, source, person, since, until, now, reason)
        assert person is not None  # noqa: S101  refused above
        _refuse_unfit(source, person, place, since, until)
        lent = Assignment.objects.create(
            person=person, role=source.role, system=source.system, unit=source.unit, since=since, until=until,
            assigned_by=actor, reason=reason, delegated_from=source,
        )  # fmt: skip
        _tell(lent, [person], actor, f"{actor} delegated to you: {lent.get_role_display()} of {place}", reason)
        return lent


def end_delegation(*, actor: User, assignment: Assignment, reason: str = "", door: Door = Door.WEB) -> Assignment:
    """End a delegation now: the lender, who it was lent to, or who may end the role. Raises Conflict `state`."""
    with acting(actor, door=door, verb="assignment.end", reason=reason):
        ended = end_assignment(actor=actor, assignment=assignment, reason=reason, door=door)
        assert ended.delegator is not None  # noqa: S101  delegations only
        place = ended.system or ended.unit
        _tell(
            ended, [ended.person, ended.delegator], actor,
            f"Delegation ended: {ended.get_role_display()} of {place} for {ended.delegator}", reason,
        )  # fmt: skip
        return ended


def refuse_unlendable(actor: User, source: Assignment) -> None:
    """Raise Forbidden unless it is a signing role this person holds in their own right."""
    if source.person_id != actor.pk:
        raise Forbidden(Reason("forbidden", NOT_YOURS))
    if source.delegated_from_id is not None:
        raise Forbidden(Reason("delegation.onward", NOT_ON))
    if Role(source.role) not in DELEGABLE_ROLES:
        raise Forbidden(Reason("forbidden", NO_SIGNING_ROLE))


def _checked(
    actor: User,
    source: Assignment,
    person: User | None,
    since: datetime,
    until: datetime | None,
    now: datetime,
    reason: str,
) -> str:
    """The reason as it is kept. Raises InvalidInput for what cannot be, Conflict where nothing may be lent now."""
    if source.since > now or (source.until is not None and source.until <= now):
        raise Conflict(Reason("state", "This role does not run now; only a running one is delegated."))
    most = delegations.longest()
    if most is None:
        raise Conflict(Reason("blocked", "The policy in force lets nobody delegate a role."))
    checks = Checks()
    if person is None or person.kind != User.Kind.HUMAN or not person.is_active or person.closed_at is not None:
        checks.refuse("person", "Name somebody with an open account.")
    elif person.pk == actor.pk:
        checks.refuse("person", "Name somebody else.")
    if checks.instant("since", since) is not None and since < now:
        checks.refuse("since", "Begins now or later.")
    ends = checks.instant("until", until)
    if ends is None:
        checks.refuse("until", "Say until when: a delegation always ends.")
    elif ends <= since:
        checks.refuse("until", "Ends after it begins.")
    elif ends > delegations.latest(since, source, most):
        limit = f"At most {most.days} days, as the policy in force says"
        checks.refuse("until", f"{limit}, and no longer than your own role." if source.until else f"{limit}.")
    reason = checks.text("reason", reason, limit=500)
    checks.done()
    return reason


def _refuse_unfit(source: Assignment, person: User, place: object, since: datetime, until: datetime | None) -> None:
    """Refuse whom it cannot be lent to here, and a second delegate for the same time."""
    standing = Assignment.objects.unended().filter(system=source.system, unit=source.unit)
    refuse_second(person, source.role, list(standing.select_for_update(of=["self"])))
    if isinstance(place, System) and (recused := rights.building(person, place)):
        raise Conflict(Reason("sod.roles", f"{person} {recused} this system and cannot review it."))
    beside = standing.filter(delegated_from=source, since__lt=until, until__gt=since).select_related("person").first()
    if beside is not None:
        raise Conflict(Reason("duplicate", f"This role is delegated to {beside.person} for that time; end that first."))


def _tell(lent: Assignment, people: list[User], actor: User, title: str, reason: str) -> None:
    announce(
        Topic.ROLE_DELEGATED, lent, title=title, href=reverse("inventory:delegation_list"), people=people,
        actor=actor, text=reason,
    )  # fmt: skip
