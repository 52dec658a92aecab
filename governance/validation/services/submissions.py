"""Putting a release up for review: submit, renew, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance import canonical
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.checking import text_digest
from governance.policy.queries import blockers_for_approval, rules, rules_in_force
from governance.policy.schema import Stage
from governance.policy.validity import approval_ends
from governance.validation import notices, queries
from governance.validation.lifecycle import REVIEW, SUBMISSION, ReviewFacts, SubmissionFacts
from governance.validation.models import Review, Submission
from governance.validation.routes import ENVELOPE, FULL, LIGHT
from governance.validation.services import packages, routes
from inventory.envelopes import read
from inventory.lifecycle import ReleaseFacts
from inventory.models import Release
from inventory.services.permitted import allowed, require
from inventory.services.releases import lock_release, move_release


def submit_release(
    *, actor: User, release: Release, route: str = FULL, expected: str = "", door: Door = Door.WEB
) -> Submission:
    """Freeze a draft release into its next submission and open the first stage of review.

    `route` light goes through the stages the policy names for a minor change and leans on the last full review for
    the others. Raises InvalidInput, Forbidden, or Conflict naming everything that is missing.
    """
    checks = Checks()
    route = checks.choice("route", route, (FULL, LIGHT))
    checks.done()
    with acting(actor, door=door, verb="release.submit"):
        locked = lock_release(release, actor=actor, expected=expected)
        _begin(actor, locked)
        return _submit(actor, locked, renewal=False, route=route)


def ship_release(*, actor: User, release: Release, expected: str = "", door: Door = Door.WEB) -> Submission:
    """Approve a draft release without a new review, because it stays inside the envelope of the last reviewed one.

    Who signed that review agreed to the envelope; what ships is measured against what they saw, frozen and bound by
    digest in the same transaction. Raises Forbidden, Conflict naming what leaves the envelope.
    """
    with acting(actor, door=door, verb="release.ship"):
        locked = lock_release(release, actor=actor, expected=expected)
        _begin(actor, locked)
        submission = _submit(actor, locked, renewal=False, route=ENVELOPE)
        blockers = blockers_for_approval(locked)
        if blockers:
            raise Conflict(*blockers)
        approve_submission(actor, submission, portal_now())
        return submission


def approve_submission(actor: User, submission: Submission, now: datetime) -> None:
    """Approve a package whose last stage is signed, or that ships in an envelope.

    Never for longer than the review it leans on, and than the envelope. Raises Conflict.
    """
    carrier = submission.carried_by
    ends = approval_ends(rules(submission.pack).document, submission.tier, now)
    if ends is None:
        raise Conflict(Reason("blocked", f"The policy pack gives no validity for the tier “{submission.tier}”."))
    if carrier is not None:
        _still_carries(carrier, now)
        limits = [carrier.valid_until] if carrier.valid_until else []
        envelope = read(routes.envelope_of(carrier)) if submission.route == ENVELOPE else None
        ends = min([ends, *limits, *([envelope.until] if envelope else [])])
    end_submission(submission, "approve", at=now, valid=ends)
    if not submission.renewal:
        move_release(submission.release, "approve", actor=actor, facts=ReleaseFacts(), allowed=())
    notices.release_decided(submission, actor)


def _begin(actor: User, release: Release) -> None:
    facts = queries.release_facts(actor, release)
    move_release(release, "submit", actor=actor, facts=facts, allowed=allowed(actor, release))


def _still_carries(carrier: Submission, now: datetime) -> None:
    reviewed = Release.objects.select_for_update(no_key=True).get(pk=carrier.release_id)
    if reviewed.state != Release.State.APPROVED or carrier.valid_until is None or carrier.valid_until <= now:
        raise Conflict(
            Reason("blocked", f"Release {reviewed.version}, whose review this one leans on, no longer counts.")
        )


def renew_release(*, actor: User, release: Release, expected: str = "", door: Door = Door.WEB) -> Submission:
    """Put the same artifacts up for review again with the documents of now.

    The release keeps its state meanwhile, and the running approval counts until its own end. Raises Forbidden,
    Conflict.
    """
    with acting(actor, door=door, verb="release.renew"):
        locked = lock_release(release, actor=actor, expected=expected)
        verb = "renew_suspended" if locked.state == Release.State.SUSPENDED else "renew"
        facts = queries.release_facts(actor, locked)
        move_release(locked, verb, actor=actor, facts=facts, allowed=allowed(actor, locked))
        return _submit(actor, locked, renewal=True)


def withdraw_submission(
    *, actor: User, release: Release, reason: str = "", expected: str = "", door: Door = Door.WEB
) -> Submission:
    """Take the open submission of a release back: a first one returns the release to draft.

    Raises Forbidden, Conflict `state` when nothing is under review.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, lines=True)
    with acting(actor, door=door, verb="release.withdraw", reason=reason):
        locked = lock_release(release, actor=actor, expected=expected)
        checks.done()
        require(actor, Permission.RELEASE_SUBMIT, locked)
        submission = queries.open_submission(locked)
        if submission is None:
            raise Conflict(Reason("state", "Nothing of this release is under review."))
        end_submission(submission, "withdraw", at=portal_now(), allowed=allowed(actor, locked))
        if not submission.renewal:
            move_release(locked, "withdraw", actor=actor, facts=ReleaseFacts(), allowed=allowed(actor, locked))
        return submission


def end_submission(
    submission: Submission,
    verb: str,
    *,
    at: datetime,
    allowed: frozenset[str] = frozenset(),
    valid: datetime | None = None,
) -> None:
    """Close an open submission and void every review of it that is still to be signed: the only writer of its state.

    Called inside acting() with the submission locked. Raises Conflict.
    """
    submission.state = SUBMISSION.decide(verb, submission.state, allowed=allowed, facts=SubmissionFacts())
    submission.closed_at = at
    submission.valid_until = valid
    submission.save(update_fields=["state", "closed_at", "valid_until"])
    for review in submission.reviews.filter(state__in=REVIEW.transitions["void"].sources):
        review.state = REVIEW.decide("void", review.state, allowed=(), facts=ReviewFacts())
        review.closed_at = at
        review.save(update_fields=["state", "closed_at"])


def _submit(actor: User, release: Release, *, renewal: bool, route: str = FULL) -> Submission:
    pack, in_force = rules_in_force()
    stages = routes.stages_of(in_force.document, release.system, route)
    number = release.submissions.count() + 1
    now = portal_now()
    carrier = routes.last_reviewed(release.system) if route != FULL else None
    if route != FULL:
        reasons = routes.against(release, route, pack=pack, carrier=carrier, at=now)
        if reasons:
            raise Conflict(*reasons)
    package = packages.freeze(
        release, number=number, renewal=renewal, submitter_id=actor.pk, at=now, pack=pack, stages=stages, route=route,
        carrier=carrier,
    )  # fmt: skip
    submission = Submission.objects.create(
        release=release,
        number=number,
        manifest=package.text,
        digest=package.digest,
        renewal=renewal,
        route=route,
        carried_by=carrier,
        tier=release.system.tier,
        intended_use_digest=text_digest(release.system.intended_use),
        answers_digest=canonical.digest(release.system.answers),
        dependencies=package.bound_dependencies,
        pack=pack,
        pack_digest=pack.digest,
        submitter=actor,
        submitted_at=now,
    )
    authors = packages.authors_since_last_approval(release.system, package.revisions)
    packages.record_contributions(release, authors, "document", now)
    describers = packages.describers_since_last_approval(release.system)
    packages.record_contributions(release, describers, "system", now)
    linkers = packages.linkers_since_last_approval(release.system, package.dependencies)
    packages.record_contributions(release, linkers, "dependency", now)
    assessors = packages.risk_authors_since_last_approval(release.system, package.risks)
    packages.record_contributions(release, assessors, "risk", now)
    failing = packages.failure_authors_since_last_approval(
        release.system, package.failure_modes, package.look_alikes
    )  # fmt: skip
    packages.record_contributions(release, failing, "failure_mode", now)
    guarding = packages.control_authors_since_last_approval(release.system, package.controls)
    packages.record_contributions(release, guarding, "control", now)
    packages.record_contributions(release, packages.measurers(package.results), "evaluation", now)
    if carrier is not None and (hands := routes.with_a_hand(carrier, release, routes.changes_of(release))):
        raise Conflict(*(Reason("blocked", f"{person} and had a hand in this one.") for person in hands))
    _open_reviews(submission, stages, now)
    return submission


def _open_reviews(submission: Submission, stages: tuple[Stage, ...], now: datetime) -> None:
    first = min((stage.order for stage in stages), default=0)
    for stage in stages:
        is_open = stage.order == first
        review = Review.objects.create(
            submission=submission,
            stage=stage.id,
            title=stage.title,
            role=stage.role,
            permission=stage.permission,
            meaning=stage.meaning,
            checklist=[_line(item.model_dump(mode="json")) for item in stage.checklist],
            quorum=stage.quorum,
            order=stage.order,
            state=Review.State.OPEN if is_open else Review.State.WAITING,
            opened_at=now if is_open else None,
        )
        if is_open:
            notices.review_opened(review)


def _line(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": item["id"], "text": item["text"]}
