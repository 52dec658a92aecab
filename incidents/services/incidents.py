"""Incidents: reported, led and moved along their lifecycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db.models import F, Q
from django.urls import reverse

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.changes.services import open_after_incident
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from governance.policy.sections import Incidents
from incidents.lifecycle import INCIDENT, decide_work
from incidents.models import OPEN_STATES, AffectedRelease, Incident, TimelineEntry
from incidents.queries import counting_when, facts_of, full_review_for, rules_of_incidents
from incidents.rules import IMPACT_CLASSES, severity_of
from incidents.services.locking import lock_incident, rules_in_force
from incidents.services.unsaid import undo_review
from inventory.models import Release, System
from inventory.services.permitted import allowed, require

# What whoever reported it hears of, and on-call tools.
_TOLD = {
    "triage": Topic.INCIDENT_TAKEN_ON,
    "resolve": Topic.INCIDENT_OVER,
    "dismiss": Topic.INCIDENT_OVER,
    "mark_duplicate": Topic.INCIDENT_OVER,
    "reopen": Topic.INCIDENT_REOPENED,
}
LONGEST_TEXT = 10_000
_LED = (Incident.State.TRIAGED, Incident.State.CONTAINED, Incident.State.RESOLVED)
# What is agreed with in the review of an incident, and stands with the incident itself.
REVIEWED = frozenset({"root_cause", "review", "impact_by_class"})
NO_LEADER = "Must be somebody who may run incidents on this system."


class Description(TypedDict, total=False):
    """What is written down as it becomes known; each may be given or left as it is."""

    description: str
    containment: str
    root_cause: str
    review: str
    impact_by_class: Mapping[str, str]
    remedy_release: Release | None


def report_incident(
    *,
    actor: User,
    system: System,
    title: str,
    type: str,
    impact: str,
    urgency: str,
    description: str = "",
    releases: Sequence[Release] = (),
    occurred_at: datetime | None = None,
    aware_at: datetime | None = None,
    door: Door = Door.WEB,
) -> Incident:
    """Report that something went wrong; from the commit on the gate is closed for what it names.

    Raises InvalidInput, Forbidden, NotVisible, Conflict `no_policy`.
    """
    with acting(actor, door=door, verb="incident.report"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.INCIDENT_REPORT, locked)
        rules, now = rules_in_force(), portal_now()
        checks = Checks()
        values: dict[str, Any] = {
            "title": checks.text("title", title, limit=200, required=True),
            "description": checks.text("description", description, limit=LONGEST_TEXT, lines=True),
            "type": checks.choice("type", type, [level.id for level in rules.types]),
            **_graded(checks, rules, impact, urgency),
        }
        for field, moment in (("occurred_at", occurred_at), ("aware_at", aware_at)):
            known = checks.instant(field, moment)
            if known is not None and known > now:
                checks.refuse(field, "Lies in the future.")
        if occurred_at is not None and occurred_at > (aware_at or now):
            checks.refuse("occurred_at", "Lies after the moment somebody became aware of it.")
        if any(release.system_id != locked.pk for release in releases):
            checks.refuse("releases", "Must be releases of this system.")
        checks.done()
        incident = Incident.objects.create(
            system=locked, reporter=actor, reported_at=now, updated_at=now, occurred_at=occurred_at,
            aware_at=aware_at or now, **values,
        )  # fmt: skip
        AffectedRelease.objects.bulk_create(
            AffectedRelease(incident=incident, release=one) for one in dict.fromkeys(releases)
        )
        _tell(incident, actor)
    return incident


class Report(TypedDict, total=False):
    """What is reported, besides where."""

    title: str
    type: str
    impact: str
    urgency: str
    description: str
    occurred_at: datetime | None
    aware_at: datetime | None


def report_incidents(
    *, actor: User, systems: Sequence[System], releases: Sequence[Release] = (), door: Door = Door.WEB,
    **report: Unpack[Report],
) -> list[Incident]:  # fmt: skip
    """Report what went wrong with several systems at once, all or nothing: an incident for each, in their order.

    Each system's own people lead its incident and say when it returns to service; a note on each names the others.
    Of the releases each incident names those of its system; a system with none among them is stopped as a whole.
    Raises what `report_incident` raises, InvalidInput for a release of none of the systems.
    """
    with acting(actor, door=door, verb="incident.report"):
        named = list(dict.fromkeys(systems))
        checks = Checks()
        if not named:
            checks.refuse("systems", "Is required.")
        if {release.system_id for release in releases} - {system.pk for system in named}:
            checks.refuse("releases", "Must be releases of these systems.")
        checks.done()
        opened = {
            system.pk: report_incident(
                actor=actor, system=system, door=door, **report,
                releases=[release for release in releases if release.system_id == system.pk],
            )
            for system in sorted(named, key=lambda one: one.pk)  # Locked in one order, so that two reports never wait
        }  # fmt: skip
        incidents = [opened[system.pk] for system in named]
        for incident in incidents if len(incidents) > 1 else ():
            # Who may see this system need not see the others: they are named by their numbers alone.
            others = ", ".join(f"INC-{one.pk}" for one in incidents if one is not incident)
            TimelineEntry.objects.create(
                incident=incident, author=actor, at=portal_now(), text=f"Reported together with {others}."
            )
    return incidents


def _tell(incident: Incident, actor: User) -> None:
    """Those who may lead it, and the system's owners and developers."""
    announce(
        Topic.INCIDENT_REPORTED, incident, title=f"{incident.title} ({incident.system})",
        href=reverse("incidents:incident_detail", args=[incident.pk]),
        holders=[Permission.INCIDENT_RUN, Permission.RELEASE_SUBMIT], actor=actor,
    )  # fmt: skip


def triage_incident(
    *, actor: User, incident: Incident, commander: User, impact: str = "", urgency: str = "", door: Door = Door.WEB
) -> Incident:
    """Take an incident on: name who leads it, and grade it again where more is known."""
    with acting(actor, door=door, verb="incident.triage"):
        locked = lock_incident(incident, actor=actor)
        checks = Checks()
        values = _graded(checks, rules_in_force(), impact or locked.impact, urgency or locked.urgency)
        if locked.two_person_close:
            values["two_person_close"] = True
        if not can(commander, Permission.INCIDENT_RUN, locked):
            checks.refuse("commander", NO_LEADER)
        checks.done()
        for name, value in {**values, "commander": commander}.items():
            setattr(locked, name, value)
        moved = _move(locked, "triage", actor, {*values, "commander"})
        if moved.two_person_close:  # What its own people confirmed before it was known to be severe counts no more.
            own = Q(passed_by=F("added_by")) | Q(passed_by=commander)
            moved.checks.filter(own).update(passed_at=None, passed_by=None, evidence="")
        return moved


def hand_over_incident(
    *, actor: User, incident: Incident, commander: User, reason: str, door: Door = Door.WEB
) -> Incident:
    """Have somebody else lead what a closed account led: named by who may run it, or by who gives roles.

    In a severe one what the new commander confirmed before counts no more. Raises InvalidInput, Forbidden, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="incident.hand_over", reason=reason):
        checks.done()
        locked = lock_incident(incident, actor=actor)
        rights = allowed(actor, locked)
        if rights.isdisjoint({Permission.INCIDENT_RUN, Permission.ASSIGNMENT_CHANGE}):
            require(actor, Permission.INCIDENT_RUN, locked)
        if locked.commander is None or locked.commander.closed_at is None:
            raise Conflict(Reason("state", "Who leads an incident is named once, unless their account is closed."))
        if locked.state not in _LED:
            raise Conflict(Reason("state", "This incident is not under work; nobody has to lead it."))
        if not can(commander, Permission.INCIDENT_RUN, locked):
            checks.refuse("commander", NO_LEADER)
        checks.done()
        locked.commander, locked.updated_at = commander, portal_now()
        locked.save(update_fields=["commander", "updated_at"])
        if locked.two_person_close:
            locked.checks.filter(passed_by=commander).update(passed_at=None, passed_by=None, evidence="")
        return locked


def describe_incident(
    *, actor: User, incident: Incident, door: Door = Door.WEB, **fields: Unpack[Description]
) -> Incident:
    """Write down what has become known, until it is over; what a review was agreed with is agreed with anew.

    Raises InvalidInput, Forbidden, Conflict.
    """
    with acting(actor, door=door, verb="incident.describe"):
        locked = lock_incident(incident, actor=actor)
        decide_work("describe", locked.state, allowed=allowed(actor, locked))
        checks = Checks()
        values = _described(checks, fields, locked)
        checks.done()
        if any(getattr(locked, name) != value for name, value in values.items() if name in REVIEWED):
            undo_review(locked)
        for name, value in values.items():
            setattr(locked, name, value)
        locked.updated_at = portal_now()
        locked.save(update_fields=[*values, "updated_at"])
    return locked


def contain_incident(*, actor: User, incident: Incident, containment: str, door: Door = Door.WEB) -> Incident:
    """Say how the harm was stopped for now."""
    with acting(actor, door=door, verb="incident.contain"):
        locked = lock_incident(incident, actor=actor)
        checks = Checks()
        locked.containment = checks.text("containment", containment, limit=LONGEST_TEXT, lines=True, required=True)
        checks.done()
        locked.contained_at = portal_now()
        return _move(locked, "contain", actor, {"containment", "contained_at"})


def resolve_incident(*, actor: User, incident: Incident, door: Door = Door.WEB) -> Incident:
    """Return to service: every check has passed. Raises Conflict naming those that have not."""
    with acting(actor, door=door, verb="incident.resolve"):
        locked = lock_incident(incident, actor=actor)
        locked.resolved_at = portal_now()
        return _move(locked, "resolve", actor, {"resolved_at"})


def close_incident(*, actor: User, incident: Incident, door: Door = Door.WEB) -> Incident:
    """End an incident whose cause, impact, review and actions are written down."""
    with acting(actor, door=door, verb="incident.close"):
        locked = lock_incident(incident, actor=actor)
        locked.closed_at, locked.closed_by = portal_now(), actor
        closed = _move(locked, "close", actor, {"closed_at", "closed_by"})
        if full_review_for(rules_of_incidents(), closed.severity):
            open_after_incident(system=closed.system_id, number=closed.pk, title=closed.title)
        return closed


def dismiss_incident(*, actor: User, incident: Incident, reason: str, door: Door = Door.WEB) -> Incident:
    """Say that nothing went wrong, and why."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.dismiss", reason=reason):
        locked = lock_incident(incident, actor=actor)
        locked.dismissal = reason
        return _move(locked, "dismiss", actor, {"dismissal"})


def mark_duplicate(*, actor: User, incident: Incident, original: Incident, door: Door = Door.WEB) -> Incident:
    """Say that another open incident of the same system is about the same thing; it stops all that this one stopped.

    Raises InvalidInput where the original is over or stops less than this incident does.
    """
    with acting(actor, door=door, verb="incident.mark_duplicate"):
        locked = lock_incident(incident, actor=actor)
        kept = Incident.objects.select_for_update(no_key=True).get(pk=original.pk)
        checks = Checks()
        if kept.pk == locked.pk or kept.system_id != locked.system_id or kept.state not in OPEN_STATES:
            checks.refuse("original", "Must be another open incident of this system.")
        checks.done()
        moved = _move(locked, "mark_duplicate", actor, {"duplicate_of"}, duplicate_of=kept)
        _carry_over(moved, kept)
        return moved


def reopen_incident(*, actor: User, incident: Incident, reason: str, door: Door = Door.WEB) -> Incident:
    """Open an incident again that was thought to be over: the gate closes and every check has to be passed anew."""
    reason = _why(reason)
    with acting(actor, door=door, verb="incident.reopen", reason=reason):
        locked = lock_incident(incident, actor=actor)
        locked.contained_at = locked.resolved_at = locked.closed_at = locked.closed_by = None
        locked.commander = locked.commander or actor
        moved = _move(locked, "reopen", actor, {"contained_at", "resolved_at", "closed_at", "closed_by", "commander"})
        moved.checks.update(passed_at=None, passed_by=None, evidence="")
        undo_review(moved)
        return moved


def _why(reason: str) -> str:
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    checks.done()
    return reason


def _carry_over(duplicate: Incident, original: Incident) -> None:
    """Let the original name what the duplicate named; one that names no release already stops the whole system."""
    named = set(original.affected.values_list("release_id", flat=True))
    mine = set(duplicate.affected.values_list("release_id", flat=True))
    checks = Checks()
    if named and not mine:
        checks.refuse("original", "Stops only some releases, this one the whole system: mark it the other way round.")
    if duplicate.two_person_close and not original.two_person_close:
        checks.refuse("original", "Is less severe, and one person could end it: mark it the other way round.")
    if original.remedy_release_id in mine:
        checks.refuse("original", "Names as its remedy a release that this incident is about.")
    checks.done()
    if named:
        AffectedRelease.objects.bulk_create(
            AffectedRelease(incident=original, release_id=release) for release in sorted(mine - named)
        )


def _move(incident: Incident, verb: str, actor: User, changed: set[str], **values: Any) -> Incident:
    """The only writer of Incident.state."""
    for name, value in values.items():
        setattr(incident, name, value)
    incident.state = INCIDENT.decide(
        verb, incident.state, allowed=allowed(actor, incident), facts=facts_of(actor, incident)
    )
    incident.updated_at = portal_now()
    incident.save(update_fields=[*changed, "state", "updated_at"])
    if verb in _TOLD:
        announce(
            _TOLD[verb], incident, title=f"{incident.title} ({incident.system})", actor=actor,
            href=reverse("incidents:incident_detail", args=[incident.pk]), people=[incident.reporter],
        )  # fmt: skip
    return incident


def _graded(checks: Checks, rules: Incidents, impact: str, urgency: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "impact": checks.choice("impact", impact, [level.id for level in rules.impact]),
        "urgency": checks.choice("urgency", urgency, [level.id for level in rules.urgency]),
    }
    if not (values["impact"] and values["urgency"]):
        return values
    severity = severity_of(rules.matrix, values["impact"], values["urgency"])
    two = next(one.two_people_close for one in rules.severities if one.id == severity)
    return {**values, "severity": severity, "two_person_close": two}


def _impact(checks: Checks, value: object) -> dict[str, str]:
    """Impact by class, without the classes nothing was written about."""
    if not isinstance(value, Mapping):
        checks.refuse("impact_by_class", "Must name what happened by class.")
        return {}
    if unknown := sorted({str(name)[:40] for name in value} - set(IMPACT_CLASSES)):
        checks.refuse("impact_by_class", f"Has no class {', '.join(unknown)}; there is {', '.join(IMPACT_CLASSES)}.")
    below = checks.below("impact_by_class")
    written = {name: below.text(name, value[name], limit=2000, lines=True) for name in IMPACT_CLASSES if name in value}
    return {name: text for name, text in written.items() if text}


def _remedy(checks: Checks, release: Release, incident: Incident) -> None:
    if release.system_id != incident.system_id:
        checks.refuse("remedy_release", "Must be a release of this system.")
    elif incident.affected.filter(release=release).exists():
        checks.refuse("remedy_release", "Is one of the releases this incident is about.")
    elif not incident.affected.exists() and release.pk == counting_when(incident):
        checks.refuse("remedy_release", "Counted when this incident, which is about the whole system, was reported.")


def _described(checks: Checks, fields: Description, incident: Incident) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "impact_by_class":
            values[name] = _impact(checks, value)
        elif name == "remedy_release":
            values[name] = value
            if isinstance(value, Release):
                _remedy(checks, value, incident)
        else:
            values[name] = checks.text(name, value, limit=LONGEST_TEXT, lines=True)
    return values
