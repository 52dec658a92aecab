"""Who is asked to review: a lead assigns and relieves, a reviewer takes and hands back. No right to sign moves."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.validation import notices, queries, reviewers
from governance.validation.models import Review, ReviewAssignment, Submission
from governance.validation.rules import independence
from governance.validation.services.locks import lock_review
from inventory.services.permitted import allowed, require, said

ACT = ReviewAssignment.Act
NOT_ASSIGNED = "This stage is not assigned to this person."
HAD_A_HAND = Reason("sod.contributor", "You had a hand in this release; another lead says who reviews it.")


def assign_reviewer(
    *,
    actor: User,
    review: Review,
    person: User | None,
    instead_of: User | None = None,
    reason: str = "",
    door: Door = Door.WEB,
) -> ReviewAssignment:
    """Ask somebody independent who may sign the stage to review it; `instead_of` is relieved in the same act.

    Raises InvalidInput, Forbidden (no lead, or had a hand in the release), Conflict (the person may not review it and
    why, `duplicate`, `state`).
    """
    with acting(actor, door=door, verb="review.assign", reason=reason):
        locked = _led(actor, review, instead_of)
        reason = said(reason)
        checks = Checks()
        if person is None:
            checks.refuse("person", "Name somebody who holds the role of this stage.")
        checks.done()
        assert person is not None  # noqa: S101  refused above
        standing = reviewers.reviewers_of(locked)
        if instead_of is not None:
            _relieve(actor, locked, instead_of, standing, reason)
            standing = [each for each in standing if each.pk != instead_of.pk]
        _refuse_unfit(locked, person, standing)
        made = _write(actor, locked, person, ACT.ASSIGNED, reason)
        notices.review_assigned(locked, person, actor, reason)
        return made


def take_review(*, actor: User, review: Review, door: Door = Door.WEB) -> ReviewAssignment:
    """Take a stage out of the queue. Raises Forbidden (may not sign it, not independent), Conflict."""
    with acting(actor, door=door, verb="review.take"):
        locked = _undecided(lock_review(review.pk, actor=actor))
        require(actor, Permission(locked.permission), locked)
        if reasons := independence(queries.review_facts(actor, locked).independence):
            raise Forbidden(*reasons)
        _refuse_unfit(locked, actor, reviewers.reviewers_of(locked))
        return _write(actor, locked, actor, ACT.TAKEN, "")


def hand_back_review(*, actor: User, review: Review, reason: str, door: Door = Door.WEB) -> ReviewAssignment:
    """Give a stage back to its queue; the leads are told why. Raises InvalidInput, Conflict `state`."""
    with acting(actor, door=door, verb="review.hand_back", reason=reason):
        locked = _undecided(lock_review(review.pk, actor=actor))
        reason = _why(reason)
        if actor.pk not in {each.pk for each in reviewers.reviewers_of(locked)}:
            raise Conflict(Reason("state", "This stage is not assigned to you."))
        made = _write(actor, locked, actor, ACT.HANDED_BACK, reason)
        notices.review_let_go(locked, f"Handed back by {actor}", reviewers.leads(locked), actor, reason)
        return made


def relieve_reviewer(
    *, actor: User, review: Review, person: User | None, reason: str, door: Door = Door.WEB
) -> ReviewAssignment:
    """Take a stage from somebody and put it back into its queue. Raises as `assign_reviewer`."""
    with acting(actor, door=door, verb="review.relieve", reason=reason):
        locked = _led(actor, review)
        return _relieve(actor, locked, person, reviewers.reviewers_of(locked), _why(reason))


def _led(actor: User, review: Review, left_by: User | None = None) -> Review:
    """The stage, locked, for a lead who had no hand in the release: whoever builds picks no judge of it.

    What somebody whose account is closed left, whoever gives roles may hand over as well.
    """
    locked = lock_review(review.pk, actor=actor)
    left = left_by is not None and left_by.closed_at is not None
    if not (left and Permission.ASSIGNMENT_CHANGE in allowed(actor, locked)):
        require(actor, Permission.REVIEW_ASSIGN, locked)
    if independence(queries.independence_facts(actor, locked.submission.release)):
        raise Forbidden(HAD_A_HAND)
    return _undecided(locked)


def _undecided(review: Review) -> Review:
    if review.state not in reviewers.UNDECIDED or review.submission.state != Submission.State.OPEN:
        raise Conflict(Reason("state", "This stage is decided; nobody is asked any more."))
    return review


def _refuse_unfit(review: Review, person: User, standing: list[User]) -> None:
    if person.pk in {each.pk for each in standing}:
        raise Conflict(Reason("duplicate", "This stage is assigned to this person already."))
    if reasons := reviewers.unfitness(review, [person])[person.pk]:
        raise Conflict(*reasons)
    if len(standing) >= review.quorum:
        names = ", ".join(map(str, standing))
        full = f"This stage is assigned to {names}, as many as it needs; say instead of whom."
        raise Conflict(Reason("duplicate", full))


def _relieve(actor: User, review: Review, person: User | None, standing: list[User], reason: str) -> ReviewAssignment:
    if person is None or person.pk not in {each.pk for each in standing}:
        raise Conflict(Reason("state", NOT_ASSIGNED))
    made = _write(actor, review, person, ACT.RELIEVED, reason)
    notices.review_let_go(review, "No longer yours", [person], actor, reason)
    return made


def _why(reason: str) -> str:
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True)
    checks.done()
    return reason


def _write(actor: User, review: Review, person: User, act: str, reason: str) -> ReviewAssignment:
    return ReviewAssignment.objects.create(
        review=review, person=person, act=act, by=actor, reason=reason, at=portal_now()
    )
