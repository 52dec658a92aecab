"""A long what-if is run by a job: asked for once, told how far it is, kept in short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.policy.models import Pack, ReplayRun
from governance.policy.queries import pack_in_force, replayed, rules
from governance.policy.replay import Gate, Report, first

SHOWN = 200
TOLD_EVERY = 50


def in_short(report: Report) -> dict[str, Any]:
    """What a page says of a report: all its numbers, and the first gates and tiers of each list."""
    return {
        "systems": report.systems, "releases": report.releases, "closed": len(report.closed),
        "opened": len(report.opened), "tiers": len(report.tiers), "reviews": report.reviews,
        "documents": report.documents, "digest": report.document["digest"],
        "by_requirement": [list(line) for line in report.by_requirement()],
        "closed_first": [_told(gate) for gate in first(report.closed, SHOWN)],
        "opened_first": [_told(gate) for gate in first(report.opened, SHOWN)],
        "moves": [
            {"system": move.system, "before": move.before, "after": move.after}
            for move in sorted(report.tiers, key=lambda move: move.system)[:SHOWN]
        ],
    }  # fmt: skip


def _told(gate: Gate) -> Mapping[str, Any]:
    return {
        "system": gate.system, "release": gate.release, "environment": gate.environment,
        "reasons": list(gate.reasons),
    }  # fmt: skip


def ask(person: User, pack: Pack, systems: int) -> ReplayRun:
    """A run that waits for its job; of two that ask at once both have one. Raises Forbidden."""
    rights.require(person, Permission.SYSTEM_VIEW)
    current = pack_in_force()
    return ReplayRun.objects.create(
        pack=pack, asked_by=person, asked_at=portal_now(), total=systems, against=str(current) if current else ""
    )


def carry_out(run: ReplayRun) -> None:
    """Replay its pack over the inventory, telling how far it is, and keep what came of it in short."""
    here = ReplayRun.objects.filter(pk=run.pk)

    def progress(done: int) -> None:
        if done % TOLD_EVERY == 0:
            here.update(done=done)

    report = replayed(rules(run.pack), str(run.pack), progress)
    here.update(state=ReplayRun.State.DONE, done=report.systems, total=report.systems, told=in_short(report))
