"""Who hears of what happens to a change, by mail and by webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes.models import Change
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
    """A request waits for whoever may approve it."""
    _tell(Topic.CHANGE_ASKED, change, actor, "", holders=[Permission.CHANGE_APPROVE])


def decided(change: Change, actor: User, verb: str, words: str) -> None:
    """Whoever asked hears what was decided, and why."""
    _tell(Topic.CHANGE_DECIDED, change, actor, f" is {_DECIDED[verb]}", people=[change.requester], text=words)


def carried_out(change: Change, actor: User) -> None:
    """A change waits for whoever verifies it; an emergency first for whoever ratifies it."""
    due = change.ratification == Change.Ratification.DUE
    holders = [Permission.CHANGE_APPROVE if due else Permission.CHANGE_VERIFY]
    _tell(Topic.CHANGE_DONE, change, actor, " is carried out", holders=holders)


def ended(change: Change, actor: User, words: str) -> None:
    """Whoever asked hears that it works, or that it was rolled back."""
    how = " is verified" if change.state == Change.State.CLOSED else " is rolled back"
    _tell(Topic.CHANGE_CLOSED, change, actor, how, people=[change.requester], text=words)


def _tell(
    topic: Topic,
    change: Change,
    actor: User,
    how: str,
    *,
    people: Sequence[User] = (),
    holders: Sequence[Permission] = (),
    text: str = "",
) -> None:
    announce(
        topic, change, title=f"Change of {change.system}{how}: {change.title}", actor=actor, people=people,
        href=reverse("changes:change_detail", args=[change.pk]), holders=holders, text=text,
        stands=change.state if holders else "",
    )  # fmt: skip
