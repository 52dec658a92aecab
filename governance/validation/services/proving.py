"""What the nightly look at every act comes to: each violation is told once, by an alarm and a notice."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from governance.notify.alarms import RowNotHandled, alarm, alone
from governance.notify.outbox import announced
from governance.validation import notices
from governance.validation.independence import Violation

JOB = "prove_independence"
TITLE = "Somebody decided what they were not independent for"
MOST = 20


def tell(found: Sequence[Violation]) -> None:
    """Tell of what was not told of before, the newest first; of more than a night's share how many are left.

    What is left is told of in the nights that follow. What cannot be told raises its alarm and stops no other.
    """
    told = announced(map(notices.violation_once, found))
    fresh = [violation for violation in found if notices.violation_once(violation) not in told]
    for violation in fresh[:MOST]:
        _tell(violation, notices.violation_once(violation), str(violation))
    left = fresh[MOST:]
    if left:
        _tell(left[0], f"and {len(left)} more of {notices.violation_once(left[0])}", f"And {len(left)} more")


def _tell(violation: Violation, row: str, words: str) -> None:
    alarm(RowNotHandled(JOB, row, TITLE, f"{words}: see {notices.proof_page()}"))
    with alone(JOB, row, TITLE), transaction.atomic():
        notices.independence_violated(violation, words, once=row)
