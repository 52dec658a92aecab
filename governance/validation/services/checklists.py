"""Checklists: what a reviewer answers to the items of their stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.validation import queries
from governance.validation.models import CheckAnswer, Review, Submission
from governance.validation.rules import independence
from governance.validation.services.locks import lock_review
from inventory.services.permitted import require

NOTE = 2000


@dataclass(frozen=True)
class CheckInput:
    """What somebody answers to one item."""

    item: str
    answer: str
    note: str = ""


def answer_checklist(
    *, actor: User, review: Review, answers: Sequence[CheckInput], door: Door = Door.WEB
) -> list[CheckAnswer]:
    """Keep the answers that differ from the ones that count now; earlier ones stay on the record.

    Raises InvalidInput, Forbidden (may not sign this stage, not independent), Conflict (the stage is not open).
    """
    checks = Checks()
    with acting(actor, door=door, verb="review.check"):
        locked = lock_review(review.pk, actor=actor)
        require(actor, Permission(locked.permission), locked)
        release = locked.submission.release
        if reasons := independence(queries.independence_facts(actor, release)):
            raise Forbidden(*reasons)
        if locked.state != Review.State.OPEN or locked.submission.state != Submission.State.OPEN:
            raise Conflict(Reason("state", "A checklist is answered while its stage is open."))
        checked = _checked(checks, locked, answers)
        checks.done()
        standing = queries.checklist_answers(locked)
        now = portal_now()
        return [
            CheckAnswer.objects.create(
                review=locked, item=each.item, answer=each.answer, note=each.note, person=actor, at=now
            )
            for each in checked
            if (known := standing.get(each.item)) is None or (known.answer, known.note) != (each.answer, each.note)
        ]


def _checked(checks: Checks, review: Review, answers: Sequence[CheckInput]) -> list[CheckInput]:
    """The answers as they will be kept, each item once; notes what is wrong with them."""
    known = {line["id"] for line in review.checklist}
    found: dict[str, CheckInput] = {}
    if not answers:
        checks.refuse("answers", "Answer at least one item.")
    for number, given in enumerate(answers):
        below = checks.below(f"answers.{number}")
        if given.item not in known or given.item in found:
            below.refuse("item", "Must be an item of this stage's checklist, named once.")
        answer = below.choice("answer", given.answer, CheckAnswer.Answer.values)
        note = below.text("note", given.note, limit=NOTE, lines=True)
        if answer and answer != CheckAnswer.Answer.YES and not note:
            below.refuse("note", "Say why the answer is not a plain yes.")
        found[given.item] = CheckInput(given.item, answer, note)
    return list(found.values())
