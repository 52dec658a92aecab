"""The outbox: what others call when something happened that people should hear of.

    announce(
        Topic.HOLD_PLACED, hold, title=f"Hold on {hold.system}", href=reverse("inventory:system_detail", …),
        holders=[Permission.HOLD_LIFT], actor=actor,
    )

inside the transaction of the act. If the act is undone, nothing is told. Who is told is decided when it is sent: a
person who by then may not see the thing, or has closed the account, or does not want the topic, hears nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Model

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow
from governance.ledger.acting import Command
from governance.notify.models import Notice
from governance.notify.topics import Topic

TITLE, TEXT, HREF = 300, 2000, 500


def announce(
    topic: Topic,
    about: Model,
    *,
    title: str,
    href: str,
    people: Iterable[User] = (),
    holders: Sequence[Permission | str] = (),
    needs: Permission | str = Permission.SYSTEM_VIEW,
    actor: User | Command | None = None,
    text: str = "",
    due: datetime | None = None,
    stands: str = "",
    once: str = "",
) -> None:
    """Have `people`, and the holders of any right of `holders` on `about`, told of it; and the webhooks of the topic.

    Nobody is told who lacks `needs` then (where `holders` are named: each of those rights). The `actor` is not told
    of his own act. With `stands` people are told only while `about` is in that state. Two announcements with the same
    `once` are one. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{topic} was announced outside a transaction")
    notice = Notice(
        topic=topic, about_model=about._meta.label_lower, about_id=about.pk, title=one_line(title, TITLE),
        text=text[:TEXT], href=href[:HREF], due=due, people=sorted({person.pk for person in people}),
        state=stands, permissions=list(holders or [needs]), to_holders=bool(holders),
        actor=actor if isinstance(actor, User) else None,
        occurred_at=PortalNow(), once=_kept(once) if once else None,
    )  # fmt: skip
    Notice.objects.bulk_create([notice], ignore_conflicts=bool(once))


def announced(said: Iterable[str]) -> set[str]:
    """Those of these words `once` under which something was announced before."""
    words = {_kept(word): word for word in said}
    known = Notice.objects.filter(once__in=list(words)).values_list("once", flat=True)
    return {words[once] for once in known if once}


def _kept(once: str) -> str:
    return hashlib.sha256(once.encode()).hexdigest()


def one_line(text: str, limit: int) -> str:
    """The text as it may stand in a subject line: no line breaks, no control characters, not too long."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"
