"""How an incident is met: who takes part, temporary measures, what is stopped because of it, evidence held."""

from __future__ import annotations

from datetime import datetime

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.validation.services import place_hold, suspend_release
from incidents.lifecycle import decide_end, decide_work
from incidents.models import EvidenceHold, Incident, Participant, Stop, TemporaryMeasure
from incidents.services.locking import lock_incident, lock_ready
from inventory.models import Release
from inventory.services.permitted import allowed, require

NOT_A_PARTICIPANT = "Must be somebody who can see this system."
ELSEWHERE = "Must be a release of this system."


def add_participant(
    *, actor: User, incident: Incident, person: User, function: str, stage: str, door: Door = Door.WEB
) -> Participant:
    """Name somebody who takes part for a function in a stage. Raises Conflict `duplicate` the second time."""
    with acting(actor, door=door, verb="incident.add_participant"):
        locked = lock_ready(actor, incident, "add_participant")
        checks = Checks()
        values = {
            "function": checks.choice("function", function, Participant.Function.values),
            "stage": checks.choice("stage", stage, Participant.Stage.values),
        }
        if not can(person, Permission.SYSTEM_VIEW, locked):
            checks.refuse("person", NOT_A_PARTICIPANT)
        checks.done()
        if locked.participants.filter(person=person, **values).exists():
            raise Conflict(Reason("duplicate", "This person takes part in this function and stage already."))
        return Participant.objects.create(
            incident=locked, person=person, added_at=portal_now(), added_by=actor, **values
        )


def hand_over_participation(
    *, actor: User, participant: Participant, person: User, reason: str, door: Door = Door.WEB
) -> Participant:
    """Have somebody else take part where a closed account did, for its function and in its stage; who did stays said.

    Whoever leads the incident speaks for no function. Raises InvalidInput, Forbidden, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="incident.hand_over_participation", reason=reason):
        checks.done()
        locked = lock_incident(participant.incident, actor=actor)
        if Permission.INCIDENT_RUN not in (rights := allowed(actor, locked)):
            require(actor, Permission.ASSIGNMENT_CHANGE, locked)
        if participant.person.closed_at is None:
            raise Conflict(Reason("state", f"The account of {participant.person}, who takes part, is open."))
        decide_work("add_participant", locked.state, allowed=rights | {Permission.INCIDENT_RUN})
        if person.kind != User.Kind.HUMAN or not can(person, Permission.SYSTEM_VIEW, locked):
            checks.refuse("person", NOT_A_PARTICIPANT)
        if person.pk == locked.commander_id:
            checks.refuse("person", "Leads the incident; who leads it speaks for no function in its review.")
        checks.done()
        values = {"function": participant.function, "stage": participant.stage}
        if locked.participants.filter(person=person, **values).exists():
            raise Conflict(Reason("duplicate", "This person takes part in this function and stage already."))
        return Participant.objects.create(
            incident=locked, person=person, added_at=portal_now(), added_by=actor, **values
        )


def take_measure(
    *,
    actor: User,
    incident: Incident,
    text: str,
    until: datetime,
    release: Release | None = None,
    door: Door = Door.WEB,
) -> TemporaryMeasure:
    """Write down what keeps the harm small until an instant; once it has passed, what relies on it stops."""
    with acting(actor, door=door, verb="incident.take_measure"):
        locked = lock_ready(actor, incident, "take_measure")
        checks, now = Checks(), portal_now()
        kept = checks.text("text", text, limit=300, required=True)
        checks.instant("until", until)
        if until <= now:
            checks.refuse("until", "Must lie in the future.")
        if release is not None and release.system_id != locked.system_id:
            checks.refuse("release", ELSEWHERE)
        checks.done()
        return TemporaryMeasure.objects.create(
            incident=locked, text=kept, release=release, taken_at=now, taken_by=actor, until=until
        )


def end_measure(*, actor: User, measure: TemporaryMeasure, outcome: str, door: Door = Door.WEB) -> TemporaryMeasure:
    """Say that a temporary measure was taken back, and what took its place: in a severe incident by somebody else.

    With it ends the time a remedy was let through for. Raises Forbidden `sod.incident_measure`, Conflict `duplicate`.
    """
    with acting(actor, door=door, verb="incident.end_measure"):
        incident = lock_ready(actor, measure.incident, "end_measure")
        locked = TemporaryMeasure.objects.select_for_update().get(pk=measure.pk)
        decide_end(severe=incident.two_person_close, actor_id=actor.pk, taken_by_id=locked.taken_by_id)
        checks = Checks()
        locked.outcome = checks.text("outcome", outcome, limit=4000, lines=True, required=True)
        checks.done()
        if locked.ended_at is not None:
            raise Conflict(Reason("duplicate", "This measure was ended before."))
        locked.ended_at, locked.ended_by = portal_now(), actor
        locked.save(update_fields=["outcome", "ended_at", "ended_by"])
    return locked


def suspend_for_incident(
    *, actor: User, incident: Incident, release: Release, reason: str, door: Door = Door.WEB
) -> Stop:
    """Suspend a release because of an incident; who suspended it does not reinstate it."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.suspend_release", reason=reason):
        locked = lock_ready(actor, incident, "suspend_release")
        _own(release, locked)
        suspended = suspend_release(actor=actor, release=release, reason=_because(locked, reason), door=door)
        return Stop.objects.create(incident=locked, release=suspended, at=portal_now(), by=actor)


def hold_for_incident(
    *, actor: User, incident: Incident, reason: str, release: Release | None = None, door: Door = Door.WEB
) -> Stop:
    """Place a hold on the system, or on one release of it, because of an incident; it outlives the incident."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.place_hold", reason=reason):
        locked = lock_ready(actor, incident, "place_hold")
        if release is not None:
            _own(release, locked)
        hold = place_hold(
            actor=actor, system=locked.system, release=release, reason=_because(locked, reason), door=door
        )
        return Stop.objects.create(incident=locked, hold=hold, at=portal_now(), by=actor)


def hold_evidence(*, actor: User, incident: Incident, reason: str, door: Door = Door.WEB) -> EvidenceHold:
    """Say that evidence must stay as it is: until somebody else lifts this, the incident is not put away."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.hold_evidence", reason=reason):
        locked = lock_ready(actor, incident, "hold_evidence")
        if locked.evidence_holds.filter(lifted_at=None).exists():
            raise Conflict(Reason("duplicate", "Evidence of this incident is held already."))
        return EvidenceHold.objects.create(incident=locked, reason=reason, placed_at=portal_now(), placed_by=actor)


def lift_evidence(*, actor: User, incident: Incident, reason: str, door: Door = Door.WEB) -> EvidenceHold:
    """Let evidence go that another person had held. Raises Forbidden `sod.same_person`, Conflict `state`."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.lift_evidence", reason=reason):
        locked = lock_ready(actor, incident, "lift_evidence")
        held = EvidenceHold.objects.select_for_update().filter(incident=locked, lifted_at=None).first()
        if held is None:
            raise Conflict(Reason("state", "No evidence of this incident is held."))
        if held.placed_by_id == actor.pk:
            raise Forbidden(Reason("sod.same_person", "Somebody else lets evidence go than who held it."))
        held.lifted_at, held.lifted_by, held.lift_reason = portal_now(), actor, reason
        held.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    return held


def _why(reason: str) -> str:
    checks = Checks()
    kept = checks.text("reason", reason, limit=1900, required=True, lines=True)
    checks.done()
    return kept


def _because(incident: Incident, reason: str) -> str:
    return f"INC-{incident.pk}: {reason}"


def _own(release: Release, incident: Incident) -> None:
    if release.system_id != incident.system_id:
        checks = Checks()
        checks.refuse("release", ELSEWHERE)
        checks.done()
