"""Regulator clocks: started from the pack's rows, reported, or dropped by somebody else."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from governance.access.models import User
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.policy.sections import Clock
from incidents.deadlines import Period, internal_deadline, legal_deadline
from incidents.models import Incident, RegulatorClock
from incidents.services import escalation
from incidents.services.locking import lock_ready, rules_in_force

_UNITS = {
    "hours": "hours", "calendar_days": "calendar days", "working_days": "working days", "months": "months",
}  # fmt: skip
_COUNTED = {"exact": "counted exactly", "regulation_1182_71": "counted by Regulation 1182/71"}


def start_clock(
    *, actor: User, incident: Incident, clock: str, since: datetime | None = None, door: Door = Door.WEB
) -> RegulatorClock:
    """Say that a duty to report runs, since the instant the pack's row names or the one given.

    Raises InvalidInput, Forbidden, Conflict `duplicate`, `order` where it follows a report that was not made.
    """
    with acting(actor, door=door, verb="incident.start_clock"):
        locked = lock_ready(actor, incident, "start_clock")
        rows = {row.id: row for row in rules_in_force().clocks}
        checks = Checks()
        checks.choice("clock", clock, list(rows))
        checks.instant("since", since)
        checks.done()
        row = rows[clock]
        begins = _begun(checks, row, locked, since)
        if locked.clocks.filter(clock=clock, dropped_at=None).exists():
            raise Conflict(Reason("duplicate", "This clock runs already."))
        if row.after is not None and not locked.clocks.filter(clock=row.after, reported_at__isnull=False).exists():
            raise Conflict(Reason("order", f"It starts by itself once “{rows[row.after].title}” was reported."))
        return _started(row, locked, begins, actor)


def report_clock(
    *, actor: User, clock: RegulatorClock, report: str, reference: str = "", door: Door = Door.WEB
) -> RegulatorClock:
    """Keep what was sent to the authority; the clocks that follow this one start now. Raises Conflict `state`."""
    with acting(actor, door=door, verb="incident.report_clock"):
        incident = lock_ready(actor, clock.incident, "report_clock")
        locked = _open(clock)
        checks = Checks()
        locked.report = checks.text("report", report, limit=20_000, lines=True, required=True)
        locked.reference = checks.text("reference", reference, limit=200)
        checks.done()
        locked.reported_at, locked.reported_by = portal_now(), actor
        locked.save(update_fields=["report", "reference", "reported_at", "reported_by"])
        escalation.settle(locked, actor, "The report was made.")
        running = set(incident.clocks.filter(dropped_at=None).values_list("clock", flat=True))
        for row in rules_in_force().clocks:
            if row.after == locked.clock and row.id not in running:
                _started(row, incident, locked.reported_at, actor)
    return locked


def drop_clock(*, actor: User, clock: RegulatorClock, reason: str, door: Door = Door.WEB) -> RegulatorClock:
    """Say why a clock that was started is no duty after all; somebody else than who started it."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="incident.drop_clock", reason=reason):
        lock_ready(actor, clock.incident, "drop_clock")
        locked = _open(clock)
        checks.done()
        if locked.started_by_id == actor.pk:
            raise Forbidden(Reason("sod.same_person", "Somebody else drops a clock than who started it."))
        locked.dropped_at, locked.dropped_by, locked.drop_reason = portal_now(), actor, reason
        locked.save(update_fields=["dropped_at", "dropped_by", "drop_reason"])
        escalation.settle(locked, actor, "No report is owed.")
    return locked


def _begun(checks: Checks, row: Clock, incident: Incident, since: datetime | None) -> datetime:
    """Since when a duty runs: as given, or as the incident says.

    Raises InvalidInput where neither says it, and for a beginning later than what the incident says: nobody moves a
    deadline by telling the duty to start today.
    """
    known = {"aware": incident.aware_at, "occurred": incident.occurred_at}.get(row.starts_at)
    begins, now = since or known, portal_now()
    if since is not None and known is not None and since > known:
        checks.refuse("since", "Lies after the instant the incident says this duty runs from.")
    if begins is None:
        checks.refuse("since", "Is required: nobody wrote down when this duty began to run.")
    elif begins > now:
        checks.refuse("since", "Lies in the future.")
    checks.done()
    return begins or now


def _open(clock: RegulatorClock) -> RegulatorClock:
    locked = RegulatorClock.objects.select_for_update().get(pk=clock.pk)
    if not locked.is_open:
        raise Conflict(Reason("state", "Of this clock nothing is owed any more."))
    return locked


def _started(row: Clock, incident: Incident, since: datetime, actor: User) -> RegulatorClock:
    period = Period(row.amount, row.unit, row.counting, row.zone, frozenset(row.holidays))
    begun = row.from_date is None or since.astimezone(ZoneInfo(row.zone)).date() >= row.from_date
    return RegulatorClock.objects.create(
        incident=incident, clock=row.id, title=row.title, zone=row.zone, binding=begun,
        period=f"{row.amount} {_UNITS[row.unit]}, {_COUNTED[row.counting]}",
        counsel_to_confirm=row.counsel_to_confirm, since=since, deadline=legal_deadline(since, period),
        internal_deadline=internal_deadline(since, period), started_at=portal_now(), started_by=actor,
    )  # fmt: skip
