"""Approvals from before the portal: brought in by governance, confirmed by somebody independent, for a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from governance.access.models import User
from governance.access.vocabulary import BUILDING_ROLES, Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Offer, Reason
from inventory.lifecycle import LEGACY, LegacyFacts
from inventory.models import Assignment, EvidenceLink, LegacyApproval, System, UnitClosure
from inventory.rules import content_version
from inventory.services.permitted import allowed, require

LONGEST_REASON = 2000
MOST_DIGESTS = 50


def legacy_version(approval: LegacyApproval) -> str:
    """What a client has seen of this record."""
    return content_version("legacy approval", approval.pk, approval.state)


def bring_in_approval(
    *, actor: User, system: System, version: str, approved_on: date, approved_by: str, reference: str, until: datetime,
    sha256: Sequence[str] = (), report: str = "", door: Door = Door.WEB,
) -> LegacyApproval:  # fmt: skip
    """Record that a version was approved before it came to the portal; somebody else confirms it.

    `report` is the SHA-256 of a file that is attached to the system as evidence. Raises InvalidInput, Forbidden
    without import.run, Conflict `duplicate` while a record of the same version is open.
    """
    checks = Checks()
    with acting(actor, door=door, verb="legacy_approval.bring_in"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.IMPORT_RUN, locked)
        version = checks.text("version", version, limit=120, required=True)
        approved_by = checks.text("approved_by", approved_by, limit=200, required=True)
        reference = checks.text("reference", reference, limit=500, required=True)
        end = checks.instant("until", until)
        now = portal_now()
        day = checks.day("approved_on", approved_on)
        if day is None or day > now.date():
            checks.refuse("approved_on", "Must be a day that is not in the future.")
        if end is not None and end <= now:
            checks.refuse("until", "Must lie in the future: what has ended counts for nothing.")
        digests = _digests(checks, sha256)
        file = _report(checks, locked, report)
        checks.done()
        if LegacyApproval.objects.filter(system=locked, version=version, state__in=OPEN).exists():
            raise Conflict(Reason("duplicate", "A legacy approval of this version is recorded already; end it first."))
        assert end is not None  # noqa: S101  checked above
        return LegacyApproval.objects.create(
            system=locked, version=version, approved_on=approved_on, approved_by=approved_by, reference=reference,
            report=file, until=end, sha256=digests, brought_by=actor, brought_at=now,
        )  # fmt: skip


OPEN = (LegacyApproval.State.BROUGHT_IN, LegacyApproval.State.CONFIRMED)


def confirm_legacy(
    *, actor: User, approval: LegacyApproval, reason: str, expected: str = "", door: Door = Door.WEB
) -> LegacyApproval:
    """Say that the old record was looked at and says so. Raises InvalidInput, Forbidden, Conflict."""
    return _decide(actor, approval, "confirm", reason, expected, door)


def refuse_legacy(
    *, actor: User, approval: LegacyApproval, reason: str, expected: str = "", door: Door = Door.WEB
) -> LegacyApproval:
    """Refuse it, saying why. Raises InvalidInput, Forbidden, Conflict."""
    return _decide(actor, approval, "refuse", reason, expected, door)


def withdraw_legacy(
    *, actor: User, approval: LegacyApproval, reason: str, expected: str = "", door: Door = Door.WEB
) -> LegacyApproval:
    """Take back what one brought in oneself. Raises InvalidInput, Forbidden, Conflict."""
    return _over(actor, approval, "withdraw", reason, expected, door)


def end_legacy(
    *, actor: User, approval: LegacyApproval, reason: str, expected: str = "", door: Door = Door.WEB
) -> LegacyApproval:
    """Let a confirmed one count no longer, from now on. Raises InvalidInput, Forbidden, Conflict."""
    return _over(actor, approval, "end", reason, expected, door)


VERBS_OF_LEGACY: dict[str, Callable[..., LegacyApproval]] = {
    "confirm": confirm_legacy,
    "refuse": refuse_legacy,
    "withdraw": withdraw_legacy,
    "end": end_legacy,
}


def legacy_offers(approval: LegacyApproval, person: User) -> tuple[Offer, ...]:
    """Every verb the person could press on the record, with what blocks it."""
    return LEGACY.offered(approval.state, allowed=allowed(person, approval), facts=_facts(person, approval))


def _decide(
    actor: User, approval: LegacyApproval, verb: str, reason: str, expected: str, door: Door
) -> LegacyApproval:  # fmt: skip
    reason = _why(reason)
    with acting(actor, door=door, verb=f"legacy_approval.{verb}", reason=reason[:500]):
        locked = _lock(approval, actor, expected)
        locked.state = LEGACY.decide(verb, locked.state, allowed=allowed(actor, locked), facts=_facts(actor, locked))
        locked.decided_by, locked.decided_at, locked.decision_reason = actor, portal_now(), reason
        locked.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        return locked


def _over(actor: User, approval: LegacyApproval, verb: str, reason: str, expected: str, door: Door) -> LegacyApproval:
    reason = _why(reason)
    with acting(actor, door=door, verb=f"legacy_approval.{verb}", reason=reason[:500]):
        locked = _lock(approval, actor, expected)
        locked.state = LEGACY.decide(verb, locked.state, allowed=allowed(actor, locked), facts=_facts(actor, locked))
        locked.ended_by, locked.ended_at, locked.end_reason = actor, portal_now(), reason
        locked.save(update_fields=["state", "ended_by", "ended_at", "end_reason"])
        return locked


def _facts(actor: User, approval: LegacyApproval) -> LegacyFacts:
    above = UnitClosure.objects.filter(descendant=approval.system.unit_id).values("ancestor")
    held = Assignment.objects.current().filter(role__in=BUILDING_ROLES)
    builders = held.filter(system=approval.system_id) | held.filter(unit__in=above)
    over = approval.until <= portal_now()
    return LegacyFacts(
        actor_id=actor.pk, brought_by_id=approval.brought_by_id,
        builder_ids=frozenset(builders.values_list("person_id", flat=True)),
        blocked="Its end has passed: there is nothing left to confirm." if over else "",
    )  # fmt: skip


def _lock(approval: LegacyApproval, actor: User, expected: str) -> LegacyApproval:
    system = System.objects.select_for_update(no_key=True).get(pk=approval.system_id)
    locked = LegacyApproval.objects.select_for_update(no_key=True).get(pk=approval.pk)
    locked.system = system
    require(actor, Permission.SYSTEM_VIEW, locked)
    if expected and expected != legacy_version(locked):
        raise Conflict(Reason("stale", "Somebody decided this in the meantime; look at it again."))
    return locked


def _digests(checks: Checks, sha256: Sequence[str]) -> list[str]:
    """The digests, each once and in order."""
    if len(sha256) > MOST_DIGESTS:
        checks.refuse("sha256", f"At most {MOST_DIGESTS} digests are kept.")
        return []
    return sorted({checks.sha256("sha256", one) for one in sha256})


def _report(checks: Checks, system: System, report: str) -> EvidenceLink | None:
    if not report:
        return None
    digest = checks.sha256("report", report)
    found = EvidenceLink.objects.filter(system=system, file__sha256=digest).order_by("-id").first() if digest else None
    if digest and found is None:
        checks.refuse("report", "No file of that SHA-256 is attached to the system.")
    return found


def _why(reason: str) -> str:
    """The reason as it is kept. Raises InvalidInput."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=LONGEST_REASON, required=True, lines=True)
    checks.done()
    return reason
