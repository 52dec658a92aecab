"""What changes add to pages of others: cards and buttons of systems and releases, items of My work, navigation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes import agreement, queries
from governance.changes.listing import CHANGES
from governance.changes.models import Change, FollowUp
from governance.database.clock import PortalNow
from governance.policy.drift import content_of
from governance.validation.models import Review, Submission
from governance.validation.services.routes import envelope_of, last_reviewed
from governance.web import slots
from governance.web.lists import LISTINGS
from governance.web.slots import Action, Group, Place, WorkItem
from inventory.dependencies import Stopped, stopped_below
from inventory.models import Release, System

SOON = timedelta(days=30)
MOST = 50
DATED = 2000
SHOWN = 5
_S, _R = Change.State, Change.Ratification
_SETTLED = Q(ratification__in=[_R.NONE, _R.RATIFIED])
_TO_DECIDE = Q(state=_S.IN_APPROVAL) | Q(ratification=_R.DUE)
_TO_VERIFY = Q(state=_S.IMPLEMENTED) & _SETTLED
_TO_DO = Q(state=_S.APPROVED) | Q(state=_S.IMPLEMENTED, ratification=_R.REFUSED)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def system_actions(request: HttpRequest, system: System) -> Iterable[Action]:
    """Ask for a change."""
    if rights.can(_person(request), Permission.CHANGE_RAISE, system):
        href = reverse("changes:change_create", args=[system.slug])
        yield Action("Ask for a change", href, "arrows-diff", link=True)


def system_card(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """What changes: the newest requests of the system."""
    newest = list(queries.changes().filter(system=system)[:SHOWN])
    return {"changes": newest, "system": system} if newest else None


def system_tab(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """The changes of the system, and what may ship inside the envelope of its last full review."""
    carrier = last_reviewed(system)
    stands = carrier is not None and carrier.release.state == Release.State.APPROVED
    return {
        "changes": list(queries.changes().filter(system=system)[:MOST]), "system": system, "carrier": carrier,
        "envelope": envelope_of(carrier) if carrier is not None and stands else {},
    }  # fmt: skip


def follow_up_card(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """What has to be followed up on the system, what falls due first."""
    waiting = (
        queries.follow_ups()
        .filter(system=system, state=FollowUp.State.OPEN)
        .order_by(F("due").asc(nulls_last=True), "pk")
    )
    found = list(waiting[:SHOWN])
    return {"follow_ups": found, "system": system} if found else None


def release_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Changes the release carries out or is gone back to."""
    found = list(queries.of_release(release)[:MOST])
    return {"changes": found, "system": release.system} if found else None


def release_drift(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """What differs from the release approved last, before a release is approved itself."""
    if release.state not in (Release.State.DRAFT, Release.State.IN_REVIEW):
        return None
    drift = queries.drift_of(release)
    return {"drift": drift} if drift and drift.found else None


def review_drift(request: HttpRequest, review: Review) -> Mapping[str, Any] | None:
    """The same for reviewers, of the frozen package."""
    package = review.submission
    if package.state != Submission.State.OPEN:
        return None
    drift = queries.drift_of(package.release, content_of(json.loads(package.manifest)))
    return {"drift": drift} if drift and drift.found else None


def _item(change: Change, action: str, due: datetime | None = None) -> WorkItem:
    return WorkItem(
        str(change), reverse("changes:change_detail", args=[change.pk]), action,
        about=f"{change.system.name} · {change.get_materiality_display()}", since=change.updated_at, due=due,
        icon="arrows-diff",
    )  # fmt: skip


def _waiting(person: User, wanted: Q, permission: Permission) -> QuerySet[Change]:
    listed = Change.objects.select_related("system").filter(wanted).order_by("-id")
    return rights.visible(person, listed, permission)


def _to_decide(person: User) -> QuerySet[Change]:
    """Requests this person may decide on, having had no hand in them."""
    return _waiting(person, _TO_DECIDE, Permission.CHANGE_APPROVE).exclude(contributions__person=person)


def _to_verify(person: User) -> QuerySet[Change]:
    """Changes this person may verify, having had no hand in them."""
    return _waiting(person, _TO_VERIFY, Permission.CHANGE_VERIFY).exclude(contributions__person=person)


def _to_do(person: User) -> QuerySet[Change]:
    """Approved changes this person may carry out, and refused ones they have to roll back."""
    return _waiting(person, _TO_DO, Permission.CHANGE_IMPLEMENT)


def decisions_waiting(person: User) -> Iterable[WorkItem]:
    """Changes to approve, or to ratify."""
    for change in _to_decide(person)[:MOST]:
        ratify = change.ratification == _R.DUE
        yield _item(change, "Ratify or refuse" if ratify else "Decide", change.ratify_due if ratify else None)


def decisions_count(person: User) -> int:
    """How many decisions wait for this person."""
    return _to_decide(person).count()


def verifications_waiting(person: User) -> Iterable[WorkItem]:
    """Changes to verify."""
    for change in _to_verify(person)[:MOST]:
        yield _item(change, "Verify", change.verify_due)


def verifications_count(person: User) -> int:
    """How many verifications wait for this person."""
    return _to_verify(person).count()


def work_waiting(person: User) -> Iterable[WorkItem]:
    """Changes to carry out or to roll back."""
    for change in _to_do(person)[:MOST]:
        yield _item(change, "Carry it out" if change.state == _S.APPROVED else "Roll it back")


def work_count(person: User) -> int:
    """How many changes wait to be carried out by this person."""
    return _to_do(person).count()


def due_soon(person: User) -> Iterable[WorkItem]:
    """Verifications that fall due soon."""
    soon = _to_verify(person).filter(verify_due__lte=PortalNow() + SOON)
    for change in soon.order_by("verify_due", "id")[: slots.READ]:
        yield _item(change, "Verify", change.verify_due)


def ratifications_due(person: User) -> Iterable[WorkItem]:
    """Emergency changes this person has to ratify or refuse soon."""
    soon = _to_decide(person).filter(ratification=_R.DUE, ratify_due__lte=PortalNow() + SOON)
    for change in soon.order_by("ratify_due", "id")[: slots.READ]:
        yield _item(change, "Ratify or refuse", change.ratify_due)


def windows_near(person: User) -> Iterable[WorkItem]:
    """Approved changes whose planned window begins soon, for those who carry them out."""
    near = _to_do(person).filter(state=_S.APPROVED, planned_from__lte=PortalNow() + SOON)
    for change in near.order_by("planned_from", "id")[: slots.READ]:
        yield _item(change, "Carry it out", change.planned_from)


def agreements_waiting(person: User) -> Iterable[WorkItem]:
    """Changes that reach a system this person owns and has not spoken for yet."""
    for one in agreement.questions_for(person, MOST):
        seen = reverse("changes:change_answer", args=[one.change, one.slug])
        href = seen if one.seen else reverse("changes:reached_answer", args=[one.slug, one.change])
        yield WorkItem(
            one.name, href, "Say whether your system can live with it", about=one.system, since=one.asked_at,
            due=one.planned_from, icon="arrows-diff",
        )  # fmt: skip


def agreements_count(person: User) -> int:
    """How many questions wait for this person's word."""
    return len(agreement.questions_for(person, MOST))


def _stopped(person: User) -> list[Stopped]:
    """Stopped assets below systems this person owns, without those that are being followed up."""
    found = stopped_below(person, MOST)
    if not found:
        return []
    work = FollowUp.objects.filter(state=FollowUp.State.OPEN, asset__in={one.asset for one in found})
    followed = set(work.values_list("asset_id", "system_id"))
    return [one for one in found if (one.asset, one.system) not in followed]


def stopped_assets(person: User) -> Iterable[WorkItem]:
    """Withdrawn and breached assets that a system this person owns still stands on, with nothing open about it."""
    for one in _stopped(person):
        where = f"{reverse('inventory:system_detail', args=[one.slug])}?tab=dependencies"
        yield WorkItem(
            f"{one.system_name}: {one.name}", where, "Replace it", f"the asset is {one.state}", since=one.since,
            icon="alert-triangle",
        )  # fmt: skip


def stopped_assets_count(person: User) -> int:
    """How many of them."""
    return len(_stopped(person))


def _to_follow_up(person: User) -> QuerySet[FollowUp]:
    """Open follow-up work of this person, and what nobody has and the person could take."""
    waiting = queries.follow_ups().filter(Q(owner=person) | Q(owner=None), state=FollowUp.State.OPEN).order_by("-id")
    return rights.visible(person, waiting, Permission.CHANGE_IMPLEMENT)


def _follow_up_item(one: FollowUp) -> WorkItem:
    return WorkItem(
        str(one), reverse("changes:follow_up_detail", args=[one.pk]), "Follow it up",
        about=f"{one.system.name} · {one.get_cause_display()}", since=one.opened_at, due=one.due,
    )  # fmt: skip


def follow_ups_waiting(person: User) -> Iterable[WorkItem]:
    """What this person has to follow up."""
    return [_follow_up_item(one) for one in _to_follow_up(person)[:MOST]]


def follow_ups_count(person: User) -> int:
    """How much this person has to follow up."""
    return _to_follow_up(person).count()


def follow_ups_due(person: User) -> Iterable[WorkItem]:
    """What of it falls due soon."""
    soon = _to_follow_up(person).filter(due__lte=PortalNow() + SOON).order_by("due", "id")
    return [_follow_up_item(one) for one in soon[: slots.READ]]


def started(person: User) -> Iterable[WorkItem]:
    """Open changes this person asked for."""
    mine = Change.objects.select_related("system").filter(requester=person, state__in=queries.OPEN_STATES)
    for change in rights.visible(person, mine)[:MOST]:
        yield _item(change, change.get_state_display())


def dates(person: User, since: datetime, until: datetime) -> Iterable[slots.Dated]:
    """Follow-up work and campaigns of revalidation that come to their day."""
    waiting = queries.follow_ups().filter(state=FollowUp.State.OPEN, revalidation=None, due__gte=since, due__lt=until)
    for one in rights.visible(person, waiting).order_by("due")[:DATED]:
        if one.due is not None:
            page = reverse("changes:follow_up_detail", args=[one.pk])
            yield slots.Dated(one.due, f"{one.system}: {one.title}", page, one.get_cause_display().lower())
    for campaign in queries.revalidations().filter(ended_at=None, due__gte=since, due__lt=until)[:MOST]:
        page = reverse("changes:revalidation_detail", args=[campaign.pk])
        yield slots.Dated(campaign.due, campaign.title, page, "reviewed again by then")


def _anybody(person: User) -> bool:
    """The list shows each person what they may see."""
    return True


def register() -> None:
    """Fill the slots; called once at start."""
    LISTINGS.register(CHANGES)
    card = "changes/_changes.html"
    slots.ACTIONS.register(slots.ActionSource("changes-system", Place.SYSTEM, system_actions, order=60))
    slots.PANELS.register(slots.Panel("system-changes", Place.SYSTEM, card, system_card, order=12))
    slots.PANELS.register(
        slots.Panel("system-follow-ups", Place.SYSTEM, "changes/_follow_ups.html", follow_up_card, order=11)
    )
    slots.PANELS.register(slots.Panel("release-changes", Place.RELEASE, card, release_card, order=7))
    slots.TABS.register(slots.Tab("changes", "Changes", "changes/_tab.html", system_tab, order=50))
    drift = "changes/_drift.html"
    slots.PANELS.register(slots.Panel("release-drift", Place.RELEASE, drift, release_drift, order=4))
    slots.PANELS.register(slots.Panel("review-drift", Place.REVIEW, drift, review_drift, order=4))
    waiting = Group.WAITING
    slots.WORK.register(slots.WorkSource("changes-decide", waiting, decisions_waiting, decisions_count, order=15))
    slots.WORK.register(
        slots.WorkSource("changes-verify", waiting, verifications_waiting, verifications_count, order=25)
    )
    slots.WORK.register(slots.WorkSource("changes-do", waiting, work_waiting, work_count, order=30))
    slots.WORK.register(slots.WorkSource("stopped-assets", waiting, stopped_assets, stopped_assets_count, order=8))
    slots.WORK.register(slots.WorkSource("changes-agree", waiting, agreements_waiting, agreements_count, order=27))
    slots.WORK.register(slots.WorkSource("follow-ups", waiting, follow_ups_waiting, follow_ups_count, order=32))
    slots.WORK.register(slots.WorkSource("follow-ups-due", Group.DUE, follow_ups_due, order=31))
    slots.WORK.register(slots.WorkSource("changes-due", Group.DUE, due_soon, order=30))
    slots.WORK.register(slots.WorkSource("changes-ratify-due", Group.DUE, ratifications_due, order=29))
    slots.WORK.register(slots.WorkSource("changes-windows", Group.DUE, windows_near, order=33))
    slots.WORK.register(slots.WorkSource("changes-started", Group.STARTED, started, order=30))
    slots.DATES.register(slots.DateSource("changes", dates, order=20))
    slots.NAVIGATION.register(
        slots.Entry("revalidation", "Revalidation", "changes:revalidation_list", "refresh", _anybody, order=47)
    )
    slots.NAVIGATION.register(
        slots.Entry("changes", "Changes", "changes:change_list", "arrows-diff", _anybody, order=38)
    )
