"""Who hears of what happens to a change, by mail and by webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes import agreement
from governance.changes.models import Change, Opinion
from governance.notify.outbox import announce
from governance.notify.topics import Topic

_DECIDED = {
    "approve": "approved",
    "return": "sent back",
    "reject": "rejected",
    "ratify": "ratified",
    "refuse": "refused",
}


def asked(change: Change, actor: User) -> None:
    """A request waits for whoever may approve it, and owners of the systems it reaches say what they think of it."""
    _tell(Topic.CHANGE_ASKED, change, actor, "", holders=[Permission.CHANGE_APPROVE])
    why = "Something a system of yours depends on is to change. Say whether it can live with that."
    _tell_reached(change, actor, " is asked for", why, stands=change.state)


def answered(opinion: Opinion, actor: User) -> None:
    """What an owner says to a change is told to whoever asked for it, and an objection to whoever decides on it."""
    change = opinion.change
    how = f": an owner {'agrees' if opinion.agrees else 'objects'}"
    people = [change.requester, *agreement.owners_of_its_system(change)]
    _tell(Topic.CHANGE_ANSWERED, change, actor, how, people=people)
    if not opinion.agrees and change.state == Change.State.IN_APPROVAL:
        _tell(Topic.CHANGE_ANSWERED, change, actor, how, holders=[Permission.CHANGE_APPROVE])


def decided(change: Change, actor: User, verb: str, words: str) -> None:
    """Whoever asked and whoever answers for the system hear what was decided, and why; all reached, when it is done."""
    people = [change.requester, *agreement.owners_of_its_system(change)]
    _tell(Topic.CHANGE_DECIDED, change, actor, f" is {_DECIDED[verb]}", people=people, text=words)
    if verb == "approve":
        _tell_reached(change, actor, " is approved", "It is carried out in its planned window.")


def carried_out(change: Change, actor: User) -> None:
    """A change waits for whoever verifies it; an emergency first for whoever ratifies it. All it reaches hear of it."""
    due = change.ratification == Change.Ratification.DUE
    holders = [Permission.CHANGE_APPROVE if due else Permission.CHANGE_VERIFY]
    _tell(
        Topic.CHANGE_DONE, change, actor, " is carried out", holders=holders,
        due=change.ratify_due if due else change.verify_due,
    )  # fmt: skip
    how = " is carried out in an emergency" if due else " is carried out"
    _tell_reached(change, actor, how, "Look whether your system still works as it should.")


def ended(change: Change, actor: User, words: str) -> None:
    """Whoever asked, answers for the system or decided hears that it works, or, with all reached, that it does not."""
    works = change.state == Change.State.CLOSED
    how = " is verified" if works else " is rolled back"
    deciders = [person for person in (change.decided_by, change.ratified_by) if person is not None]
    people = [change.requester, *agreement.owners_of_its_system(change), *deciders]
    _tell(Topic.CHANGE_CLOSED, change, actor, how, people=people, text=words)
    if not works:
        _tell_reached(change, actor, how, "Look whether your system still works as it should.")


def _tell_reached(change: Change, actor: User, how: str, text: str, *, stands: str = "") -> None:
    """Owners of the systems it reaches, as far as they may see the change: one message, however many systems."""
    people = agreement.owners_reached(change)
    if people:
        window = change.planned_from if change.implemented_at is None else None
        _tell(Topic.CHANGE_REACHES, change, actor, how, people=people, text=text, due=window, stands=stands)
    _tell_below(change, actor, how, text)


def _tell_below(change: Change, actor: User, how: str, text: str) -> None:
    """Owners who may not see what changes hear that something below their own system does, and no name."""
    window = change.planned_from if change.implemented_at is None else None
    for system, people in agreement.asked_unseen(change).items():
        asked = change.state == Change.State.IN_APPROVAL
        page = reverse("changes:reached_answer", args=[system.slug, change.pk])
        announce(
            Topic.CHANGE_REACHES, system, title=f"Change below {system}{how}: CHG-{change.pk}", actor=actor,
            people=people, text=text, due=window,
            href=page if asked else reverse("inventory:system_detail", args=[system.slug]),
        )  # fmt: skip


def _tell(
    topic: Topic,
    change: Change,
    actor: User,
    how: str,
    *,
    people: Sequence[User] = (),
    holders: Sequence[Permission] = (),
    text: str = "",
    due: datetime | None = None,
    stands: str = "",
) -> None:
    announce(
        topic, change, title=f"Change of {change.system}{how}: {change.title}", actor=actor, people=people,
        href=reverse("changes:change_detail", args=[change.pk]), holders=holders, text=text, due=due,
        stands=change.state if holders else stands,
    )  # fmt: skip
