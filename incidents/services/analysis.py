"""The analysis of an incident: whys down to a root cause, and what contributed."""

from __future__ import annotations

from governance.access.models import User
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from incidents.causes import CATEGORIES, FACTORS, MOST_WHYS
from incidents.models import ContributingFactor, Incident, Why
from incidents.queries import review_of
from incidents.services.incidents import LONGEST_TEXT, describe_incident
from incidents.services.locking import lock_ready
from incidents.services.review import not_complete
from incidents.services.unsaid import undo_review


def add_why(
    *, actor: User, incident: Incident, question: str, answer: str, root: bool = False, door: Door = Door.WEB
) -> Why:
    """Ask why once more and answer; with `root` this is where it began, and where no cause is written yet it is that.

    Raises InvalidInput, Forbidden, Conflict `state`, `order` below a root cause, `frozen` once the review is complete.
    """
    with acting(actor, door=door, verb="incident.add_why"):
        locked = _to_analyse(actor, incident, "add_why")
        checks = Checks()
        values = {
            "question": checks.text("question", question, limit=300, required=True),
            "answer": checks.text("answer", answer, limit=4000, required=True, lines=True),
        }
        checks.done()
        last = _last(locked)
        if last is not None and last.root:
            raise Conflict(Reason("order", "The chain has come to its root cause; take that back to ask on."))
        number = last.number + 1 if last else 1
        if number > MOST_WHYS:
            raise Conflict(Reason("order", f"A chain of more than {MOST_WHYS} questions explains nothing."))
        made = Why.objects.create(incident=locked, number=number, root=root, at=portal_now(), by=actor, **values)
        if root and not locked.root_cause:
            describe_incident(actor=actor, incident=locked, root_cause=made.answer[:LONGEST_TEXT], door=door)
    return made


def take_back_why(*, actor: User, why: Why, door: Door = Door.WEB) -> Why:
    """Take the last question of the chain back. Raises Conflict `order` for another one."""
    with acting(actor, door=door, verb="incident.take_back_why"):
        incident = _to_analyse(actor, why.incident, "take_back_why")
        last = _last(incident)
        if last is None or last.pk != why.pk:
            raise Conflict(Reason("order", "Only the last question of the chain is taken back."))
        last.taken_back_at, last.taken_back_by = portal_now(), actor
        last.save(update_fields=["taken_back_at", "taken_back_by"])
    return last


def add_factor(
    *, actor: User, incident: Incident, category: str, text: str, factor: str = "", door: Door = Door.WEB
) -> ContributingFactor:
    """Say what contributed, where it lies, and by which word of the vocabulary it is counted, if by any.

    Raises InvalidInput, Forbidden, Conflict `duplicate` for a word named already, `state`, `frozen`.
    """
    with acting(actor, door=door, verb="incident.add_factor"):
        locked = _to_analyse(actor, incident, "add_factor")
        checks = Checks()
        values = {
            "category": checks.choice("category", category, list(CATEGORIES)),
            "text": checks.text("text", text, limit=300, required=True),
        }
        if factor:
            values["factor"] = checks.choice("factor", factor, list(FACTORS.get(category, ())))
        checks.done()
        if factor and locked.factors.filter(factor=factor, taken_back_at=None).exists():
            raise Conflict(Reason("duplicate", "This was named already; say there how it contributed."))
        return ContributingFactor.objects.create(incident=locked, at=portal_now(), by=actor, **values)


def take_back_factor(*, actor: User, factor: ContributingFactor, door: Door = Door.WEB) -> ContributingFactor:
    """Say that something did not contribute after all. Raises Conflict `duplicate` the second time."""
    with acting(actor, door=door, verb="incident.take_back_factor"):
        _to_analyse(actor, factor.incident, "take_back_factor")
        locked = ContributingFactor.objects.select_for_update().get(pk=factor.pk)
        if locked.taken_back_at is not None:
            raise Conflict(Reason("duplicate", "This was taken back before."))
        locked.taken_back_at, locked.taken_back_by = portal_now(), actor
        locked.save(update_fields=["taken_back_at", "taken_back_by"])
    return locked


def _to_analyse(actor: User, incident: Incident, verb: str) -> Incident:
    """The incident under its lock; whoever agreed with its review agrees anew with what is found now."""
    locked = lock_ready(actor, incident, verb)
    not_complete(review_of(locked))
    undo_review(locked)
    return locked


def _last(incident: Incident) -> Why | None:
    return Why.objects.select_for_update().filter(incident=incident, taken_back_at=None).order_by("number").last()
