"""Who may attach a file to which part of a review or a finding: asked by the forms in advance, by the service then."""

from __future__ import annotations

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal
from governance.validation import queries
from governance.validation.lifecycle import FindingState, settling
from governance.validation.models import Finding, FindingFile, Review, ReviewFile, Submission
from governance.validation.reviewers import CONCERNED
from governance.validation.rules import independence

_PARTS_OF_FINDING = {
    FindingFile.Part.RESPONSE: (Permission.FINDING_RESPOND, {FindingState.OPEN, FindingState.ANSWERED}),
    FindingFile.Part.VERIFICATION: (Permission.FINDING_VERIFY, {FindingState.ANSWERED, FindingState.CLOSED}),
}


def against_review(person: User, review: Review, part: str) -> Refusal | None:
    """What stands against this person attaching a file to a part of a review."""
    allowed = rights.permissions_of(person, review)
    if part == ReviewFile.Part.DISCUSSION:
        if allowed.isdisjoint(CONCERNED):
            return Forbidden(Reason("forbidden", "Only who builds, reviews or assigns reviews here takes part."))
        return None
    if review.sign_offs.filter(person=person).exists():
        return None  # later papers of one's own decision
    if review.permission not in allowed:
        return Forbidden(Reason("forbidden", "Only who may sign this stage attaches what a decision rests on."))
    if reasons := independence(queries.independence_facts(person, review.submission.release)):
        return Forbidden(*reasons)
    if review.state != Review.State.OPEN or review.submission.state != Submission.State.OPEN:
        return Conflict(Reason("state", "This stage is not open; only who decided it adds to the decision."))
    return None


def against_finding(person: User, finding: Finding, part: str) -> Refusal | None:
    """What stands against this person attaching a file to the answer to a finding, or to the judgement of it."""
    permission, states = _PARTS_OF_FINDING[FindingFile.Part(part)]
    if permission not in rights.permissions_of(person, finding):
        return Forbidden(Reason("forbidden", rights.missing(person, permission, finding)))
    if part == FindingFile.Part.VERIFICATION and (reasons := settling(queries.finding_facts(person, finding))):
        return Forbidden(*reasons)
    if finding.state not in states:
        return Conflict(
            Reason("state", f"This finding is {finding.get_state_display().lower()}; it takes no such file.")
        )
    return None


def parts_of_review(person: User, review: Review) -> list[str]:
    """The parts of a review this person may attach a file to now."""
    return [part for part in ReviewFile.Part.values if against_review(person, review, part) is None]


def parts_of_finding(person: User, finding: Finding) -> list[str]:
    """The parts of a finding this person may attach a file to now."""
    return [part for part in FindingFile.Part.values if against_finding(person, finding, part) is None]
