"""The review of an incident: written, agreed with, completed; and what its action items became."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes.models import Change
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from incidents.models import (
    ActionItem,
    ActionLink,
    Incident,
    MonitoringPlan,
    Participant,
    PlaybookVersion,
    PostIncidentReview,
)
from incidents.queries import REVIEW_PARTS, review_lacks, review_of
from incidents.services.incidents import LONGEST_TEXT, Description, describe_incident
from incidents.services.locking import lock_incident, lock_ready
from incidents.services.unsaid import undo_review
from inventory.models import Document, Risk
from inventory.services.permitted import require

NOT_LINKED = "Must be of the same system as the incident."


class Words(TypedDict, total=False):
    """What is written in a review; what is left out stays as it is. The last two stand with the incident."""

    response: str
    detection: str
    analysis: str
    mitigation: str
    root_cause: str
    review: str


def write_review(
    *, actor: User, incident: Incident, door: Door = Door.WEB, **words: Unpack[Words]
) -> PostIncidentReview:
    """Begin the review of an incident or write on in it; whoever agreed before agrees anew.

    Raises InvalidInput, Forbidden, Conflict `state`, `frozen` once it is complete.
    """
    with acting(actor, door=door, verb="incident.write_review"):
        locked = lock_ready(actor, incident, "write_review")
        not_complete(review_of(locked))
        checks, now = Checks(), portal_now()
        values = {
            name: checks.text(name, words[name], limit=LONGEST_TEXT, lines=True)  # type: ignore[literal-required]
            for name in REVIEW_PARTS
            if name in words
        }
        checks.done()
        review, _ = PostIncidentReview.objects.update_or_create(
            incident=locked, defaults={**values, "updated_at": now},
            create_defaults={**values, "begun_at": now, "begun_by": actor, "updated_at": now},
        )  # fmt: skip
        undo_review(locked)
        with_it: Description = {}
        if "root_cause" in words:
            with_it["root_cause"] = words["root_cause"]
        if "review" in words:
            with_it["review"] = words["review"]
        if with_it:
            describe_incident(actor=actor, incident=locked, door=door, **with_it)
    return review


def agree_review(*, actor: User, incident: Incident, door: Door = Door.WEB) -> list[Participant]:
    """Agree with the review as it is written, for every function one takes part for.

    Raises Forbidden for whoever takes no part, Conflict `state` where there is nothing to agree with.
    """
    with acting(actor, door=door, verb="incident.agree_review"):
        locked = lock_ready(actor, incident, "agree_review")
        mine = list(locked.participants.filter(person=actor))
        if not mine:
            raise Forbidden(Reason("forbidden", "Only who takes part in this incident agrees with its review."))
        if review_of(locked) is None:
            raise Conflict(Reason("state", "Nobody began the review yet."))
        now = portal_now()
        for one in mine:
            if one.agreed_at is None:
                one.agreed_at = now
                one.save(update_fields=["agreed_at"])
    return mine


def complete_review(*, actor: User, incident: Incident, door: Door = Door.WEB) -> PostIncidentReview:
    """Say that the review is complete. Raises Conflict `blocked` naming what it lacks, `frozen` the second time."""
    with acting(actor, door=door, verb="incident.complete_review"):
        locked = lock_ready(actor, incident, "complete_review")
        review = review_of(locked)
        not_complete(review)
        if lacks := review_lacks(locked):
            raise Conflict(Reason("blocked", f"The review still lacks: {'; '.join(lacks)}."))
        if review is None:  # It lacks everything then; said for the type checker.
            raise Conflict(Reason("state", "Nobody began the review yet."))
        review.completed_at, review.completed_by = portal_now(), actor
        review.save(update_fields=["completed_at", "completed_by"])
        announce(
            Topic.INCIDENT_REVIEWED, locked, title=f"Review of {locked} ({locked.system})", actor=actor,
            href=reverse("incidents:incident_detail", args=[locked.pk]),
            people=[one.person for one in locked.participants.select_related("person")],
        )  # fmt: skip
    return review


def link_action(
    *,
    actor: User,
    action: ActionItem,
    target: Change | Risk | MonitoringPlan | Document | PlaybookVersion,
    door: Door = Door.WEB,
) -> ActionLink:
    """Say what an action item became: by its owner, or by whoever runs the incident, however it ended.

    Raises InvalidInput for what belongs to another system, Conflict `duplicate` the second time.
    """
    with acting(actor, door=door, verb="incident.link_action"):
        incident = lock_incident(action.incident, actor=actor)
        if action.owner_id != actor.pk:
            require(actor, Permission.INCIDENT_RUN, incident)
        kind = _KINDS[type(target)]
        checks = Checks()
        of_system = target.incident.system_id if isinstance(target, PlaybookVersion) else target.system_id
        if of_system != incident.system_id:
            checks.refuse(kind, NOT_LINKED)
        checks.done()
        if action.became.filter(**{kind: target}).exists():
            raise Conflict(Reason("duplicate", "This is written down already."))
        return ActionLink.objects.create(action=action, at=portal_now(), by=actor, **{kind: target})


_KINDS: dict[type, str] = {
    Change: "change", Risk: "risk", MonitoringPlan: "plan", Document: "document", PlaybookVersion: "playbook",
}  # fmt: skip


def not_complete(review: PostIncidentReview | None) -> None:
    """Raise Conflict `frozen` for a review that is complete."""
    if review is not None and review.completed_at is not None:
        raise Conflict(Reason("frozen", "The review is complete; it is written anew once the incident is reopened."))
