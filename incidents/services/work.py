"""What an incident keeps people busy with: notes, checks before the return to service, action items."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from incidents.lifecycle import decide_check
from incidents.models import ActionItem, Incident, ServiceCheck, TimelineEntry
from incidents.queries import playbooks_for
from incidents.services.locking import lock_incident, lock_ready
from inventory.services.permitted import allowed, require

NO_OWNER = "Must be somebody who can see this system."


def note(*, actor: User, incident: Incident, text: str, door: Door = Door.WEB) -> TimelineEntry:
    """Write a line on the timeline."""
    with acting(actor, door=door, verb="incident.note"):
        locked = lock_ready(actor, incident, "note")
        checks = Checks()
        kept = checks.text("text", text, limit=4000, lines=True, required=True)
        checks.done()
        return TimelineEntry.objects.create(incident=locked, author=actor, at=portal_now(), text=kept)


def add_check(*, actor: User, incident: Incident, text: str, door: Door = Door.WEB) -> ServiceCheck:
    """Write down what must hold before the system returns to normal service."""
    with acting(actor, door=door, verb="incident.add_check"):
        locked = lock_ready(actor, incident, "add_check")
        checks = Checks()
        kept = checks.text("text", text, limit=300, required=True)
        checks.done()
        return ServiceCheck.objects.create(incident=locked, text=kept, added_by=actor)


def pass_check(*, actor: User, check: ServiceCheck, evidence: str, door: Door = Door.WEB) -> ServiceCheck:
    """Confirm with evidence that a check holds. Raises Conflict `duplicate` when it was passed before."""
    with acting(actor, door=door, verb="incident.pass_check"):
        incident = lock_ready(actor, check.incident, "pass_check")
        locked = ServiceCheck.objects.select_for_update().get(pk=check.pk)
        decide_check(
            severe=incident.two_person_close, actor_id=actor.pk, added_by_id=locked.added_by_id,
            commander_id=incident.commander_id,
        )  # fmt: skip
        checks = Checks()
        locked.evidence = checks.text("evidence", evidence, limit=4000, lines=True, required=True)
        checks.done()
        if locked.passed_at is not None:
            raise Conflict(Reason("duplicate", "This check was passed before."))
        locked.passed_at, locked.passed_by = portal_now(), actor
        locked.save(update_fields=["evidence", "passed_at", "passed_by"])
    return locked


def add_action(
    *, actor: User, incident: Incident, text: str, owner: User, due: datetime, door: Door = Door.WEB
) -> ActionItem:
    """Give somebody something to do by a date."""
    with acting(actor, door=door, verb="incident.add_action"):
        locked = lock_ready(actor, incident, "add_action")
        checks = Checks()
        kept = checks.text("text", text, limit=300, required=True)
        checks.instant("due", due)
        if due <= portal_now():
            checks.refuse("due", "Must lie in the future.")
        if not can(owner, Permission.SYSTEM_VIEW, locked):
            checks.refuse("owner", NO_OWNER)
        checks.done()
        return ActionItem.objects.create(incident=locked, text=kept, owner=owner, due=due)


def start_playbook(
    *, actor: User, incident: Incident, playbook: str, owner: User, door: Door = Door.WEB
) -> list[ActionItem]:
    """Turn the steps of a playbook of the pack into tasks, each due so many hours from now. Raises InvalidInput."""
    with acting(actor, door=door, verb="incident.start_playbook"):
        locked = lock_ready(actor, incident, "start_playbook")
        books = {book.id: book for book in playbooks_for(locked)}
        checks, now = Checks(), portal_now()
        if playbook not in books:
            checks.refuse("playbook", "Must be a playbook for this type and tier that was not begun yet.")
        if not can(owner, Permission.SYSTEM_VIEW, locked):
            checks.refuse("owner", NO_OWNER)
        checks.done()
        return ActionItem.objects.bulk_create(
            ActionItem(
                incident=locked, text=step.text, owner=owner, due=now + timedelta(hours=step.within_hours),
                playbook=playbook,
            )
            for step in books[playbook].steps
        )  # fmt: skip


def finish_action(*, actor: User, action: ActionItem, door: Door = Door.WEB) -> ActionItem:
    """Say that an action item is done: by its owner, or by whoever runs the incident."""
    with acting(actor, door=door, verb="incident.finish_action"):
        incident = lock_incident(action.incident, actor=actor)
        locked = ActionItem.objects.select_for_update().get(pk=action.pk)
        if locked.owner_id != actor.pk:
            require(actor, Permission.INCIDENT_RUN, incident)
        if locked.done_at is not None:
            raise Conflict(Reason("duplicate", "This was done before."))
        locked.done_at, locked.done_by = portal_now(), actor
        locked.save(update_fields=["done_at", "done_by"])
    return locked


def hand_over_action(*, actor: User, action: ActionItem, owner: User, reason: str, door: Door = Door.WEB) -> ActionItem:
    """Give an action item to somebody else: whoever runs the incident; of a closed account, also who gives roles.

    Raises InvalidInput, Forbidden, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="incident.hand_over_action", reason=reason):
        checks.done()
        incident = lock_incident(action.incident, actor=actor)
        locked = ActionItem.objects.select_for_update(of=("self",)).select_related("owner").get(pk=action.pk)
        left = locked.owner.closed_at is not None and Permission.ASSIGNMENT_CHANGE in allowed(actor, incident)
        if not left:
            require(actor, Permission.INCIDENT_RUN, incident)
        if locked.done_at is not None:
            raise Conflict(Reason("state", "This is done; nobody has to do it."))
        if not can(owner, Permission.SYSTEM_VIEW, incident):
            checks.refuse("owner", NO_OWNER)
        checks.done()
        locked.owner = owner
        locked.save(update_fields=["owner"])
    return locked
