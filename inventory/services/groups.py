"""Roles on units that follow the groups of single sign-on: given with the group, ended without it."""

from __future__ import annotations

from collections.abc import Sequence

from governance.access.models import User
from governance.access.structure import GroupRole
from governance.ledger.acting import Command, Door
from governance.lifecycle import Conflict, Reason, Refusal
from inventory.models import Assignment, Unit
from inventory.services.assignments import assign, end_assignment

ACTOR = Command("single_sign_on")
MARK = "Group of single sign-on: "


def follow_groups(person: User, wanted: Sequence[GroupRole]) -> list[Refusal]:
    """End what no group gives any more, then give what is new; returns what was refused. Each change stands alone.

    Only roles that single sign-on gave are ended; what somebody gave by hand stays theirs to end.
    """
    refused: list[Refusal] = []
    asked = {(role.role, role.unit): role.group for role in wanted}
    own = Assignment.objects.unended().filter(person=person, unit__isnull=False, delegated_from=None)
    standing = {(each.role, each.unit.slug if each.unit else ""): each for each in own.select_related("unit")}
    for place, assignment in standing.items():
        if place not in asked and assignment.assigned_by_id is None and assignment.reason.startswith(MARK):
            try:
                end_assignment(actor=ACTOR, assignment=assignment, reason="The group is gone.", door=Door.WEB)
            except Refusal as refusal:
                refused.append(refusal)
    for (role, slug), group in asked.items():
        if (role, slug) in standing:
            continue
        unit = Unit.objects.filter(slug=slug).first()
        if unit is None:
            refused.append(Conflict(Reason("state", f"There is no unit “{slug}”.")))
            continue
        try:
            assign(actor=ACTOR, person=person, role=role, unit=unit, reason=f"{MARK}{group}"[:500], door=Door.WEB)
        except Refusal as refusal:
            refused.append(refusal)
    return refused
