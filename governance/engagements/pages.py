"""What engagements add to pages of others: a card of systems, items of My work, dates, navigation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow
from governance.engagements import queries
from governance.engagements.models import AuditFinding, Member
from governance.web import slots
from governance.web.slots import Group, Place, WorkItem
from inventory.models import System

MOST = 50
DATED = 500
STEPS = {
    "report": "Hand in the report", "lead": "Name who leads the audit", "start": "Begin the audit",
    "late": "See that the report comes in", "judge": "Name somebody who judges the answers",
    "close": "Settle the audit", "again": "Plan the next audit",
}  # fmt: skip


def system_card(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """Audits that look at the system, and what they found that is not settled."""
    audits = list(queries.engagements().filter(covered__system=system).order_by("-id")[:5])
    waiting = queries.findings().filter(system=system, state__in=queries.UNSETTLED).order_by("due")
    return {"audits": audits, "findings": list(waiting[:MOST])} if audits else None


def _to_answer(person: User) -> QuerySet[AuditFinding]:
    waiting = queries.findings().filter(state=AuditFinding.State.OPEN).order_by("due")
    return rights.visible(person, waiting, Permission.FINDING_RESPOND)


def _item(finding: AuditFinding, action: str) -> WorkItem:
    return WorkItem(
        str(finding), reverse("engagements:finding_detail", args=[finding.pk]), action,
        about=f"{finding.system.name} · {finding.engagement}", since=finding.raised_at, due=finding.due, icon="flag",
    )  # fmt: skip


def waiting(person: User) -> Iterable[WorkItem]:
    """Findings to answer, answers to judge, and audits to report on, or to run."""
    for finding in _to_answer(person)[:MOST]:
        yield _item(finding, "Answer the audit")
    mine = Member.objects.filter(person=person, left_at=None, until__gt=PortalNow())
    answered = queries.findings().filter(
        state=AuditFinding.State.ANSWERED, engagement__in=mine.values("engagement")
    ).exclude(responded_by=person)  # fmt: skip
    for finding in answered.order_by("due")[:MOST]:
        yield _item(finding, "Say whether the answer settles it")
    # A report that is not late waits for the lead alone.
    yield from _moves(queries.to_move(person).exclude(step="late", due__gt=PortalNow()))


def _moves(audits: QuerySet[Any], most: int = MOST) -> Iterable[WorkItem]:
    for audit in audits[:most]:
        page = reverse("engagements:engagement_detail", args=[audit.pk])
        yield WorkItem(str(audit), page, STEPS[audit.step], since=audit.reported_at, due=audit.due, icon="file-text")


def due_soon(person: User) -> Iterable[WorkItem]:
    """Findings of audits that fall due, and audits to move on by then."""
    soon = PortalNow() + queries.SOON
    for finding in _to_answer(person).filter(due__lte=soon)[: slots.READ]:
        yield _item(finding, "Answer the audit")
    yield from _moves(queries.to_move(person).filter(due__lte=soon), slots.READ)


def dates(person: User, since: datetime, until: datetime) -> Iterable[slots.Dated]:
    """Audits that end, of systems the person sees; their next dates are follow-up work."""
    running = queries.engagements().filter(state__in=queries.RUNNING, ends_at__gte=since, ends_at__lt=until)
    for audit in queries.seen_by(person, running).order_by("ends_at")[:DATED]:
        page = reverse("engagements:engagement_detail", args=[audit.pk])
        yield slots.Dated(audit.ends_at, str(audit), page, "the audit ends")


def _anybody(person: User) -> bool:
    """The list shows each person what they may see."""
    return True


def register() -> None:
    """Fill the slots; called once at start."""
    card = slots.Panel("system-engagements", Place.SYSTEM, "engagements/_card.html", system_card, order=37)
    slots.PANELS.register(card)
    slots.WORK.register(slots.WorkSource("engagements", Group.WAITING, waiting, order=35))
    slots.WORK.register(slots.WorkSource("engagements-due", Group.DUE, due_soon, order=35))
    slots.DATES.register(slots.DateSource("engagements", dates, order=30))
    slots.NAVIGATION.register(
        slots.Entry("engagements", "Audits", "engagements:engagement_list", "zoom-question", _anybody, order=48)
    )
