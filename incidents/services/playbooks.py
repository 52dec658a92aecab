"""Playbooks made better: a new version is proposed from an incident, and somebody else accepts or refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from incidents.models import Incident, PlaybookVersion
from incidents.playbooks import playbooks_now
from incidents.services.locking import lock_ready, rules_in_force
from inventory.services.permitted import require

MOST_STEPS, LONGEST_WAIT = 50, 8760


def propose_playbook(
    *,
    actor: User,
    incident: Incident,
    playbook: str,
    steps: Sequence[Mapping[str, Any]],
    reason: str,
    title: str = "",
    door: Door = Door.WEB,
) -> PlaybookVersion:
    """Propose what the playbook should say from now on, because of what an incident taught.

    Raises InvalidInput, Forbidden, Conflict `state`, `duplicate` while another proposal for it waits.
    """
    with acting(actor, door=door, verb="playbook.propose"):
        locked = lock_ready(actor, incident, "propose_playbook")
        books = {book.id: book for book in playbooks_now(rules_in_force())}
        checks = Checks()
        checks.choice("playbook", playbook, list(books))
        kept = _steps(checks, steps)
        words = checks.text("reason", reason, limit=4000, required=True, lines=True)
        named = checks.text("title", title, limit=300)
        checks.done()
        book = books[playbook]
        if kept == [{"text": one.text, "within_hours": one.within_hours} for one in book.steps]:
            checks.refuse("steps", "Are the steps it has already.")
        checks.done()
        versions = PlaybookVersion.objects.filter(playbook=playbook)
        if versions.filter(decided_at=None).exists():
            raise Conflict(Reason("duplicate", "Another version of this playbook waits to be decided on."))
        newest = versions.order_by("-version").values_list("version", flat=True).first() or 1
        return PlaybookVersion.objects.create(
            incident=locked, playbook=playbook, version=newest + 1, title=named or book.title, steps=kept,
            reason=words, proposed_at=portal_now(), proposed_by=actor,
        )  # fmt: skip


def accept_playbook(
    *, actor: User, version: PlaybookVersion, reason: str = "", door: Door = Door.WEB
) -> PlaybookVersion:
    """Let a version count from now on; somebody else than who proposed it. Raises Forbidden, Conflict `duplicate`."""
    with acting(actor, door=door, verb="playbook.accept"):
        return _decided(actor, version, reason, accepted=True)


def refuse_playbook(*, actor: User, version: PlaybookVersion, reason: str, door: Door = Door.WEB) -> PlaybookVersion:
    """Leave the playbook as it is, and say why; somebody else than who proposed it."""
    with acting(actor, door=door, verb="playbook.refuse"):
        return _decided(actor, version, reason, accepted=False)


def _decided(actor: User, version: PlaybookVersion, reason: str, *, accepted: bool) -> PlaybookVersion:
    locked = PlaybookVersion.objects.select_for_update().get(pk=version.pk)
    require(actor, Permission.PLAYBOOK_DECIDE, locked)
    checks = Checks()
    locked.decision = checks.text("reason", reason, limit=2000, required=not accepted, lines=True)
    checks.done()
    if locked.decided_at is not None:
        raise Conflict(Reason("duplicate", "This version was decided on before."))
    if locked.proposed_by_id == actor.pk:
        raise Forbidden(Reason("sod.same_person", "Somebody else decides on a version than who proposed it."))
    locked.accepted, locked.decided_at, locked.decided_by = accepted, portal_now(), actor
    locked.save(update_fields=["accepted", "decided_at", "decided_by", "decision"])
    return locked


def _steps(checks: Checks, steps: object) -> list[dict[str, Any]]:
    if not isinstance(steps, Sequence) or isinstance(steps, str) or not 1 <= len(steps) <= MOST_STEPS:
        checks.refuse("steps", f"Must be 1 to {MOST_STEPS} steps.")
        return []
    kept = []
    for number, step in enumerate(steps):
        below = checks.below(f"steps.{number}")
        row = step if isinstance(step, Mapping) else {}
        hours = row.get("within_hours")
        if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= LONGEST_WAIT:
            below.refuse("within_hours", f"Must be a whole number of hours from 1 to {LONGEST_WAIT:,}.")
        text = below.text("text", row.get("text"), limit=300, required=True)
        kept.append({"text": text, "within_hours": hours})
    return kept
