"""Named reads of validation: the facts its machines decide on, gathered from the records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import BUILDING_ROLES, Permission, Role
from governance.database.clock import PortalNow, portal_now
from governance.ledger.models import Block, Link
from governance.lifecycle import Offer, Reason
from governance.policy import waiving
from governance.policy.queries import blockers_for_approval, blockers_for_submission, pack_in_force, rules
from governance.validation.comparison import Comparison, compare
from governance.validation.lifecycle import (
    CONDITION,
    FINDING,
    HOLD,
    SUBMISSION,
    WAIVER,
    ConditionFacts,
    FindingFacts,
    HoldFacts,
    ReviewFacts,
    SubmissionFacts,
    WaiverFacts,
    review_machine,
)
from governance.validation.models import (
    CheckAnswer,
    Condition,
    Contribution,
    Finding,
    Hold,
    Review,
    ReviewRemark,
    SignOff,
    Submission,
    Waiver,
)
from governance.validation.promises import missing_of
from governance.validation.rules import Independence, OnBehalf, independence, unfilled
from inventory import delegations
from inventory.lifecycle import RELEASE, ReleaseFacts
from inventory.models import Assignment, Release, System, UnitClosure
from inventory.rules import content_version


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One item of a stage's checklist with the answer that counts."""

    id: str
    text: str
    answer: CheckAnswer | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a submission changes, beside the one it is compared with."""

    submission: Submission
    base: Submission | None
    comparison: Comparison

    @property
    def release(self) -> Release:
        """The release that was submitted."""
        return self.submission.release


@dataclass(frozen=True, slots=True)
class Replacement:
    """What took the place of a package: the same stage there, if it has one, and what differs."""

    changes: Changes
    review: Review | None

    @property
    def submission(self) -> Submission:
        """The later package."""
        return self.changes.submission

    @property
    def sentence(self) -> str:
        """What became of the package that was read."""
        renews = self.changes.base is not None and self.changes.base.state == Submission.State.APPROVED
        return f"Submission {self.submission.number} {'renews it' if renews else 'took its place'}."

    @property
    def href(self) -> str:
        """Where to go on: the same stage of the later package, or its release."""
        return f"/reviews/{self.review.pk}/" if self.review else f"/releases/{self.submission.release_id}/"

    @property
    def reason(self) -> Reason:
        """As somebody is told who comes too late."""
        return Reason("replaced", f"{self.sentence} {self.changes.comparison.summary}", self.href)


_LIVE = (Release.State.DRAFT, Release.State.IN_REVIEW, Release.State.APPROVED, Release.State.SUSPENDED)
_OWNING = frozenset({Role.OWNER, Role.DEPUTY_OWNER})
RELEASE_VERBS = frozenset({"submit", "withdraw", "renew", "suspend", "reinstate", "revoke"})
_SHOWN_AS = {"renew_suspended": "renew"}
_SIGNED = (SignOff.Decision.APPROVE, SignOff.Decision.APPROVE_WITH_CONDITIONS)


def reviews() -> QuerySet[Review]:
    """Reviews with the submission, release and system they are of."""
    return Review.objects.select_related("submission__release__system__unit", "submission__pack")


def findings() -> QuerySet[Finding]:
    """Findings with their release and people."""
    return Finding.objects.select_related(
        "release__system", "submission", "raised_by", "responded_by", "verified_by", "accepted_by"
    )


def conditions() -> QuerySet[Condition]:
    """Conditions with their submission and people."""
    return Condition.objects.select_related(
        "submission__release__system", "sign_off__review", "owner", "successor", "claimed_by", "confirmed_by"
    )


def still_owed(submission: Submission) -> QuerySet[Condition]:
    """Promises nobody has confirmed yet that count for a package without being its own.

    Of earlier approvals of its release, and of the full reviews it or they lean on.
    """
    earlier = Q(release=submission.release_id, number__lt=submission.number, state=Submission.State.APPROVED)
    counting = Submission.objects.filter(earlier | Q(pk=submission.pk)).order_by()
    owed = Q(submission__in=counting.values("pk")) | Q(submission__in=counting.values("carried_by"))
    return conditions().filter(owed).exclude(state=Condition.State.MET).exclude(submission=submission)


def answered_by(person: User) -> QuerySet[Condition]:
    """Conditions this person answers for: theirs, or handed over to them."""
    return conditions().filter(Q(successor=person) | Q(successor=None, owner=person))


def finding_version(finding: Finding) -> str:
    """A word that changes with what is said about a finding: what a judgement of it is bound to."""
    said = (finding.response, finding.responded_by_id, finding.verification, finding.verified_by_id)
    taken = (finding.accepted_by_id, finding.accepted_until)
    return content_version("finding", finding.pk, finding.state, *said, *taken, finding.files.count())


def condition_version(condition: Condition) -> str:
    """A word that changes with what is said about a condition: what a judgement of it is bound to."""
    people = (condition.claimed_by_id, condition.confirmed_by_id, condition.successor_id)
    return content_version("condition", condition.pk, condition.state, condition.evidence, *people)


def holds() -> QuerySet[Hold]:
    """Holds with what they stop and people."""
    return Hold.objects.select_related("system", "release__system", "placed_by", "lifted_by")


def waivers() -> QuerySet[Waiver]:
    """Waivers with their system and people."""
    return Waiver.objects.select_related("system", "requested_by", "decided_by", "revoked_by")


def blocks_of(signatures: Iterable[SignOff]) -> dict[int, Block]:
    """The ledger block each signature is sealed in, by the signature's key."""
    keys = [str(signature.pk) for signature in signatures]
    links = Link.objects.filter(event__table_name="validation_signoff", event__key__in=keys, event__op="I")
    return {int(link.event.key): link.block for link in links.select_related("event", "block")}


def checklist_answers(review: Review) -> dict[str, CheckAnswer]:
    """The answer that counts for each item of a review's checklist: the newest."""
    answers = CheckAnswer.objects.filter(review=review).select_related("person").order_by("item", "-id")
    return {answer.item: answer for answer in answers.distinct("item")}


def checklist(review: Review) -> list[ChecklistLine]:
    """Every item of a stage with its answer."""
    if not review.checklist:
        return []
    answers = checklist_answers(review)
    return [ChecklistLine(line["id"], line["text"], answers.get(line["id"])) for line in review.checklist]


def may_answer(person: User, review: Review) -> bool:
    """Whether the person may answer the checklist now: they may sign the stage, are independent, and it is open."""
    open_now = review.state == Review.State.OPEN and review.submission.state == Submission.State.OPEN
    if not open_now or not rights.can(person, review.permission, review):
        return False
    return not independence(independence_facts(person, review.submission.release))


def approved_before(submission: Submission) -> Submission | None:
    """The package of this system that was approved last when this one was submitted, whatever became of it since."""
    approved = Submission.objects.filter(
        release__system=submission.release.system_id, valid_until__isnull=False, closed_at__lte=submission.submitted_at
    )
    return approved.exclude(pk=submission.pk).select_related("release").order_by("-closed_at", "-id").first()


def changes(submission: Submission) -> Changes:
    """What a package changes since the one approved last before it."""
    base = approved_before(submission)
    before = json.loads(base.manifest) if base is not None else None
    return Changes(submission, base, compare(before, json.loads(submission.manifest)))


def replacement(review: Review) -> Replacement | None:
    """What took the place of the package of a closed review; an approval is followed only by what may renew it."""
    old = review.submission
    if old.state == Submission.State.OPEN:
        return None
    later = old.release.submissions.filter(number__gt=old.number).order_by("-number")
    if old.state == Submission.State.APPROVED:
        later = later.filter(state__in=(Submission.State.OPEN, Submission.State.APPROVED))
    new = later.first()
    if new is None:
        return None
    found = compare(json.loads(old.manifest), json.loads(new.manifest))
    return Replacement(Changes(new, old, found), new.reviews.filter(stage=review.stage).first())


def open_questions() -> QuerySet[ReviewRemark]:
    """What reviewers asked for and nobody answered, of stages that are still under review."""
    asked = ReviewRemark.objects.select_related("review__submission__release__system").filter(
        kind=ReviewRemark.Kind.QUESTION, review__state__in=(Review.State.WAITING, Review.State.OPEN),
        review__submission__state=Submission.State.OPEN,
    )  # fmt: skip
    return asked.filter(~Exists(ReviewRemark.objects.filter(question=OuterRef("pk")))).order_by("at", "id")


def open_submission(release: Release) -> Submission | None:
    """The submission of a release that is under review, if any."""
    return release.submissions.filter(state=Submission.State.OPEN).first()


def held_since(release: Release, roles: Iterable[Role]) -> frozenset[int]:
    """Everybody who held one of these roles on the system, directly or by unit, since the release was created."""
    above = UnitClosure.objects.filter(descendant=release.system.unit_id).values("ancestor")
    held = Assignment.objects.filter(
        Q(system=release.system_id) | Q(unit__in=above),
        Q(until=None) | (Q(until__gt=release.created_at) & Q(until__gt=F("since"))),
        role__in=roles,
        since__lte=PortalNow(),
    )
    return frozenset(held.values_list("person_id", flat=True))


def building(system: System) -> frozenset[int]:
    """Everybody who builds a system, or built what may still ship of it.

    Owners and developers now or since the oldest release was begun that is in draft, under review, approved or
    suspended, and whoever had a hand in one of those: who built until yesterday is not independent today.
    """
    live = Release.objects.filter(system=system, state__in=_LIVE)
    above = UnitClosure.objects.filter(descendant=system.unit_id).values("ancestor")
    begun = live.aggregate(begun=Min("created_at"))["begun"]
    running = Q(until=None) | Q(until__gt=PortalNow())
    if begun is not None:
        running |= Q(until__gt=begun) & Q(until__gt=F("since"))
    held = Assignment.objects.filter(
        Q(system=system) | Q(unit__in=above), running, role__in=BUILDING_ROLES, since__lte=PortalNow()
    )
    hands = Contribution.objects.filter(release__in=live)
    return frozenset(held.values_list("person_id", flat=True)) | frozenset(hands.values_list("person_id", flat=True))


def builders(release: Release) -> frozenset[int]:
    """Everybody who owns, develops or had a hand in a release."""
    return held_since(release, BUILDING_ROLES) | contributors(release)


def contributors(release: Release) -> frozenset[int]:
    """Everybody who had a hand in a release."""
    return frozenset(Contribution.objects.filter(release=release).values_list("person_id", flat=True))


def independence_facts(person: User, release: Release) -> Independence:
    """A person beside everybody who had a hand in a release; which stages they signed is not asked here."""
    kinds = list(Contribution.objects.filter(release=release).values_list("person_id", "kind"))
    submitted = release.submissions.values_list("submitter_id", flat=True)
    return Independence(
        person_ids=frozenset({person.pk}),
        submitter_ids=frozenset(submitted) | frozenset(who for who, kind in kinds if kind == "submission"),
        owner_ids=held_since(release, _OWNING),
        developer_ids=held_since(release, {Role.DEVELOPER}),
        contributor_ids=frozenset(who for who, kind in kinds if kind != "submission"),
    )


def review_facts(
    person: User, review: Review, *, digest_shown: str | None = None, by_person: bool = True
) -> ReviewFacts:
    """What the review machine decides on for this person; `digest_shown` is None when asked in advance."""
    submission = review.submission
    signed = list(submission.sign_offs.select_related("review", "delegation__delegated_from"))
    own = [each for each in signed if each.person_id == person.pk]
    signatures = sum(each.review_id == review.pk and each.decision in _SIGNED for each in signed)
    hands = independence_facts(person, submission.release)
    elsewhere = tuple(each.review.title for each in own if each.review_id != review.pk)
    return ReviewFacts(
        independence=replace(hands, signed_stages=elsewhere),
        by_person=by_person and person.kind == User.Kind.HUMAN,
        signed_here=any(each.review_id == review.pk for each in own),
        signatures=signatures,
        quorum=review.quorum,
        digest=submission.digest,
        digest_shown=digest_shown,
        submission_open=submission.state == Submission.State.OPEN,
        release_ready=_is_under_review(submission),
        blocking_findings=tuple(finding.title for finding in blocking_findings(submission.release)),
        unanswered=tuple(line.text for line in checklist(review) if line.answer is None),
        approval_blockers=_before_approval(review, signatures),
        on_behalf=_on_behalf(person, review, signed, hands),
        signed_for=tuple(each.review.title for each in signed if _stands_for(each) == person.pk != each.person_id),
    )


def _stands_for(signature: SignOff) -> int:
    """Whose seat a signature takes: the signer's own, or that of who lent them the role."""
    lent = signature.delegation
    return lent.delegated_from.person_id if lent and lent.delegated_from else signature.person_id


def _on_behalf(person: User, review: Review, signed: list[SignOff], release: Independence) -> tuple[OnBehalf, ...]:
    """Whom the person would sign for; empty when they hold the right themselves, or not at all."""
    system = review.submission.release.system
    grounds = delegations.grounds(person, review.permission, system.pk, system.unit_id)
    if not grounds or grounds[0].delegated_from is None:
        return ()
    found = []
    for lent in grounds:
        assert lent.delegated_from is not None  # noqa: S101  those of one's own come first
        whom = lent.delegated_from.person
        theirs = [each for each in signed if whom.pk in (each.person_id, _stands_for(each))]
        found.append(
            OnBehalf(
                lent.pk, whom.name, bool(independence(replace(release, person_ids=frozenset({whom.pk})))),
                any(each.review_id == review.pk for each in theirs),
                tuple(each.review.title for each in theirs if each.review_id != review.pk),
            )
        )  # fmt: skip
    return tuple(found)


def blocking_findings(release: Release) -> QuerySet[Finding]:
    """Findings that close the gate: blocking ones not settled, or accepted only until an instant that has passed."""
    return Finding.objects.filter(unsettled(), release=release, blocking=True)


def lapsed(at: datetime | None = None) -> Q:
    """Findings whose accepted risk has run out, now or at an instant: they count as open again."""
    return Q(state=Finding.State.ACCEPTED, accepted_until__lte=at or PortalNow())


def unsettled(at: datetime | None = None) -> Q:
    """Findings that still count against their release: not answered for good, or accepted until a day gone by."""
    return Q(state__in=[Finding.State.OPEN, Finding.State.ANSWERED]) | lapsed(at)


def standing_approvals() -> QuerySet[Submission]:
    """Approvals that count for their release; one renewed before it ended is replaced by the later one."""
    approved = Submission.objects.filter(state=Submission.State.APPROVED)
    renewed = approved.filter(release=OuterRef("release"), number__gt=OuterRef("number"))
    return approved.filter(~Exists(renewed), release__state=Release.State.APPROVED)


def _lent(person: User, system: System, *permissions: Permission) -> dict[str, frozenset[int]]:
    """Who lent each of these rights, where the person holds it for somebody else only."""
    return delegations.lenders(person, permissions, system.pk, system.unit_id)


def finding_facts(person: User, finding: Finding, *, until: datetime | None = None) -> FindingFacts:
    """What the finding machine decides on for this person."""
    return FindingFacts(
        actor_id=person.pk,
        raised_by_id=finding.raised_by_id,
        responded_by_id=finding.responded_by_id,
        builder_ids=builders(finding.release),
        acceptance_ends=until,
        now=portal_now(),
        lent=_lent(person, finding.release.system, Permission.FINDING_VERIFY, Permission.FINDING_ACCEPT),
    )


def condition_facts(person: User, condition: Condition) -> ConditionFacts:
    """What the condition machine decides on for this person."""
    return ConditionFacts(
        actor_id=person.pk,
        claimed_by_id=condition.claimed_by_id,
        builder_ids=builders(condition.submission.release),
        missing=missing_of(condition),
        lent=_lent(person, condition.submission.release.system, Permission.CONDITION_CONFIRM),
    )


def hold_facts(person: User, hold: Hold) -> HoldFacts:
    """What the hold machine decides on for this person."""
    return HoldFacts(
        actor_id=person.pk, placed_by_id=hold.placed_by_id, builder_ids=building(hold.system),
        lent=_lent(person, hold.system, Permission.HOLD_LIFT),
    )  # fmt: skip


def release_facts(person: User, release: Release) -> ReleaseFacts:
    """What the release machine decides on for this person."""
    suspended = release.state == Release.State.SUSPENDED
    return ReleaseFacts(
        actor_id=person.pk,
        suspended_by_id=release.suspended_by_id,
        builder_ids=builders(release) if suspended else frozenset(),
        lent=_lent(person, release.system, Permission.RELEASE_REINSTATE) if suspended else {},
        renewal_open=open_submission(release) is not None,
        submit_blockers=_before_submission(release),
    )


def release_offers(person: User, release: Release) -> tuple[Offer, ...]:
    """What this person could press on a release, of the verbs validation owns, with what blocks each now."""
    allowed = rights.permissions_of(person, release)
    found = RELEASE.offered(release.state, allowed=allowed, facts=release_facts(person, release))
    offers = [replace(offer, verb=_SHOWN_AS.get(offer.verb, offer.verb)) for offer in found]
    offers = [offer for offer in offers if offer.verb in RELEASE_VERBS]
    renewal = open_submission(release)
    if renewal is not None and renewal.renewal:
        offers += SUBMISSION.offered(renewal.state, allowed=allowed, facts=SubmissionFacts(person.pk))
    return tuple(offers)


def review_offers(person: User, review: Review, facts: ReviewFacts | None = None) -> tuple[Offer, ...]:
    """What this person could decide on a review, with what stands against it; `facts` if they are at hand."""
    allowed = rights.permissions_of(person, review)
    machine = review_machine(review.permission)
    return machine.offered(review.state, allowed=allowed, facts=facts or review_facts(person, review))


def finding_offers(person: User, finding: Finding, *, every: bool = False) -> tuple[Offer, ...]:
    """What this person could do about a finding; with `every` in whatever state."""
    allowed = rights.permissions_of(person, finding)
    return FINDING.offered(finding.state, allowed=allowed, facts=finding_facts(person, finding), every=every)


def condition_offers(person: User, condition: Condition, *, every: bool = False) -> tuple[Offer, ...]:
    """What this person could do about a condition; with `every` in whatever state."""
    allowed = rights.permissions_of(person, condition)
    return CONDITION.offered(condition.state, allowed=allowed, facts=condition_facts(person, condition), every=every)


def hold_offers(person: User, hold: Hold) -> tuple[Offer, ...]:
    """What this person could do about a hold."""
    allowed = rights.permissions_of(person, hold)
    known = hold_facts(person, hold) if Permission.HOLD_LIFT in allowed else HoldFacts(person.pk, hold.placed_by_id)
    return HOLD.offered(hold.state, allowed=allowed, facts=known)


def waiver_facts(person: User, waiver: Waiver) -> WaiverFacts:
    """What the waiver machine decides on for this person, by the pack in force."""
    pack, now = pack_in_force(), portal_now()
    refused = "No policy pack is in force yet; have one adopted first."
    if pack is not None:
        refused = waiving.refused(rules(pack).document, waiver.requirement, waiver.until, now)
    return WaiverFacts(
        actor_id=person.pk, requested_by_id=waiver.requested_by_id, builder_ids=building(waiver.system),
        until=waiver.until, now=now, refused_by_pack=refused,
        lent=_lent(person, waiver.system, Permission.WAIVER_GRANT),
    )  # fmt: skip


def waiver_offers(person: User, waiver: Waiver, *, every: bool = False) -> tuple[Offer, ...]:
    """What this person could do about a waiver; with `every` in whatever state."""
    allowed = rights.permissions_of(person, waiver)
    return WAIVER.offered(waiver.state, allowed=allowed, facts=waiver_facts(person, waiver), every=every)


def missing_reviewers(submission: Submission) -> tuple[str, ...]:
    """Sentences for stages that fewer independent people may sign than they need, each person signing one stage."""
    release = submission.release
    barred = builders(release) | frozenset(release.submissions.values_list("submitter_id", flat=True))
    unsigned = submission.reviews.exclude(state=Review.State.SIGNED)
    wanted = {review.title: (review.quorum, _seats(review, release, barred)) for review in unsigned}
    return tuple(
        f"{title}: {missing} more independent {'person' if missing == 1 else 'people'} needed. Ask governance to "
        "assign somebody who had no hand in this release."
        for title, missing in unfilled(wanted).items()
    )


def _seats(review: Review, release: Release, barred: frozenset[int]) -> frozenset[int]:
    """Who could sign a stage, a delegate counted as who lent the role: the two are one person of a quorum."""
    holding = rights.holders(review.permission, release).values_list("pk", flat=True)
    lent = delegations.only_lent(review.permission, release.system_id, release.system.unit_id)
    free = frozenset(holding) - barred
    return frozenset(lent.get(person, person) for person in free) - barred


def can_be_named(person: User, system: System) -> bool:
    """Whether a person may answer for a condition: a person, not closed, who can see the system."""
    return person.kind == User.Kind.HUMAN and person.is_active and rights.can(person, Permission.SYSTEM_VIEW, system)


def _is_under_review(submission: Submission) -> bool:
    """Whether the release still is where a submission of this kind finds it."""
    if submission.renewal:
        return submission.release.state in (Release.State.APPROVED, Release.State.SUSPENDED)
    return submission.release.state == Release.State.IN_REVIEW


def _before_approval(review: Review, signatures: int) -> tuple[Reason, ...]:
    """What the policy in force asks before the signature that completes a submission; nothing for an earlier one."""
    others = review.submission.reviews.exclude(pk=review.pk)
    if signatures + 1 < review.quorum or others.exclude(state=Review.State.SIGNED).exists():
        return ()
    return blockers_for_approval(review.submission.release)


def still_to_mend(review: Review) -> tuple[Reason, ...]:
    """What the policy asks before the last signature, told to those whose signature is an earlier one; else nothing."""
    undecided = review.state in (Review.State.WAITING, Review.State.OPEN)
    if not undecided or review.submission.state != Submission.State.OPEN:
        return ()
    signatures = review.sign_offs.filter(decision__in=_SIGNED).count()
    others = review.submission.reviews.exclude(pk=review.pk).exclude(state=Review.State.SIGNED)
    if signatures + 1 >= review.quorum and not others.exists():
        return ()  # stands among the reasons against this very signature
    return blockers_for_approval(review.submission.release)


def _before_submission(release: Release) -> tuple[Reason, ...]:
    """What the policy in force asks before a release goes to review; only asked where it could go."""
    if release.state in (Release.State.DRAFT, Release.State.APPROVED, Release.State.SUSPENDED):
        return blockers_for_submission(release)
    return ()
