"""Approvals from before the portal: brought in by governance, confirmed by somebody independent, for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.lifecycle import LEGACY
from inventory.models import EvidenceLink, LegacyApproval, System
from inventory.services.by_two import Decisions, why
from inventory.services.permitted import require

MOST_DIGESTS = 50


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


def _past(approval: LegacyApproval) -> str:
    over = approval.until <= portal_now()
    return "Its end has passed: there is nothing left to confirm." if over else ""


LEGACY_DECISIONS: Decisions[LegacyApproval] = Decisions(
    LegacyApproval, LEGACY, begun_by=lambda approval: approval.brought_by_id, blocked=_past
)


def move_legacy(
    verb: str, *, actor: User, approval: LegacyApproval, reason: str, expected: str = "", door: Door = Door.WEB
) -> LegacyApproval:
    """Confirm it (it was looked at and says so), refuse it, withdraw what one brought in, or end a confirmed one.

    Raises InvalidInput without a reason, Forbidden, Conflict.
    """
    reason = why(reason)
    with acting(actor, door=door, verb=f"legacy_approval.{verb}", reason=reason[:500]):
        locked = LEGACY_DECISIONS.lock(approval, actor, expected)
        move = LEGACY_DECISIONS.decide if verb in {"confirm", "refuse"} else LEGACY_DECISIONS.end
        return move(locked, actor, verb, reason)


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
