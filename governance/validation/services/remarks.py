"""What is said in a review: a reviewer asks for more, the submitting side answers, everybody concerned may remark."""

from __future__ import annotations

import re
from collections.abc import Iterable

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.validation import notices, queries, reviewers
from governance.validation.models import Review, ReviewRemark, Submission
from governance.validation.rules import independence
from governance.validation.services.locks import lock_review
from inventory.services.permitted import require

LONG, MOST_NAMED = 20_000, 20
KIND = ReviewRemark.Kind
_NAMED = re.compile(r"(?<![\w@])@([A-Za-z0-9._-]*[A-Za-z0-9_-])")


def ask_in_review(*, actor: User, review: Review, text: str, door: Door = Door.WEB) -> ReviewRemark:
    """Ask the submitting side for more; they are told and the question stands open until they answer.

    Raises InvalidInput, Forbidden (may not sign the stage, not independent), Conflict `state`.
    """
    with acting(actor, door=door, verb="review.ask"):
        locked = _under_review(lock_review(review.pk, actor=actor))
        require(actor, Permission(locked.permission), locked)
        if reasons := independence(queries.independence_facts(actor, locked.submission.release)):
            raise Forbidden(*reasons)
        return _say(actor, locked, KIND.QUESTION, text, None)


def answer_in_review(
    *, actor: User, review: Review, question: ReviewRemark | None, text: str, door: Door = Door.WEB
) -> ReviewRemark:
    """Answer a question for the submitting side. Raises InvalidInput, Forbidden, Conflict `state`, `duplicate`."""
    with acting(actor, door=door, verb="review.answer"):
        locked = _under_review(lock_review(review.pk, actor=actor))
        require(actor, Permission.FINDING_RESPOND, locked)
        if question is None or question.review_id != locked.pk or question.kind != KIND.QUESTION:
            raise Conflict(Reason("state", "This is no question of this review."))
        if question.answers.exists():
            raise Conflict(Reason("duplicate", "This question has its answer; add a remark."))
        return _say(actor, locked, KIND.ANSWER, text, question)


def remark_in_review(*, actor: User, review: Review, text: str, door: Door = Door.WEB) -> ReviewRemark:
    """Say something in a review; whoever is named with @username and may see it is told.

    Raises InvalidInput, Forbidden for who takes no part in reviews of this system.
    """
    with acting(actor, door=door, verb="review.remark"):
        locked = lock_review(review.pk, actor=actor)
        if rights.permissions_of(actor, locked).isdisjoint(reviewers.CONCERNED):
            raise Forbidden(Reason("forbidden", "Only who builds, reviews or assigns reviews here takes part."))
        return _say(actor, locked, KIND.REMARK, text, None)


def named_in(text: str) -> list[User]:
    """The people a text names with @username."""
    names = sorted(set(_NAMED.findall(text)))[:MOST_NAMED]
    return list(User.objects.filter(username__in=names, kind=User.Kind.HUMAN)) if names else []


def _under_review(review: Review) -> Review:
    if review.state not in reviewers.UNDECIDED or review.submission.state != Submission.State.OPEN:
        raise Conflict(Reason("state", "This stage is decided; add a remark instead."))
    return review


def _say(actor: User, review: Review, kind: str, text: str, question: ReviewRemark | None) -> ReviewRemark:
    checks = Checks()
    text = checks.text("text", text, limit=LONG, required=True, lines=True)
    checks.done()
    said = ReviewRemark.objects.create(
        review=review, kind=kind, question=question, text=text, person=actor, at=portal_now()
    )
    notices.remarked(said, _told(said), actor)
    return said


def _told(said: ReviewRemark) -> Iterable[User]:
    """Whom it is said to, and whoever is named."""
    told = named_in(said.text)
    if said.kind == KIND.QUESTION:
        submitter = said.review.submission.submitter
        told.extend(notices.whoever_may(submitter, Permission.FINDING_RESPOND, said.review))
    if said.question is not None:
        told.append(said.question.person)
    return told
