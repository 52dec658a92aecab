"""Failure modes of a system: written down, ended; past incidents taken in, looked through, answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.imports.reader import LineError
from inventory.models import FailureMode, LookAlike, LookAlikeSearch, PastIncident, System
from inventory.past_incidents.queries import look_alikes_of, most_look_alikes
from inventory.past_incidents.reading import Told, read_incidents
from inventory.services.permitted import require

AIID = "aiid"
LONGEST = 10_000
AT_ONCE = 500
_COLUMNS = ("occurred_on", "title", "description", "deployers", "developers", "harmed", "reports")


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What an edition of an incident database came to."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    errors: tuple[LineError, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "rows": self.rows, "created": self.created, "updated": self.updated, "unchanged": self.unchanged,
            "vanished": self.vanished,
            "errors": [{"line": e.line, "field": e.field, "message": e.message} for e in self.errors],
        }  # fmt: skip


def import_incidents(
    *, actor: User | Command, content: bytes, dry_run: bool = False, door: Door = Door.COMMAND
) -> IncidentReport:
    """Take an edition of the AI Incident Database in: new incidents are added, changed ones changed, none removed.

    An edition that brings nothing new writes nothing. Raises Unreadable, Refused with line numbers, Forbidden without
    import.run, Conflict `busy` while another import runs.
    """
    with acting(actor, door=door, verb="past_incident.import"):
        require(actor, Permission.IMPORT_RUN)
    told = read_incidents(content)
    if dry_run:
        return _compare(told)[0]
    with acting(actor, door=door, verb="past_incident.import"):
        require(actor, Permission.IMPORT_RUN)
        _alone()
        report, new, changed = _compare(told)
        PastIncident.objects.bulk_create(new, batch_size=AT_ONCE)
        PastIncident.objects.bulk_update(changed, [*_COLUMNS, "changed_at"], batch_size=AT_ONCE)
    return report


def _alone() -> None:
    """Hold the incident database until the transaction ends; an edition is one transaction, whatever its size."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('past_incident.import', 0))")
        (free,) = cursor.fetchone()
    if not free:
        raise Conflict(Reason("busy", "Another import of incidents is running; wait until it is done."))


def _compare(told: Iterable[Told]) -> tuple[IncidentReport, list[PastIncident], list[PastIncident]]:
    """What would become of each incident, against those on record."""
    known = {row.number: row for row in PastIncident.objects.filter(source=AIID).defer("search")}
    now, new, changed, seen = portal_now(), [], [], set()
    for incident in told:
        seen.add(incident.number)
        values = incident.values()
        row = known.get(incident.number)
        if row is None:
            new.append(PastIncident(source=AIID, number=incident.number, changed_at=now, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in {**values, "changed_at": now}.items():
                setattr(row, name, value)
            changed.append(row)
    report = IncidentReport(
        rows=len(seen), created=len(new), updated=len(changed), unchanged=len(seen) - len(new) - len(changed),
        vanished=len(known.keys() - seen),
    )  # fmt: skip
    return report, new, changed


def write_failure_mode(
    *, actor: User, system: System, what: str, who: str, when: str, how: str, door: Door = Door.WEB
) -> FailureMode:
    """Write down one way a system fails; all four questions need an answer. Raises InvalidInput, Forbidden."""
    with acting(actor, door=door, verb="failure_mode.write"):
        locked = _lock(system, actor)
        checks = Checks()
        said = {"what": what, "who": who, "when": when, "how": how}
        values = {
            name: checks.text(name, text, limit=LONGEST, required=True, lines=True) for name, text in said.items()
        }
        checks.done()
        return FailureMode.objects.create(system=locked, created_by=actor, created_at=portal_now(), **values)


def end_failure_mode(*, actor: User, mode: FailureMode, reason: str, door: Door = Door.WEB) -> FailureMode:
    """Say that a failure mode no longer counts, and why. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="failure_mode.end", reason=reason):
        _lock(mode.system, actor)
        checks.done()
        locked = FailureMode.objects.select_for_update(no_key=True).get(pk=mode.pk)
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This failure mode no longer counts already."))
        locked.ended_at, locked.ended_by, locked.end_reason = portal_now(), actor, reason
        locked.save(update_fields=["ended_at", "ended_by", "end_reason"])
        return locked


def search_look_alikes(*, actor: User, system: System, door: Door = Door.WEB) -> LookAlikeSearch:
    """Propose the past incidents most like a system; those proposed before stay, with their answers.

    Raises Forbidden, Conflict `no_incidents` where no incident database was taken in.
    """
    with acting(actor, door=door, verb="look_alike.search"):
        locked = _lock(system, actor)
        if not PastIncident.objects.exists():
            raise Conflict(Reason("no_incidents", "No incident database was taken in yet: import_incident_database."))
        now = portal_now()
        keys, digest = look_alikes_of(locked, most_look_alikes())
        known = set(LookAlike.objects.filter(system=locked).values_list("incident_id", flat=True))
        LookAlike.objects.bulk_create(
            LookAlike(system=locked, incident_id=key, proposed_at=now) for key in keys if key not in known
        )
        return LookAlikeSearch.objects.create(
            system=locked, words_digest=digest, found=len(keys), by=actor, at=now
        )  # fmt: skip


def answer_look_alike(
    *, actor: User, look_alike: LookAlike, answer: str, reason: str, door: Door = Door.WEB
) -> LookAlike:
    """Say that a past incident could happen here and how it is treated, or that it could not and why.

    Raises InvalidInput, Forbidden.
    """
    with acting(actor, door=door, verb="look_alike.answer"):
        _lock(look_alike.system, actor)
        checks = Checks()
        answer = checks.choice("answer", answer, [word for word in LookAlike.Answer.values if word])
        reason = checks.text("reason", reason, limit=LONGEST, required=True, lines=True)
        checks.done()
        locked = LookAlike.objects.select_for_update(no_key=True).get(pk=look_alike.pk)
        locked.answer, locked.reason, locked.answered_by, locked.answered_at = answer, reason, actor, portal_now()
        locked.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
        return locked


def _lock(system: System, actor: User) -> System:
    locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
    require(actor, Permission.RISK_CHANGE, locked)
    return locked
