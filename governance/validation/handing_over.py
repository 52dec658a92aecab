"""What validation knows of what somebody left: stages assigned to them, conditions, findings they raised."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from governance.access.models import User
from governance.ledger.acting import Door
from governance.validation import queries, reviewers, services
from governance.validation.models import Condition, Finding, Review, Submission
from governance.web.days import last_day
from governance.web.handing_over import LEGACIES, Left, Legacy
from inventory.handing_over import systems_of

MOST = 200
ANSWERED = "They go with the system: whoever owns it next answers for them, and nobody verifies their own answer."
VERIFIED = "Whoever verifies findings on the system judges the answer, and can open the finding again."


def stages_of(person: User) -> Iterable[Left]:
    """Undecided stages assigned to this person."""
    standing = reviewers.standing().filter(
        person=person, review__state__in=reviewers.UNDECIDED, review__submission__state=Submission.State.OPEN
    )
    for review in queries.reviews().filter(pk__in=standing.values("review")).order_by("opened_at", "pk")[:MOST]:
        yield Left(
            review.pk, str(review), reverse("validation:review_detail", args=[review.pk]), review.get_state_display()
        )


def give_stage(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Assign it to somebody else in one act."""
    review = Review.objects.get(pk=key)
    return services.assign_reviewer(
        actor=actor, review=review, person=successor, instead_of=person, reason=reason, door=door
    )


def conditions_of(person: User) -> Iterable[Left]:
    """Promises this person answers for that are not met."""
    unmet = queries.answered_by(person).exclude(state=Condition.State.MET)
    for condition in unmet.order_by("due", "pk")[:MOST]:
        page = reverse("validation:condition_detail", args=[condition.pk])
        yield Left(condition.pk, condition.text[:120], page, f"{condition.submission.release}, due {_day(condition)}")


def give_condition(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else answer for it."""
    condition = Condition.objects.get(pk=key)
    return services.hand_over_condition(actor=actor, condition=condition, successor=successor, reason=reason, door=door)


def findings_of(person: User) -> Iterable[Left]:
    """Findings this person raised that are not settled."""
    unsettled = queries.findings().filter(raised_by=person, state__in=(Finding.State.OPEN, Finding.State.ANSWERED))
    for finding in unsettled.order_by("due", "pk")[:MOST]:
        page = reverse("validation:finding_detail", args=[finding.pk])
        yield Left(finding.pk, finding.title, page, f"{finding.release}, {finding.get_state_display().lower()}")


def unanswered_of(person: User) -> Iterable[Left]:
    """Findings without an answer on systems this person owns, or owned last: whoever owns them next answers."""
    owned = [left.key for left in systems_of(person)]
    unanswered = queries.findings().filter(release__system__in=owned, state=Finding.State.OPEN)
    for finding in unanswered.order_by("due", "pk")[:MOST]:
        page = reverse("validation:finding_detail", args=[finding.pk])
        due = f", due {last_day(finding.due):%-d %b %Y}" if finding.due else ""
        yield Left(finding.pk, finding.title, page, f"{finding.release}{due}")


def _day(condition: Condition) -> str:
    return f"{last_day(condition.due):%-d %b %Y}"


def register() -> None:
    """Say what validation hands over; called once at start."""
    LEGACIES.register(Legacy("reviews", "Stages assigned to them", stages_of, give_stage, order=20))
    LEGACIES.register(Legacy("conditions", "Conditions they answer for", conditions_of, give_condition, order=30))
    LEGACIES.register(Legacy("findings", "Findings they raised", findings_of, otherwise=VERIFIED, order=40))
    LEGACIES.register(Legacy("answers", "Findings to answer", unanswered_of, otherwise=ANSWERED, order=41))
