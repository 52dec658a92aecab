"""What somebody left of changes: follow-ups that were theirs, and requests of theirs that are not over."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from governance.access.models import User
from governance.changes.models import Change, FollowUp
from governance.changes.services.follow_ups import hand_over_follow_up
from governance.ledger.acting import Door
from governance.web.handing_over import LEGACIES, Left, Legacy

MOST = 200
CARRIED_ON = "Whoever owns or develops the system goes on with a change; who asked for it stays on record."
_LIVE = (Change.State.DRAFT, Change.State.IN_APPROVAL, Change.State.APPROVED, Change.State.IMPLEMENTED)


def follow_ups_of(person: User) -> Iterable[Left]:
    """Open follow-ups this person was to do."""
    theirs = FollowUp.objects.filter(owner=person, state=FollowUp.State.OPEN).select_related("system")
    for each in theirs.order_by("due", "pk")[:MOST]:
        yield Left(each.pk, each.title, reverse("changes:follow_up_detail", args=[each.pk]), each.system.name)


def give_follow_up(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Give it to somebody else."""
    follow_up = FollowUp.objects.get(pk=key)
    return hand_over_follow_up(actor=actor, follow_up=follow_up, owner=successor, reason=reason, door=door)


def changes_of(person: User) -> Iterable[Left]:
    """Changes this person asked for that are not over."""
    theirs = Change.objects.filter(requester=person, state__in=_LIVE).select_related("system")
    for each in theirs.order_by("pk")[:MOST]:
        page = reverse("changes:change_detail", args=[each.pk])
        yield Left(each.pk, each.title, page, f"{each.system.name}, {each.get_state_display().lower()}")


def register() -> None:
    """Say what is handed over of changes; called once at start."""
    LEGACIES.register(Legacy("follow-ups", "Follow-ups", follow_ups_of, give_follow_up, order=50))
    LEGACIES.register(Legacy("changes", "Changes they asked for", changes_of, otherwise=CARRIED_ON, order=60))
