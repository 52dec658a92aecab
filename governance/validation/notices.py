"""Whom validation tells what: reviews, findings, conditions, holds, exceptions, and acts of nobody independent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db.models import Model
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from governance.validation import reviewers
from governance.validation.independence import Violation
from governance.validation.models import (
    Campaign,
    Certification,
    Condition,
    Finding,
    Hold,
    Review,
    ReviewRemark,
    Submission,
    Waiver,
)


def whoever_may(person: User | None, permission: Permission, about: Model) -> Iterable[User]:
    """The person, or everybody who may where that was a machine, or somebody who left or lost the right."""
    if person is not None and rights.can(person, permission, about):
        return [person]
    return rights.holders(permission, about)


def review_opened(review: Review) -> None:
    """The leads of its queue and whom it is assigned to; where there is nobody, those who may sign the stage."""
    leads = list(reviewers.leads(review))
    people = [*leads, *reviewers.reviewers_of(review)]
    announce(
        Topic.REVIEW_OPEN, review, title=f"{review.title} of {review.submission.release}", href=_page(review),
        people=people, holders=[] if people else [review.permission], actor=review.submission.submitter,
        stands=Review.State.OPEN,
    )  # fmt: skip


def review_assigned(review: Review, person: User, actor: User, reason: str) -> None:
    """The person it is assigned to."""
    announce(
        Topic.REVIEW_ASSIGNED, review, title=f"Assigned to you: {review.title} of {review.submission.release}",
        href=_page(review), people=[person], actor=actor, text=reason,
    )  # fmt: skip


def review_let_go(review: Review, words: str, people: Iterable[User], actor: User, reason: str) -> None:
    """Those who have to know that somebody no longer reviews a stage."""
    announce(
        Topic.REVIEW_ASSIGNED, review, title=f"{words}: {review.title} of {review.submission.release}",
        href=_page(review), people=people, actor=actor, text=reason,
    )  # fmt: skip


def review_overdue(review: Review, people: Iterable[User], days: int, once: str) -> None:
    """Those who see to it that a stage does not sit; nobody twice about the same."""
    announce(
        Topic.REVIEW_OVERDUE, review, title=f"Open for more than {days} days: {review.title} of "
        f"{review.submission.release}", href=_page(review), people=people, stands=Review.State.OPEN, once=once,
    )  # fmt: skip


def remarked(said: ReviewRemark, people: Iterable[User], actor: User) -> None:
    """Whom something said in a review is meant for."""
    review, told = said.review, list(people)
    if told:
        title = f"{said.get_kind_display()}: {review.title} of {review.submission.release}"
        announce(
            Topic.REVIEW_REMARKED, review, title=title,
            href=f"{_page(review)}#discussion", people=told, actor=actor, text=said.text[:500],
        )  # fmt: skip


def release_decided(submission: Submission, actor: User, words: str = "") -> None:
    """Who submitted it and who answers for the system: it is approved, returned or rejected, and why."""
    release = submission.release
    what = f"Renewal of {release}" if submission.renewal else str(release)
    submitting = whoever_may(submission.submitter, Permission.RELEASE_SUBMIT, release)
    announce(
        Topic.RELEASE_DECIDED, submission, title=f"{what} is {submission.get_state_display().lower()}", actor=actor,
        href=reverse("inventory:release_detail", args=[release.pk]), text=words,
        people=[*submitting, *rights.holders(Permission.CERTIFICATION_GIVE, release)],
    )  # fmt: skip


def _page(review: Review) -> str:
    return reverse("validation:review_detail", args=[review.pk])


def finding_raised(finding: Finding, actor: User) -> None:
    """Those who may answer it."""
    announce(
        Topic.FINDING_RAISED, finding, title=f"{finding.title} ({finding.severity}) on {finding.release}",
        href=reverse("validation:finding_detail", args=[finding.pk]), holders=[Permission.FINDING_RESPOND],
        actor=actor, due=finding.due, stands=Finding.State.OPEN,
    )  # fmt: skip


def finding_answered(finding: Finding, actor: User) -> None:
    """Who raised it: somebody has to say whether the answer settles it."""
    _tell_of_answer(finding, actor, "Answered", whoever_may(finding.raised_by, Permission.FINDING_VERIFY, finding))


def finding_sent_back(finding: Finding, actor: User, reason: str) -> None:
    """Who answered it, or whoever may: it is open again."""
    people = whoever_may(finding.responded_by, Permission.FINDING_RESPOND, finding)
    _tell_of_answer(finding, actor, "Open again", people, reason)


def _tell_of_answer(finding: Finding, actor: User, how: str, people: Iterable[User], text: str = "") -> None:
    announce(
        Topic.FINDING_ANSWERED, finding, title=f"{how}: {finding.title} ({finding.severity}) on {finding.release}",
        href=reverse("validation:finding_detail", args=[finding.pk]), people=people, actor=actor, text=text,
        due=finding.due, stands=finding.state,
    )  # fmt: skip


def condition_claimed(condition: Condition, actor: User) -> None:
    """Who asked for it, and whoever may confirm it where that person may not."""
    asked = condition.sign_off.person
    people = [asked, *whoever_may(asked, Permission.CONDITION_CONFIRM, condition)]
    _tell_of_condition(condition, actor, "Reported as fulfilled", people)


def condition_sent_back(condition: Condition, claimed_by: User | None, actor: User, reason: str) -> None:
    """Who reported it and who answers for it: it is not fulfilled."""
    people = [condition.answerable, *whoever_may(claimed_by, Permission.CONDITION_FULFIL, condition)]
    _tell_of_condition(condition, actor, "Not fulfilled yet", people, reason)


def _tell_of_condition(condition: Condition, actor: User, how: str, people: Iterable[User], text: str = "") -> None:
    announce(
        Topic.CONDITION_ANSWERED, condition, title=f"{how}: {condition.text[:120]} ({condition.submission.release})",
        href=reverse("validation:condition_detail", args=[condition.pk]), people=people, actor=actor, text=text,
        due=condition.due, stands=condition.state,
    )  # fmt: skip


def _stopped(hold: Hold) -> str:
    if hold.release is not None:
        return reverse("inventory:release_detail", args=[hold.release.pk])
    return reverse("inventory:system_detail", args=[hold.system.slug])


def hold_lifted(hold: Hold, actor: User) -> None:
    """The system's owners and developers, and who placed it: it closes the gate no more."""
    announce(
        Topic.HOLD_LIFTED, hold, title=f"No longer held: {hold.release or hold.system}", href=_stopped(hold),
        people=[hold.placed_by, *rights.holders(Permission.RELEASE_SUBMIT, hold)], actor=actor, text=hold.lift_reason,
    )  # fmt: skip


def hold_placed(hold: Hold, actor: User) -> None:
    """The system's owners and developers, and those who may lift it: the gate is closed at once."""
    announce(
        Topic.HOLD_PLACED, hold, title=f"Hold on {hold.release or hold.system}", href=_stopped(hold),
        holders=[Permission.RELEASE_SUBMIT, Permission.HOLD_LIFT], actor=actor, text=hold.reason,
        stands=Hold.State.PLACED,
    )  # fmt: skip


def waiver_asked(waiver: Waiver, actor: User) -> None:
    """Those who may grant it."""
    announce(
        Topic.WAIVER_ASKED, waiver, title=f"Exception from “{waiver.title}” for {waiver.system}",
        href=reverse("validation:waiver_detail", args=[waiver.pk]), holders=[Permission.WAIVER_GRANT], actor=actor,
        stands=Waiver.State.REQUESTED,
    )  # fmt: skip


def waiver_decided(waiver: Waiver, actor: User, words: str, *, together: bool = False) -> None:
    """Who asked for it: it is granted, refused or taken back, and why; once for all that were decided together."""
    page = ("waivers_detail", waiver.together) if together else ("waiver_detail", waiver.pk)
    announce(
        Topic.WAIVER_DECIDED, waiver, people=[waiver.requested_by], actor=actor, text=words,
        title=f"{waiver.get_state_display()}: exception from “{waiver.title}” for "
        f"{waiver.reach if together else waiver.system}", href=reverse(f"validation:{page[0]}", args=[page[1]]),
    )  # fmt: skip


def campaign_started(campaign: Campaign, owners: Mapping[int, User]) -> None:
    """Every owner once, however many of the systems are theirs."""
    for person in {person.pk: person for person in owners.values()}.values():
        count = sum(1 for owner in owners.values() if owner.pk == person.pk)
        announce(
            Topic.CERTIFICATION_ASKED, campaign, people=[person], actor=campaign.started_by, due=campaign.due,
            title=f"{campaign.title}: certify {'one record' if count == 1 else f'{count} records'}",
            href=reverse("validation:campaign_detail", args=[campaign.pk]), text=campaign.reason,
        )  # fmt: skip


def certification_refused(one: Certification, actor: User) -> None:
    """Who started the campaign: somebody has to help to put the record right."""
    announce(
        Topic.CERTIFICATION_REFUSED, one, people=[one.campaign.started_by], actor=actor,
        title=f"The record of {one.system} is not right", text=one.statement,
        href=reverse("validation:certification_detail", args=[one.pk]), stands=Certification.State.REFUSED,
    )  # fmt: skip


def independence_violated(violation: Violation, title: str, once: str) -> None:
    """Who reads the record of the whole organisation, governance and examiners; nobody for the system it is of."""
    announce(
        Topic.INDEPENDENCE_VIOLATED, _row(violation), title=title, href=proof_page(),
        people=rights.holders(Permission.LEDGER_VIEW), needs=Permission.LEDGER_VIEW, once=once,
    )  # fmt: skip


def violation_once(violation: Violation) -> str:
    """What makes it the same violation again."""
    return f"{violation.rule} {violation.table} {violation.key}"


def proof_page() -> str:
    """Where every violation on record is listed."""
    return reverse("validation:independence")


def _row(violation: Violation) -> Model:
    model = next(model for model in apps.get_models() if model._meta.db_table == violation.table)
    row: Model = model._default_manager.get(pk=violation.key)
    return row
