"""What validation adds to pages of others: buttons and cards of systems and releases, items of My work, navigation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow, portal_now
from governance.lifecycle import Offer
from governance.notify.topics import Topic
from governance.validation import certifications as reads
from governance.validation import overdue, queries, reviewers
from governance.validation.listing import FINDINGS
from governance.validation.models import (
    Certification,
    Condition,
    Finding,
    Hold,
    Review,
    SignOff,
    Submission,
    Waiver,
)
from governance.validation.routes import ENVELOPE, LIGHT
from governance.validation.services import routes
from governance.web import slots
from governance.web.days import last_day
from governance.web.lists import LISTINGS
from governance.web.slots import Action, Answer, Group, Place, WorkItem
from inventory.models import Release, System

SOON = timedelta(days=30)
MOST = 50
DATED = 2000
_DECIDED = {
    SignOff.Decision.APPROVE: "approved",
    SignOff.Decision.APPROVE_WITH_CONDITIONS: "approved with conditions",
    SignOff.Decision.REJECT: "rejected",
    SignOff.Decision.RETURN: "returned",
}
_UNOFFERED = (Release.State.DRAFT, Release.State.DISCARDED)
# Where a release stands that was returned, or whose renewal was.
_MENDED = (Release.State.DRAFT, Release.State.APPROVED, Release.State.SUSPENDED)
_TURNED_AWAY = (Release.State.REJECTED, Release.State.SUSPENDED, Release.State.REVOKED)
_SIGNING = (Permission.SIGN_VALIDATION, Permission.SIGN_AUDIT, Permission.SIGN_ETHICS, Permission.SIGN_APPROVAL)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


# --- buttons --------------------------------------------------------------------------------------------------


def release_actions(request: HttpRequest, release: Release) -> Iterable[Action]:
    """Submit, renew, withdraw, suspend, reinstate, revoke; raise a finding; hold."""

    def to(name: str) -> str:
        return reverse(f"validation:{name}", args=[release.pk])

    describe = {
        "submit": Action("Submit for review", to("release_submit"), "send", "primary"),
        "renew": Action("Renew the approval", to("release_renew"), "refresh", "primary"),
        "withdraw": Action("Withdraw the submission", to("release_withdraw"), "arrow-back-up", asks_reason=True),
        "suspend": Action("Suspend", to("release_suspend"), "player-pause", "outline-danger", asks_reason=True),
        "reinstate": Action("Reinstate", to("release_reinstate"), "check", "primary", asks_reason=True),
        "revoke": Action(
            "Revoke the approval", to("release_revoke"), "ban", "outline-danger", asks_reason=True,
            confirm="A revoked release cannot be approved again. Revoke it?",
        ),
    }  # fmt: skip
    person = _person(request)
    offers = queries.release_offers(person, release)
    yield from slots.offered(offers, describe)
    yield from _shorter(release, next((offer for offer in offers if offer.verb == "submit"), None), to)
    allowed = rights.permissions_of(person, release)
    if Permission.FINDING_RAISE in allowed and release.state not in (Release.State.DISCARDED, Release.State.RETIRED):
        yield Action("Raise a finding", to("finding_raise"), "flag", link=True)
    if Permission.HOLD_PLACE in allowed:
        yield Action("Hold this release", to("release_hold"), "hand-stop", "outline-danger", asks_reason=True)


def _shorter(release: Release, submit: Offer | None, to: Callable[[str], str]) -> Iterable[Action]:
    """The shorter ways open to a draft that may be submitted, with what stands against each."""
    if release.state != Release.State.DRAFT or submit is None or any(r.code == "forbidden" for r in submit.reasons):
        return
    describe = {
        LIGHT: Action("Submit for a light review", to("release_submit_light"), "send"),
        ENVELOPE: Action("Ship inside the envelope", to("release_ship"), "mail"),
    }
    for route, reasons in routes.open_routes(release).items():
        yield replace(describe[route], reasons=(*submit.reasons, *reasons))


def system_actions(request: HttpRequest, system: System) -> Iterable[Action]:
    """Hold the system; ask for an exception."""
    if rights.can(_person(request), Permission.HOLD_PLACE, system):
        href = reverse("validation:system_hold", args=[system.slug])
        yield Action("Hold this system", href, "hand-stop", "outline-danger", asks_reason=True)
    if rights.can(_person(request), Permission.WAIVER_REQUEST, system):
        yield Action(
            "Ask for an exception", reverse("validation:waiver_request", args=[system.slug]), "adjustments", link=True
        )


# --- cards ----------------------------------------------------------------------------------------------------


def review_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Every submission with its stages, signatures and conditions."""
    submissions = list(
        release.submissions.select_related("carried_by__release").prefetch_related(
            Prefetch("reviews__sign_offs", SignOff.objects.select_related("delegation__delegated_from__person")),
            "conditions__owner",
            "conditions__successor",
        )
    )
    if not submissions:
        return None
    newest = submissions[0]
    short = queries.missing_reviewers(newest) if newest.state == Submission.State.OPEN else ()
    return {"submissions": submissions, "short_of": short}


def changes_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """What the newest submission changes; a draft has none yet, and the inventory compares its lines."""
    if release.state == Release.State.DRAFT:
        return None
    newest = release.submissions.select_related("release").first()
    if newest is None:
        return None
    found = queries.changes(newest)
    return {"comparison": found.comparison, "base": found.base, "release": release}


def finding_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Findings of the release."""
    findings = list(release.findings.all())
    return {"findings": findings} if findings else None


def _holds(request: HttpRequest, holds: Iterable[Hold]) -> Mapping[str, Any] | None:
    person = _person(request)
    placed = [
        {
            "hold": hold,
            "actions": slots.offered(
                queries.hold_offers(person, hold),
                {"lift": Action("Lift the hold", reverse("validation:hold_lift", args=[hold.pk]), "lock-open",
                                asks_reason=True)},
            ),
        }
        for hold in holds
    ]  # fmt: skip
    return {"placed": placed} if placed else None


def release_holds(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Holds that stop this release, its system's included."""
    here = Q(release=release) | Q(system=release.system_id, release=None)
    return _holds(request, queries.holds().filter(here, state=Hold.State.PLACED))


def last_checked(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """The newest signature on any release of the system."""
    signed = (
        SignOff.objects.filter(submission__release__system=system)
        .select_related("review", "submission__release")
        .order_by("-signed_at", "-id")
        .first()
    )
    if signed is None:
        return {"none": "never signed"}
    release = signed.submission.release
    stage = signed.review.title.lower()
    words = f"{signed.signed_at:%Y-%m-%d %H:%M:%S} UTC by {signed.printed_name}: {stage} of {release.version}"
    return {
        "text": f"{words} {_DECIDED[SignOff.Decision(signed.decision)]}",
        "href": reverse("validation:review_detail", args=[signed.review_id]),
    }


def failed(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """The newest release if it was turned away or stopped; otherwise the defects that are not mended."""
    release = Release.objects.filter(system=system).exclude(state__in=_UNOFFERED).order_by("-created_at", "-id").first()
    if release and release.state in _TURNED_AWAY:
        where = reverse("inventory:release_detail", args=[release.pk])
        return {"text": f"{release.version} was {release.get_state_display().lower()}", "href": where}
    unmended = queries.findings().filter(queries.unsettled(), release__system=system)
    findings = list(unmended.order_by("due", "id")[:MOST])
    if not findings:
        return {"text": "In review: nothing that still stands open"}
    first = findings[0]
    rest = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    return {
        "text": f"In review: {first.title} ({first.severity}, {first.get_state_display().lower()}){rest}",
        "href": reverse("validation:finding_detail", args=[first.pk]),
    }


def system_holds(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """Holds on the system and its releases."""
    return _holds(request, queries.holds().filter(system=system, state=Hold.State.PLACED))


def system_waivers(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """Exceptions asked for, and granted ones that have not ended."""
    standing = Q(state=Waiver.State.REQUESTED) | Q(state=Waiver.State.GRANTED, until__gt=PortalNow())
    waivers = list(queries.waivers().filter(standing, system=system)[:MOST])
    return {"waivers": waivers} if waivers else None


# --- My work --------------------------------------------------------------------------------------------------


def _signable(person: User) -> Q:
    """Stages the person holds the right for, has not signed, and that nobody else alone was asked to review."""
    wanted = Q(pk__in=[])
    for permission in _SIGNING:
        keys = rights.visible(person, Review.objects.filter(permission=permission), permission).values("pk")
        wanted |= Q(pk__in=keys)
    signed = SignOff.objects.filter(submission=OuterRef("submission_id"), person=person)
    return wanted & ~Exists(signed) & (Q(quorum__gt=1) | ~reviewers.assigned() | reviewers.assigned(person=person))


def _reviews(person: User) -> Any:
    """Open stages to sign, and those of the person's queues nobody is asked to review; never of one's own work."""
    signable = _signable(person)
    led = Q(pk__in=reviewers.unassigned(person).values("pk"))
    open_now = queries.reviews().filter(signable | led, state=Review.State.OPEN)
    found = open_now.exclude(submission__release__contributions__person=person)
    return found.annotate(may_sign=Case(When(signable, then=Value(True)), default=Value(False))).order_by("opened_at")


def reviews_waiting(person: User) -> Iterable[WorkItem]:
    """Reviews this person may sign, those assigned to them first, and those they are to find a reviewer for."""
    found = _reviews(person).annotate(is_mine=reviewers.assigned(person=person)).order_by("-is_mine", "opened_at")
    said = overdue.cover()
    for review in found[:MOST]:
        yield WorkItem(
            str(review.submission.release),
            reverse(f"validation:review_{'detail' if review.may_sign else 'assign'}", args=[review.pk]),
            "Assigned to you" if review.is_mine else "Review and sign" if review.may_sign else "Assign a reviewer",
            about=review.title, since=review.opened_at, due=overdue.due(review, said),
            icon="signature" if review.may_sign else "user-plus", first=review.is_mine,
        )  # fmt: skip


def reviews_due(person: User) -> Iterable[WorkItem]:
    """Reviews this person was asked for, by when they will have been open for as long as the policy allows."""
    asked = _reviews(person).filter(reviewers.assigned(person=person), may_sign=True).annotate(due=overdue.until())
    for review in asked.filter(due__lte=PortalNow() + SOON).order_by("due", "pk")[: slots.READ]:
        yield WorkItem(
            str(review.submission.release), reverse("validation:review_detail", args=[review.pk]), "Review and sign",
            about=review.title, since=review.opened_at, due=review.due, icon="signature", topic=Topic.REVIEW_DUE,
        )  # fmt: skip


def reviews_sitting(person: User) -> Iterable[WorkItem]:
    """Stages open for too long in queues this person leads; for governance, those that go on sitting.

    They bear no due date here: whoever is to hear of them is told by the escalation, once.
    """
    led = Q(pk__in=rights.visible(person, Review.objects.all(), Permission.REVIEW_ASSIGN).values("pk"))
    wanted = led & overdue.late()
    if rights.can(person, Permission.ASSIGNMENT_CHANGE):
        wanted |= overdue.late(overdue.GOVERNANCE)
    leading = Case(When(led, then=Value(True)), default=Value(False))
    for review in queries.reviews().filter(wanted).annotate(is_led=leading).order_by("opened_at", "pk")[:MOST]:
        yield WorkItem(
            str(review.submission.release),
            reverse(f"validation:review_{'assign' if review.is_led else 'detail'}", args=[review.pk]),
            "Get it moving: open too long", about=review.title, since=review.opened_at, icon="alert-triangle",
        )  # fmt: skip


def reviews_count(person: User) -> int:
    """How many reviews wait for this person."""
    return int(_reviews(person).count())


def questions_waiting(person: User) -> Iterable[WorkItem]:
    """What reviewers asked and this person may answer; about their own submissions it stands among what they started.

    Shown among what is due: counted beside the name it would cost every page a statement.
    """
    asked = queries.open_questions().exclude(review__submission__submitter=person)
    for question in rights.visible(person, asked, Permission.FINDING_RESPOND)[:MOST]:
        page = reverse("validation:review_detail", args=[question.review_id])
        yield WorkItem(
            str(question.review.submission.release), f"{page}#discussion", "Answer the reviewer",
            about=question.review.title, since=question.at, icon="message-2",
        )  # fmt: skip


def _findings(person: User, state: str, permission: Permission) -> Any:
    return rights.visible(person, queries.findings().filter(state=state), permission)


def findings_waiting(person: User) -> Iterable[WorkItem]:
    """Findings to answer, and answers of others to check."""
    for finding in _findings(person, Finding.State.OPEN, Permission.FINDING_RESPOND)[:MOST]:
        yield _finding_item(finding, "Answer the finding")
    for finding in _findings(person, Finding.State.ANSWERED, Permission.FINDING_VERIFY).exclude(responded_by=person)[
        :MOST
    ]:
        yield _finding_item(finding, "Check the answer")


def _accepted(person: User) -> QuerySet[Finding]:
    """Findings with an accepted risk this person could have mended, accepts or opens again, what ends first."""
    wanted = Q(pk__in=[])
    for permission in (Permission.FINDING_RESPOND, Permission.FINDING_ACCEPT, Permission.FINDING_VERIFY):
        wanted |= Q(pk__in=rights.visible(person, Finding.objects.all(), permission).values("pk"))
    accepted = queries.findings().filter(wanted, state=Finding.State.ACCEPTED)
    return accepted.order_by("accepted_until", "id")


def _finding_item(finding: Finding, action: str) -> WorkItem:
    return WorkItem(
        finding.title, reverse("validation:finding_detail", args=[finding.pk]), action, about=str(finding.release),
        since=finding.raised_at, due=finding.due, icon="flag", topic=Topic.FINDING_DUE,
    )  # fmt: skip


def conditions_waiting(person: User) -> Iterable[WorkItem]:
    """Conditions this person answers for, and reports of others to confirm."""
    seen = rights.visible(person, queries.answered_by(person))
    for condition in seen.filter(state=Condition.State.OPEN)[:MOST]:
        yield _condition_item(condition, "Fulfil the condition")
    claimed = rights.visible(
        person, queries.conditions().filter(state=Condition.State.CLAIMED), Permission.CONDITION_CONFIRM
    )
    for condition in claimed.exclude(claimed_by=person)[:MOST]:
        yield _condition_item(condition, "Confirm the condition")


def _condition_item(condition: Condition, action: str) -> WorkItem:
    return WorkItem(
        condition.text[:120], reverse("validation:condition_detail", args=[condition.pk]), action,
        about=str(condition.submission.release), due=condition.due, icon="checklist", topic=Topic.CONDITION_DUE,
    )  # fmt: skip


def waivers_waiting(person: User) -> Iterable[WorkItem]:
    """Exceptions somebody else asked for and this person may decide on."""
    asked = queries.waivers().filter(state=Waiver.State.REQUESTED).exclude(requested_by=person)
    together: set[object] = set()
    for waiver in rights.visible(person, asked, Permission.WAIVER_GRANT)[:MOST]:
        page = reverse("validation:waiver_detail", args=[waiver.pk])
        if waiver.together is not None:
            if waiver.together in together:
                continue
            together.add(waiver.together)
            page = reverse("validation:waivers_detail", args=[waiver.together])
        yield WorkItem(
            f"{waiver.title}: {waiver.reach or waiver.system}", page, "Decide on the exception",
            about=f"until {last_day(waiver.until):%-d %b %Y}", since=waiver.requested_at, icon="adjustments",
        )  # fmt: skip


def certifications_waiting(person: User) -> Iterable[WorkItem]:
    """Records this person answers for and is asked to certify, or said were not right."""
    for one in _to_certify(person)[:MOST]:
        yield _certification_item(one)


def certifications_due(person: User) -> Iterable[WorkItem]:
    """Those of them that fall due soon."""
    soon = _to_certify(person).filter(state=Certification.State.ASKED, campaign__due__lte=PortalNow() + SOON)
    for one in soon[: slots.READ]:
        yield _certification_item(one)


def _to_certify(person: User) -> QuerySet[Certification]:
    return rights.visible(person, reads.open_ones(), Permission.CERTIFICATION_GIVE)


def _certification_item(one: Certification) -> WorkItem:
    return WorkItem(
        f"{one.system}: {one.campaign}", reverse("validation:certification_detail", args=[one.pk]),
        "Certify the record", due=one.campaign.due, icon="checklist", topic=Topic.CERTIFICATION_DUE,
    )  # fmt: skip


def system_certifications(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """Certifications that are asked for, refused or lapsed, and who certified the record last."""
    now = portal_now()
    lines = [
        {"one": one, "standing": reads.standing(one, now)} for one in reads.open_ones().filter(system=system)[:MOST]
    ]
    last = reads.last_certified(system)
    return {"lines": lines, "last": last} if lines or last else None


def due_soon(person: User) -> Iterable[WorkItem]:
    """Approvals and exceptions that end, conditions and findings that fall due, on systems this person builds.

    The nearest of each, and far more of them than a page lists: reminders go by what stands here.
    """
    horizon = PortalNow() + SOON
    approvals = queries.standing_approvals().select_related("release__system")
    ending = approvals.filter(valid_until__lte=horizon, valid_until__gt=PortalNow())
    for submission in rights.visible(person, ending.order_by("valid_until", "id"), Permission.RELEASE_SUBMIT)[
        : slots.READ
    ]:
        yield WorkItem(
            str(submission.release), reverse("inventory:release_detail", args=[submission.release_id]),
            "Renew the approval", due=submission.valid_until, icon="refresh", topic=Topic.APPROVAL_ENDING,
        )  # fmt: skip
    to_answer = _findings(person, Finding.State.OPEN, Permission.FINDING_RESPOND).filter(due__lte=horizon)
    for finding in to_answer[: slots.READ]:
        yield _finding_item(finding, "Answer the finding")
    for finding in _accepted(person).filter(accepted_until__lte=horizon)[: slots.READ]:
        ends = replace(_finding_item(finding, "Mend it or judge it again"), due=finding.accepted_until)
        yield replace(ends, about=f"{ends.about}: its risk is accepted no longer")
    promised = queries.answered_by(person).filter(state=Condition.State.OPEN, due__lte=horizon)
    for condition in rights.visible(person, promised)[: slots.READ]:
        yield _condition_item(condition, "Fulfil the condition")
    granted = queries.waivers().filter(state=Waiver.State.GRANTED, until__lte=horizon, until__gt=PortalNow())
    for waiver in rights.visible(person, granted.order_by("until", "id"), Permission.WAIVER_REQUEST)[: slots.READ]:
        yield WorkItem(
            f"{waiver.title}: {waiver.system}", reverse("validation:waiver_detail", args=[waiver.pk]),
            "Do without the exception, or ask again", due=waiver.until, icon="adjustments", topic=Topic.WAIVER_ENDING,
        )  # fmt: skip


def started(person: User) -> Iterable[WorkItem]:
    """Submissions of this person that wait for others, or came back; findings that wait for an answer."""
    mine = Submission.objects.filter(submitter=person, state=Submission.State.OPEN).select_related("release__system")
    asked = queries.open_questions().filter(review__submission=OuterRef("pk")).values("review")[:1]
    for submission in rights.visible(person, mine.annotate(asked_in=Subquery(asked)))[:MOST]:
        waits = submission.asked_in is not None
        page, key = "inventory:release_detail", submission.release_id
        if waits:
            page, key = "validation:review_detail", submission.asked_in
        yield WorkItem(
            str(submission.release), reverse(page, args=[key]), "Answer the reviewer" if waits else "In review",
            about=f"Submission {submission.number}", since=submission.submitted_at, icon="hourglass", first=waits,
        )  # fmt: skip
    later = Submission.objects.filter(release=OuterRef("release"), number__gt=OuterRef("number"))
    returned = Submission.objects.filter(
        ~Exists(later), submitter=person, state=Submission.State.RETURNED, release__state__in=_MENDED
    ).select_related("release__system")  # fmt: skip
    for back in rights.visible(person, returned, Permission.RELEASE_SUBMIT)[:MOST]:
        yield WorkItem(
            str(back.release), reverse("inventory:release_detail", args=[back.release_id]),
            "Returned: mend and submit again", about=f"Submission {back.number}", since=back.closed_at,
            icon="arrow-back-up", first=True,
        )  # fmt: skip
    raised = queries.findings().filter(raised_by=person, state=Finding.State.OPEN)
    for finding in rights.visible(person, raised)[:MOST]:
        yield _finding_item(finding, "Waits for an answer")


def dates(person: User, since: datetime, until: datetime) -> Iterable[slots.Dated]:
    """Approvals that end, and campaigns of certifications that come to their day."""
    ending = Submission.objects.filter(
        state=Submission.State.APPROVED, release__state=Release.State.APPROVED,
        valid_until__gte=since, valid_until__lt=until,
    ).select_related("release__system")  # fmt: skip
    for submission in rights.visible(person, ending).order_by("valid_until")[:DATED]:
        release, end = submission.release, submission.valid_until
        if end is not None:
            page = reverse("inventory:release_detail", args=[release.pk])
            yield slots.Dated(end, str(release), page, "the approval ends")
    for campaign in reads.campaigns().filter(ended_at=None, due__gte=since, due__lt=until)[:MOST]:
        page = reverse("validation:campaign_detail", args=[campaign.pk])
        yield slots.Dated(campaign.due, campaign.title, page, "records are certified by then")


def _anybody(person: User) -> bool:
    """The queue shows each person what they may see."""
    return True


def register() -> None:
    """Fill the slots; called once at start."""
    LISTINGS.register(FINDINGS)
    slots.ACTIONS.register(slots.ActionSource("validation-release", Place.RELEASE, release_actions, order=10))
    slots.ACTIONS.register(slots.ActionSource("validation-system", Place.SYSTEM, system_actions, order=80))
    slots.PANELS.register(slots.Panel("release-holds", Place.RELEASE, "validation/_holds.html", release_holds, order=5))
    slots.PANELS.register(slots.Panel("reviews", Place.RELEASE, "validation/_reviews.html", review_card, order=20))
    slots.PANELS.register(
        slots.Panel("changes", Place.RELEASE, "validation/_changes_panel.html", changes_card, order=25)
    )
    slots.PANELS.register(slots.Panel("findings", Place.RELEASE, "validation/_findings.html", finding_card, order=30))
    slots.PANELS.register(slots.Panel("system-holds", Place.SYSTEM, "validation/_holds.html", system_holds, order=5))
    slots.PANELS.register(
        slots.Panel("system-waivers", Place.SYSTEM, "validation/_waivers.html", system_waivers, order=35)
    )
    slots.WORK.register(slots.WorkSource("waivers", Group.WAITING, waivers_waiting, order=40))
    slots.PANELS.register(
        slots.Panel("system-certifications", Place.SYSTEM, "validation/_certifications.html", system_certifications, 36)
    )
    slots.WORK.register(slots.WorkSource("certifications", Group.WAITING, certifications_waiting, order=45))
    slots.WORK.register(slots.WorkSource("certifications-due", Group.DUE, certifications_due, order=12))
    slots.DATES.register(slots.DateSource("validation", dates, order=10))
    slots.MARKS.register(slots.Mark("certifications", reads.signs))
    slots.NAVIGATION.register(
        slots.Entry("certifications", "Certifications", "validation:campaign_list", "checklist", _anybody, order=46)
    )
    slots.WORK.register(slots.WorkSource("reviews", Group.WAITING, reviews_waiting, reviews_count, order=10))
    slots.WORK.register(slots.WorkSource("questions", Group.DUE, questions_waiting, order=9))
    slots.WORK.register(slots.WorkSource("findings", Group.WAITING, findings_waiting, order=20))
    slots.WORK.register(slots.WorkSource("conditions", Group.WAITING, conditions_waiting, order=30))
    slots.WORK.register(slots.WorkSource("reviews-sitting", Group.DUE, reviews_sitting, order=8))
    slots.WORK.register(slots.WorkSource("reviews-due", Group.DUE, reviews_due, order=7))
    slots.WORK.register(slots.WorkSource("validation-due", Group.DUE, due_soon, order=10))
    slots.WORK.register(slots.WorkSource("validation-started", Group.STARTED, started, order=10))
    slots.ANSWERS.register(Answer("failed", "What failed?", failed, order=66))
    slots.ANSWERS.register(Answer("checked", "Who last checked it?", last_checked, order=65))
    slots.NAVIGATION.register(
        slots.Entry("reviews", "Reviews", "validation:review_list", "signature", _anybody, order=30)
    )
    slots.NAVIGATION.register(
        slots.Entry("waivers", "Exceptions", "validation:waiver_list", "adjustments", _anybody, order=45)
    )
