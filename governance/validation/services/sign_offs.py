"""Signing a review: one person's decision, bound to the package they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from governance.access.models import User
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.policy.queries import rules
from governance.validation import notices, proofs, queries
from governance.validation.lifecycle import REVIEW, ReviewFacts, review_machine
from governance.validation.models import Condition, Review, SignOff, Submission
from governance.validation.promised import Promised, names_of, read
from governance.validation.rules import for_whom, opened_orders
from governance.validation.services.locks import lock_review
from governance.validation.services.submissions import approve_submission, end_submission
from inventory.lifecycle import ReleaseFacts
from inventory.metrics import catalogue
from inventory.services.permitted import allowed
from inventory.services.releases import move_release

VERBS: dict[str, str] = {
    SignOff.Decision.APPROVE: "sign",
    SignOff.Decision.APPROVE_WITH_CONDITIONS: "sign",
    SignOff.Decision.REJECT: "reject",
    SignOff.Decision.RETURN: "return",
}


@dataclass(frozen=True)
class ConditionInput:
    """A promise asked for with a conditional signature; no environments means all of them."""

    text: str
    owner: User | None
    due: datetime | None
    environments: tuple[str, ...] = ()
    check: Promised | None = None


def sign_off(
    *,
    actor: User,
    review: Review,
    decision: str,
    digest: str,
    confirmed_by: str,
    comment: str = "",
    conditions: Sequence[ConditionInput] = (),
    door: Door = Door.WEB,
) -> SignOff:
    """Record one person's decision on a review and everything that follows from it.

    `digest` is the digest of the page the person read; `confirmed_by` says how they proved presence just now.
    Raises InvalidInput, Forbidden (may not, not independent, not in person), Conflict (`stale`, `order`,
    `duplicate`, `blocked`, `state`).
    """
    checks = Checks()
    comment = checks.text("comment", comment, limit=20_000, lines=True)
    with acting(actor, door=door, verb="review.sign", reason=comment):
        locked = lock_review(review.pk, actor=actor)
        verb = VERBS.get(checks.choice("decision", decision, SignOff.Decision.values), "sign")
        facts = queries.review_facts(
            actor, locked, digest_shown=digest, by_person=door is Door.WEB and bool(confirmed_by)
        )
        rights = allowed(actor, locked)
        locked.state = review_machine(locked.permission).decide(verb, locked.state, allowed=rights, facts=facts)
        now = portal_now()
        promises = _checked(checks, locked, decision, comment, conditions, now)
        checks.done()
        signed = _signature(actor, locked, decision, comment, digest, confirmed_by, now)
        stood_in = for_whom(facts.on_behalf)
        signed.delegation_id = stood_in.delegation_id if stood_in is not None else None
        _write(signed, locked, promises)
        _follow(actor, locked, verb, comment, now)
        return signed


def _checked(
    checks: Checks,
    review: Review,
    decision: str,
    comment: str,
    conditions: Sequence[ConditionInput],
    now: datetime,
) -> Sequence[ConditionInput]:
    """The conditions as they will be kept; notes what is wrong with the rest of the form as well."""
    if decision != SignOff.Decision.APPROVE and not comment:
        checks.refuse("comment", "Say why: a comment is required unless you approve without conditions.")
    if decision != SignOff.Decision.APPROVE_WITH_CONDITIONS:
        if conditions:
            checks.refuse("condition_text", "Conditions belong to “approve with conditions”.")
        return ()
    if not conditions:
        checks.refuse("condition_text", "Name at least one condition.")
    terms = rules(review.submission.pack)
    known = {environment.id for environment in terms.document.environments}
    names, kept = names_of(terms, catalogue()), []
    for number, condition in enumerate(conditions):
        below = checks.below(f"conditions.{number}")
        below.text("text", condition.text, limit=2000, required=True, lines=True)
        if condition.owner is None or not queries.can_be_named(condition.owner, review.submission.release.system):
            below.refuse("owner", "Name a person who can see this system.")
        due = below.instant("due", condition.due)
        if due is None or due <= now:
            below.refuse("due", "Must lie in the future.")
        if unknown := sorted(set(condition.environments) - known):
            below.refuse("environments", f"Unknown: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
        kept.append(replace(condition, check=read(below, names, condition.check) if condition.check else None))
    return kept


def _signature(
    actor: User, review: Review, decision: str, comment: str, digest: str, confirmed_by: str, now: datetime
) -> SignOff:
    return SignOff(
        review=review,
        submission=review.submission,
        person=actor,
        decision=decision,
        comment=comment,
        digest=digest,
        pack_digest=review.submission.pack_digest,
        meaning=review.meaning,
        printed_name=actor.get_full_name(),
        role=review.role,
        authenticated_by=confirmed_by,
        signed_at=now,
    )


def _write(signed: SignOff, review: Review, promises: Sequence[ConditionInput]) -> None:
    """Save the signature under its proof, what it promises, and where its review stands."""
    conditions = [
        Condition(
            submission=review.submission,
            text=promise.text,
            owner=promise.owner,
            due=promise.due or signed.signed_at,  # an absent day has been refused before
            environments=list(promise.environments),
            **_check(promise.check),
        )
        for promise in promises
    ]
    proofs.prove(signed, conditions)
    signed.save(force_insert=True)
    for condition in conditions:
        condition.sign_off = signed
    Condition.objects.bulk_create(conditions)
    if review.state != Review.State.OPEN:
        review.closed_at = signed.signed_at
    review.save(update_fields=["state", "closed_at"])


def _check(check: Promised | None) -> dict[str, str]:
    """The columns of what the portal checks of a promise."""
    if check is None:
        return {}
    return {
        "check_kind": check.kind, "check_of": check.of, "check_slice": check.slice, "check_value": check.value,
    }  # fmt: skip


def _follow(actor: User, review: Review, verb: str, comment: str, now: datetime) -> None:
    """What a decision sets in motion: the next stages, the approval, the rejection, the return."""
    submission = review.submission
    if verb == "sign":
        if review.state == Review.State.SIGNED and not _open_next(submission, now):
            approve_submission(actor, submission, now)
        return
    end_submission(submission, verb, at=now)
    if not submission.renewal:
        move_release(submission.release, verb, actor=actor, facts=ReleaseFacts(), allowed=())
    elif verb == "reject":
        move_release(submission.release, "reject_renewal", actor=actor, facts=ReleaseFacts(), allowed=())
    notices.release_decided(submission, actor, comment)


def _open_next(submission: Submission, now: datetime) -> bool:
    """Open the next stages in order; False when every stage is signed."""
    reviews = list(submission.reviews.all())
    order = opened_orders((review.order, review.state == Review.State.SIGNED) for review in reviews)
    for review in reviews:
        if review.order == order and review.state == Review.State.WAITING:
            review.state = REVIEW.decide("open", review.state, allowed=(), facts=ReviewFacts())
            review.opened_at = now
            review.save(update_fields=["state", "opened_at"])
            notices.review_opened(review)
    return order is not None
