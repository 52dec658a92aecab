"""Summaries of incidents for people outside: written by one, approved or refused by another."""

from __future__ import annotations

from governance.access.models import User
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from incidents.models import Incident, PublicSummary
from incidents.outside import inside_of
from incidents.services.locking import lock_ready
from inventory.discretion import internal_words

LONGEST = 20_000


def write_summary(*, actor: User, incident: Incident, text: str, door: Door = Door.WEB) -> PublicSummary:
    """Write what is to be told outside; somebody else approves it before anybody gets it.

    Raises InvalidInput for a text that names people or systems of ours, Forbidden, Conflict `state`, `duplicate` while
    another version waits.
    """
    with acting(actor, door=door, verb="incident.write_summary"):
        locked = lock_ready(actor, incident, "write_summary")
        kept = _clean(locked, text)
        versions = PublicSummary.objects.filter(incident=locked)
        if versions.filter(decided_at=None).exists():
            raise Conflict(Reason("duplicate", "Another version waits to be decided on."))
        newest = versions.order_by("-version").values_list("version", flat=True).first() or 0
        return PublicSummary.objects.create(
            incident=locked, version=newest + 1, text=kept, written_at=portal_now(), written_by=actor
        )


def approve_summary(*, actor: User, summary: PublicSummary, reason: str = "", door: Door = Door.WEB) -> PublicSummary:
    """Let a version out; somebody else than who wrote it. Raises Forbidden `sod.same_person`, Conflict `duplicate`."""
    with acting(actor, door=door, verb="incident.approve_summary"):
        return _decided(actor, summary, "approve_summary", reason, approved=True)


def refuse_summary(*, actor: User, summary: PublicSummary, reason: str, door: Door = Door.WEB) -> PublicSummary:
    """Keep a version inside, and say why; somebody else than who wrote it."""
    with acting(actor, door=door, verb="incident.refuse_summary"):
        return _decided(actor, summary, "refuse_summary", reason, approved=False)


def _decided(actor: User, summary: PublicSummary, verb: str, reason: str, *, approved: bool) -> PublicSummary:
    incident = lock_ready(actor, summary.incident, verb)
    locked = PublicSummary.objects.select_for_update().get(pk=summary.pk)
    checks = Checks()
    locked.decision = checks.text("reason", reason, limit=2000, required=not approved, lines=True)
    checks.done()
    if locked.decided_at is not None:
        raise Conflict(Reason("duplicate", "This version was decided on before."))
    if locked.written_by_id == actor.pk:
        raise Forbidden(Reason("sod.same_person", "Somebody else decides on a summary than who wrote it."))
    if approved:
        _clean(incident, locked.text)
    locked.approved, locked.decided_at, locked.decided_by = approved, portal_now(), actor
    locked.save(update_fields=["approved", "decided_at", "decided_by", "decision"])
    return locked


def _clean(incident: Incident, text: str) -> str:
    """The text, if it names nothing from inside. Raises InvalidInput."""
    checks = Checks()
    kept = checks.text("text", text, limit=LONGEST, required=True, lines=True)
    if found := internal_words(kept, inside_of(incident, kept)):
        checks.refuse("text", f"Names what stays inside: {'; '.join(found[:10])}.")
    checks.done()
    return kept
