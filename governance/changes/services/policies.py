"""The work a policy asks for before it comes into force, on every system it touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError

from governance.changes.lifecycle import FollowUpState
from governance.changes.models import FollowUp
from governance.changes.services.follow_ups import Wanted, open_follow_ups
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.alarms import alone
from governance.policy.announcements import PackWithdrawn
from governance.policy.models import Pack
from governance.policy.queries import facts_of_inventory, pack_in_force, rules
from governance.policy.replay import Report, replay
from inventory.models import System

JOB = Command("follow_policy_up")
AT_ONCE = 500
NAMED = 10
LONGEST = 300
STEP = "comply"
INSTANT = timedelta(microseconds=1)

log = structlog.get_logger(__name__)


def open_for_policy(pack: int) -> int:
    """Compare an adopted pack with the rules before it, and ask each system it closes or moves to prepare.

    Returns how many pieces of work are new; done again, none is. A pack that is first, or was withdrawn, asks nothing.
    """
    adopted = Pack.objects.get(pk=pack)
    if adopted.state != Pack.State.ADOPTED or adopted.effective_from is None:
        return 0
    before = pack_in_force(adopted.effective_from - INSTANT)
    if before is None:
        return 0
    report = Report(str(adopted), rules(adopted))
    replay(report, rules(before), facts_of_inventory(), adopted.effective_from)
    touched = _touched(report)
    return sum(_open_alone(adopted.pk, touched, slugs) for slugs in _slices(sorted(touched), AT_ONCE))


def drop_for_withdrawn_policy(fact: PackWithdrawn) -> None:
    """What was asked for because of a policy that never comes is no longer needed."""
    waiting = FollowUp.objects.filter(pack=fact.pack, state=FollowUp.State.OPEN)
    with acting(Command("follow_up"), door=Door.JOB, verb="follow_up.drop"):
        waiting.update(
            state=FollowUpState.MOOT, settled_at=portal_now(), settled_by=fact.by,
            note=f"The policy was withdrawn: {fact.reason}",
        )  # fmt: skip


def due_before(days: int | None, start: datetime, now: datetime) -> datetime | None:
    """Until when the work is to be done: so many days before the policy begins, or as close to it as is left.

    A policy that is in force already leaves the same number of days from now.
    """
    if days is None:
        return start if start > now else None
    lead = timedelta(days=days)
    if start <= now:
        return now + lead
    return start - lead if start - lead > now else start


def _slices(words: Sequence[str], size: int) -> list[Sequence[str]]:
    return [words[place : place + size] for place in range(0, len(words), size)]


def _touched(report: Report) -> dict[str, list[str]]:
    """For each system by slug, what the pack would change, in words."""
    touched: dict[str, list[str]] = {}
    for gate in report.closed:
        for reason in gate.reasons:
            line = f"Release {gate.release}: {reason}"
            said = touched.setdefault(gate.system, [])
            if line not in said:
                said.append(line)
    for move in report.tiers:
        line = f"Its tier becomes {move.after or 'unknown'} (now {move.before or 'unknown'})."
        touched.setdefault(move.system, []).append(line)
    return touched


def _open_alone(pack: int, touched: dict[str, list[str]], slugs: Sequence[str]) -> int:
    """Open the work of these systems; where that fails, of each for itself, so that one stops no other."""
    opened: list[int] = []
    try:
        return _open(pack, touched, slugs)
    except OperationalError:
        raise  # the database, not a system: the job stays failed, to be run again
    except Exception:
        log.exception("policy_work_not_opened_together", pack=pack)
    for slug in slugs:
        with alone("follow_policy_up", f"{pack} {slug}", f"{slug} could not be asked to prepare for a policy"):
            opened.append(_open(pack, touched, [slug]))
    return sum(opened)


def _open(pack: int, touched: dict[str, list[str]], slugs: Sequence[str]) -> int:
    """One transaction for a slice of the systems, while the pack still stands."""
    with acting(JOB, door=Door.JOB, verb="follow_up.open"):
        locked = Pack.objects.select_for_update(no_key=True).get(pk=pack)
        if locked.state != Pack.State.ADOPTED or locked.effective_from is None:
            return 0
        section = rules(locked).document.changes
        days = {str(name): days for name, days in section.follow_up_days.items()}.get("policy") if section else None
        start = locked.effective_from
        title = f"Prepare for {locked.title} {locked.version}, in force from {start:%-d %B %Y}"[:LONGEST]
        found = System.objects.filter(slug__in=slugs).exclude(phase=System.Phase.RETIRED).order_by("pk")
        wanted = [
            Wanted(key, ("pack", pack), STEP, title, _text(touched[slug]))
            for key, slug in found.values_list("pk", "slug")
        ]
        return open_follow_ups(FollowUp.Cause.POLICY, wanted, due=due_before(days, start, portal_now()), summary=title)


def _text(lines: Sequence[str]) -> str:
    """What the pack would change for one system, as a list; the rest is counted."""
    shown = "\n".join(f"- {line}" for line in lines[:NAMED])
    more = f"\n- and {len(lines) - NAMED} more." if len(lines) > NAMED else ""
    return f"What the policy would change for this system:\n\n{shown}{more}\n\nAsk for the changes it needs in time."
