"""Row locks in the one order everybody takes them: System, Release, Submission, Review.

Always the same order, so that two verbs on one release wait for each other instead of deadlocking. The locks leave
the key alone (NO KEY UPDATE): rows that merely refer to the locked one are not held up. Whoever may not see the
system gets NotVisible, as from a row that does not exist.
"""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.validation.models import Review, Submission
from inventory.models import System
from inventory.services.permitted import require
from inventory.services.releases import lock_release


def lock_system(pk: int, *, actor: User) -> System:
    """The system, locked until the transaction ends."""
    system = System.objects.select_for_update(no_key=True).get(pk=pk)
    require(actor, Permission.SYSTEM_VIEW, system)
    return system


def lock_submission(pk: int, *, actor: User) -> Submission:
    """The submission, locked after its system and release."""
    release = lock_release(Submission.objects.select_related("release").get(pk=pk).release, actor=actor)
    submission = Submission.objects.select_for_update(no_key=True).get(pk=pk)
    submission.release = release
    return submission


def lock_review(pk: int, *, actor: User) -> Review:
    """The review, locked after its system, release and submission."""
    submission = lock_submission(Review.objects.values_list("submission_id", flat=True).get(pk=pk), actor=actor)
    review = Review.objects.select_for_update(no_key=True).get(pk=pk)
    review.submission = submission
    return review
