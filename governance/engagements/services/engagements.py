"""Engagements: planned, with a team that sees what is in scope for a time; reported, settled, coming round again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db.models import F

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from governance.changes.models import FollowUp
from governance.changes.services.follow_ups import Wanted, open_follow_ups
from governance.database.clock import portal_now
from governance.engagements import notices, queries
from governance.engagements.lifecycle import ENGAGEMENT, does_not_build
from governance.engagements.models import Covered, Engagement, Member, TeamRight
from governance.engagements.refusals import INDEPENDENT
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.evidence.content import keep, measure
from inventory.models import System, Unit, UnitClosure
from inventory.services.assignments import assign, end_assignment
from inventory.services.evidence import evidence_file, label_of

LONG = 20_000
MOST = 200
OVER = "The time on the team was over."
YEAR = timedelta(days=365)


def plan_engagement(
    *,
    actor: User,
    kind: str,
    title: str,
    purpose: str,
    ends_at: datetime | None,
    period_from: datetime | None = None,
    systems: Sequence[System] = (),
    unit: Unit | None = None,
    door: Door = Door.WEB,
) -> Engagement:
    """Plan an audit of these systems, and of everything in use in a unit and below it.

    The period looked at begins a year ago unless told otherwise. Raises InvalidInput, Forbidden.
    """
    checks = Checks()
    title = checks.text("title", title, limit=200, required=True)
    purpose = checks.text("purpose", purpose, limit=LONG, required=True, lines=True)
    kind = checks.choice("kind", kind, Engagement.Kind.values)
    with acting(actor, door=door, verb="engagement.plan"):
        rights.require(actor, Permission.ENGAGEMENT_RUN)
        now = portal_now()
        if ends_at is None:
            checks.refuse("ends_at", "An audit has a planned end.")
        elif checks.instant("ends_at", ends_at) is not None and ends_at <= now:
            checks.refuse("ends_at", "Must lie in the future.")
        since = checks.instant("period_from", period_from) or now - YEAR
        keys = {system.pk for system in systems}
        if unit is not None:
            below = UnitClosure.objects.filter(ancestor=unit).values("descendant")
            found = System.objects.exclude(phase=System.Phase.RETIRED).filter(unit__in=below)
            keys |= set(found.values_list("pk", flat=True)[: MOST + 1])
        if not keys:
            checks.refuse("systems", "An audit looks at one system at least.")
        if len(keys) > MOST:
            checks.refuse("unit", f"At most {MOST} systems; choose a smaller unit.")
        if ends_at is not None and since >= ends_at:
            checks.refuse("period_from", "Must lie before the end.")
        checks.done()
        assert ends_at is not None  # noqa: S101  checked above
        engagement = Engagement.objects.create(
            kind=kind, title=title, purpose=purpose, unit=unit, period_from=since, ends_at=ends_at,
            planned_by=actor, planned_at=now,
        )  # fmt: skip
        Covered.objects.bulk_create(Covered(engagement=engagement, system_id=key) for key in sorted(keys))
        return engagement


def add_member(
    *,
    actor: User,
    engagement: Engagement,
    person: User,
    until: datetime | None = None,
    leads: bool = False,
    door: Door = Door.WEB,
) -> Member:
    """Put somebody on the team until a day, the planned end unless told otherwise; they see what is in scope so long.

    Whose time on it is over has left, so that they are named again or another in their place.

    Raises InvalidInput, Forbidden `sod.builder` for who owns or builds what is audited, also as the one who names
    somebody, `sod.self`; Conflict.
    """
    with acting(actor, door=door, verb="engagement.add_member"):
        locked = _staffed(engagement, actor)
        if locked.state not in queries.RUNNING:
            raise Conflict(Reason("state", f"This audit is {locked.get_state_display().lower()}."))
        checks, now = Checks(), portal_now()
        end = checks.instant("until", until) or locked.ends_at
        if end <= now:
            checks.refuse("until", "Must lie in the future.")
        if person.kind != User.Kind.HUMAN or not person.is_active or person.closed_at is not None:
            checks.refuse("person", "Must be somebody whose account is open.")
        checks.done()
        if person.pk == actor.pk:
            raise Forbidden(Reason("sod.self", "Nobody puts themselves on a team."))
        if builds := queries.builders(locked, person):
            raise Forbidden(Reason("sod.builder", f"{INDEPENDENT} Here: {', '.join(each.name for each in builds)}."))
        locked.team.filter(left_at=None, until__lte=now).update(left_at=F("until"), left_reason=OVER)
        if Member.objects.filter(engagement=locked, person=person, left_at=None).exists():
            raise Conflict(Reason("duplicate", "This person is on the team already."))
        if leads and Member.objects.filter(engagement=locked, leads=True, left_at=None).exists():
            raise Conflict(Reason("duplicate", "Somebody leads this team already."))
        member = Member.objects.create(
            engagement=locked, person=person, leads=leads, until=end, added_by=actor, added_at=now
        )
        _show(actor, member, door)
        notices.joined(member, actor)
        return member


def _show(actor: User, member: Member, door: Door) -> None:
    """Let the member see each system in scope until the end of the membership, by an assignment like any other.

    It stands beside one they have already, which may end earlier, by hand or with another audit.
    """
    for line in Covered.objects.filter(engagement=member.engagement).select_related("system").order_by("system"):
        given = assign(
            actor=actor, person=member.person, role=Role.VIEWER, system=line.system, until=member.until, beside=True,
            reason=f"On the team of {member.engagement}"[:500], door=door,
        )  # fmt: skip
        TeamRight.objects.create(member=member, assignment=given)


def remove_member(*, actor: User, member: Member, reason: str, door: Door = Door.WEB) -> Member:
    """Take somebody off the team; what the membership let them see ends now.

    Raises InvalidInput, Forbidden, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True)
    with acting(actor, door=door, verb="engagement.remove_member", reason=reason):
        _staffed(member.engagement, actor)
        checks.done()
        locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if locked.left_at is not None:
            raise Conflict(Reason("state", "This person has left the team already."))
        locked.left_at, locked.left_reason = portal_now(), reason
        locked.save(update_fields=["left_at", "left_reason"])
        for right in locked.rights.select_related("assignment__system", "assignment__unit"):
            if right.assignment.until is None or right.assignment.until > locked.left_at:
                end_assignment(actor=actor, assignment=right.assignment, reason=reason, door=door)
        return locked


def hand_over_membership(*, actor: User, member: Member, person: User, reason: str, door: Door = Door.WEB) -> Member:
    """Put somebody in the place of a closed account on the team, until the same day; they lead where it led.

    Raises what `remove_member` and `add_member` raise, Conflict `state` where the account is open.
    """
    with acting(actor, door=door, verb="engagement.hand_over", reason=reason[:500]):
        if member.person.closed_at is None:
            raise Conflict(Reason("state", f"The account of {member.person} is open; take them off the team instead."))
        remove_member(actor=actor, member=member, reason=reason, door=door)
        return add_member(
            actor=actor, engagement=member.engagement, person=person, until=member.until, leads=member.leads, door=door
        )


def start_engagement(*, actor: User, engagement: Engagement, door: Door = Door.WEB) -> Engagement:
    """Begin. Raises Forbidden, Conflict where nobody leads."""
    return _move("start", actor, engagement, {}, door)


def hand_in_report(
    *, actor: User, engagement: Engagement, content: File[Any], name: str, summary: str, door: Door = Door.WEB
) -> Engagement:
    """Hand in the report as a file, which is kept under its digest; a later one takes its place.

    Raises InvalidInput, Forbidden unless the person leads the team, Conflict (`state`, `storage`).
    """
    checks = Checks()
    summary = checks.text("summary", summary, limit=LONG, required=True, lines=True)
    with acting(actor, door=door, verb="engagement.report"):
        _decided("report", actor, _lock(engagement, actor))
        checks.done()
        label = label_of(name)
    measured = measure(content)
    keep(content, measured)
    with acting(actor, door=door, verb="engagement.report"):
        values = {
            "report": evidence_file(actor, measured), "report_name": label, "summary": summary, "reported_by": actor,
            "reported_at": portal_now(),
        }  # fmt: skip
        reported = _move("report", actor, engagement, values, door)
        notices.reported(reported, actor)
        return reported


def close_engagement(
    *, actor: User, engagement: Engagement, note: str, next_at: datetime | None = None, door: Door = Door.WEB
) -> Engagement:
    """Say, not being on the team, that everything found is settled, and when the audit comes round again.

    The next date is work for the owner of each system in use, and to plan for who runs audits. Raises InvalidInput,
    Forbidden, Conflict.
    """
    checks = Checks()
    note = checks.text("note", note, limit=LONG, required=True, lines=True)
    # The note speaks of every system; as the reason of the act it would stand on the timeline of each.
    with acting(actor, door=door, verb="engagement.close"):
        now = portal_now()
        if checks.instant("next_at", next_at) is not None and next_at is not None and next_at <= now:
            checks.refuse("next_at", "Must lie in the future.")
        checks.done()
        values = {"next_at": next_at, "note": note, "ended_by": actor, "ended_at": now}
        closed = _move("close", actor, engagement, values, door)
        if next_at is not None:
            _again(closed, next_at)
        return closed


def _again(engagement: Engagement, due: datetime) -> None:
    title = f"Have it audited again ({engagement.get_kind_display().lower()}): {engagement.title}"[:300]
    origin = f"/engagements/{engagement.pk}/"
    text = "The page of the last audit says what it found on this system, and how that was settled."
    in_use = engagement.covered.exclude(system__phase=System.Phase.RETIRED)
    keys = in_use.order_by("system").values_list("system", flat=True)
    wanted = [Wanted(key, ("origin", origin), "next", title, text) for key in keys]
    open_follow_ups(FollowUp.Cause.ENGAGEMENT, wanted, due=due, summary="An audit comes round again")


def cancel_engagement(*, actor: User, engagement: Engagement, reason: str, door: Door = Door.WEB) -> Engagement:
    """Say why an audit does not take place. Raises InvalidInput, Forbidden, Conflict."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=LONG, required=True, lines=True)
    with acting(actor, door=door, verb="engagement.cancel", reason=reason[:500]):
        checks.done()
        values = {"note": reason, "ended_by": actor, "ended_at": portal_now()}
        cancelled = _move("cancel", actor, engagement, values, door)
        for member in cancelled.team.filter(left_at=None).select_related("engagement"):
            remove_member(actor=actor, member=member, reason="The audit was cancelled.", door=door)
        return cancelled


def _move(verb: str, actor: User, engagement: Engagement, values: dict[str, Any], door: Door) -> Engagement:
    with acting(actor, door=door, verb=f"engagement.{verb}"):
        locked = _lock(engagement, actor)
        locked.state = _decided(verb, actor, locked)
        for name, value in values.items():
            setattr(locked, name, value)
        locked.save(update_fields=["state", *values])
        return locked


def _decided(verb: str, actor: User, locked: Engagement) -> str:
    facts = queries.engagement_facts(actor, locked)
    return ENGAGEMENT.decide(verb, locked.state, allowed=queries.allowed(actor, locked), facts=facts)


def _staffed(engagement: Engagement, actor: User) -> Engagement:
    """The record, locked, for somebody who may say who is on the team: nobody who builds what is audited."""
    locked = _lock(engagement, actor)
    rights.require(actor, Permission.ENGAGEMENT_RUN)
    if reason := does_not_build(queries.engagement_facts(actor, locked)):
        raise Forbidden(reason)
    return locked


def _lock(engagement: Engagement, actor: User) -> Engagement:
    """The record, locked, if the actor sees it. Raises NotVisible."""
    if not queries.seen_by(actor, Engagement.objects.filter(pk=engagement.pk)).exists():
        raise rights.NotVisible
    return Engagement.objects.select_for_update(no_key=True, of=("self",)).get(pk=engagement.pk)
