"""Named reads of who reviews what: standing assignments, who may be asked, the queue of a lead, the load of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow
from governance.lifecycle import Reason
from governance.validation import overdue, queries
from governance.validation.models import Review, ReviewAssignment, SignOff, Submission
from governance.validation.rules import unfit
from inventory.models import Assignment, UnitClosure

HOLDING = (ReviewAssignment.Act.ASSIGNED, ReviewAssignment.Act.TAKEN)
UNDECIDED = (Review.State.WAITING, Review.State.OPEN)
# Who takes part in a review in some way. Who only reads, reads this too.
CONCERNED = (
    Permission.SIGN_VALIDATION, Permission.SIGN_AUDIT, Permission.SIGN_ETHICS, Permission.SIGN_APPROVAL,
    Permission.REVIEW_ASSIGN,
    Permission.FINDING_RAISE, Permission.FINDING_RESPOND, Permission.FINDING_ACCEPT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with the role of a stage, why they may not review it, and how many open reviews they have."""

    person: User
    reasons: tuple[Reason, ...]
    load: int


@dataclass(frozen=True, slots=True)
class Load:
    """The open reviews somebody is assigned to, how many sit for longer than the policy allows, and the next to."""

    person: User
    open: int
    coming: int
    oldest: datetime | None
    late: int = 0
    due: datetime | None = None


def standing() -> QuerySet[ReviewAssignment]:
    """The assignments that count: the newest act about each person of each stage, if it gave them the stage."""
    later = ReviewAssignment.objects.filter(
        review=OuterRef("review_id"), person=OuterRef("person_id"), pk__gt=OuterRef("pk")
    )
    return ReviewAssignment.objects.filter(~Exists(later), act__in=HOLDING)


def assigned(**to: Any) -> Exists:
    """Whether a review of the outer query has an assignment that counts, of this person if one is named."""
    return Exists(standing().filter(review=OuterRef("pk"), **to))


def with_reviewers(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The reviews with the assignments that count as `standing`, in one more statement."""
    counted = standing().select_related("person")
    return reviews.prefetch_related(Prefetch("assignments", queryset=counted, to_attr="standing"))


def reviewers_of(review: Review) -> list[User]:
    """The people a stage is assigned to."""
    return [each.person for each in standing().filter(review=review).select_related("person")]


def leads(review: Review) -> QuerySet[User]:
    """Who assigns reviewers to the stage: whoever builds the release picks no judge of it."""
    found = rights.holders(Permission.REVIEW_ASSIGN, review)
    return found.exclude(pk__in=queries.builders(review.submission.release))


def leads_somewhere(person: User) -> bool:
    """Whether the person assigns reviewers anywhere."""
    reach = rights.reach_of(person, Permission.REVIEW_ASSIGN)
    return reach.everything or bool(reach.units or reach.systems)


def unassigned(person: User) -> QuerySet[Review]:
    """Open stages nobody is assigned to, where this person assigns reviewers and had no hand in the release."""
    found = rights.visible(person, Review.objects.filter(state=Review.State.OPEN), Permission.REVIEW_ASSIGN)
    return found.filter(~assigned()).exclude(submission__release__contributions__person=person)


def unfitness(review: Review, people: Iterable[User]) -> dict[int, tuple[Reason, ...]]:
    """Why each of these people may not review the stage, by key; empty for those who may. A fixed number of reads."""
    submission = review.submission
    signed: dict[int, list[str]] = {}
    for who, title in submission.sign_offs.values_list("person_id", "review__title"):
        signed.setdefault(who, []).append(title)
    entitled = frozenset(rights.holders(review.permission, review).values_list("pk", flat=True))
    nobody = queries.independence_facts(User(), submission.release)
    return {
        person.pk: unfit(
            replace(nobody, person_ids=frozenset({person.pk}), signed_stages=tuple(signed.get(person.pk, ()))),
            holds_role=person.pk in entitled,
        )
        for person in people
    }


def candidates(review: Review) -> list[Candidate]:
    """Everybody who holds the role of a stage here, those who may review it first, the least loaded of them first."""
    release = review.submission.release
    above = UnitClosure.objects.filter(descendant=release.system.unit_id).values("ancestor")
    running = Q(until=None) | Q(until__gt=PortalNow())
    roles = Assignment.objects.filter(
        Q(system=release.system_id) | Q(unit__in=above), running, role=review.role, since__lte=PortalNow()
    )
    people = list(
        User.objects.filter(pk__in=roles.values("person_id"), is_active=True, closed_at=None).order_by("name", "pk")
    )
    reasons, loads = unfitness(review, people), open_loads(people)
    found = [Candidate(person, reasons[person.pk], loads.get(person.pk, 0)) for person in people]
    return sorted(found, key=lambda each: (bool(each.reasons), each.load))


def open_loads(people: Iterable[User]) -> dict[int, int]:
    """How many open reviews each of these people is assigned to."""
    rows = standing().filter(person__in=list(people), review__state=Review.State.OPEN)
    return dict(rows.order_by().values_list("person").annotate(open=Count("pk")))


def workload(person: User, most: int) -> list[Load]:
    """Who has how many reviews in the queues this person leads: the fullest desks first."""
    signed = SignOff.objects.filter(review=OuterRef("review_id"), person=OuterRef("person_id"))
    undecided = standing().filter(
        ~Exists(signed), review__state__in=UNDECIDED, review__submission__state=Submission.State.OPEN
    )
    rows = rights.visible(person, undecided, Permission.REVIEW_ASSIGN)
    open_now = Q(review__state=Review.State.OPEN)
    counted = rows.order_by().values("person").annotate(
        open=Count("pk", filter=open_now), coming=Count("pk", filter=~open_now),
        oldest=Min("review__opened_at", filter=open_now), late=Count("pk", filter=overdue.late(before="review__")),
        due=Min(overdue.until(before="review__")),
    ).order_by("-open", "oldest", "person")[:most]  # fmt: skip
    found = list(counted)
    people = User.objects.in_bulk([row["person"] for row in found])
    return [
        Load(people[row["person"]], row["open"], row["coming"], row["oldest"], row["late"], row["due"]) for row in found
    ]
