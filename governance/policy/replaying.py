"""A long what-if is run by a job: asked for once, told how far it is, kept in short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.policy.enforcing import EnforcingReport, legacy_told
from governance.policy.models import Pack, ReplayRun
from governance.policy.queries import enforced_today, pack_in_force, replayed, rules
from governance.policy.replay import Gate, Report, by_requirement, first, place

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


def enforcing_in_short(report: EnforcingReport) -> dict[str, Any]:
    """What a page says of what enforcing would close."""
    return {
        "systems": report.systems, "releases": report.releases, "observed": report.observed,
        "closed": len(report.closed), "legacy": len(report.legacy), "digest": report.document["digest"],
        "by_requirement": [list(line) for line in by_requirement(report.rules, report.closed)],
        "closed_first": [_told(gate) for gate in first(report.closed, SHOWN)],
        "legacy_first": [legacy_told(gate) for gate in sorted(report.legacy, key=place)[:SHOWN]],
    }  # fmt: skip


def asked(question: str, pack: Pack, progress: Callable[[int], None] = lambda done: None) -> tuple[int, dict[str, Any]]:
    """The answer to one question about a pack over the whole inventory, in short, and how many systems there were."""
    if question == ReplayRun.Question.ENFORCING:
        closing = enforced_today(rules(pack), str(pack), progress)
        return closing.systems, enforcing_in_short(closing)
    report = replayed(rules(pack), str(pack), progress)
    return report.systems, in_short(report)


def _told(gate: Gate) -> Mapping[str, Any]:
    return {
        "system": gate.system, "release": gate.release, "environment": gate.environment,
        "reasons": list(gate.reasons),
    }  # fmt: skip


def ask(person: User, pack: Pack, systems: int, question: str = ReplayRun.Question.CHANGE) -> ReplayRun:
    """A run that waits for its job; of two that ask at once both have one. Raises Forbidden."""
    rights.require(person, Permission.SYSTEM_VIEW)
    current = pack_in_force()
    return ReplayRun.objects.create(
        pack=pack, question=question, asked_by=person, asked_at=portal_now(), total=systems,
        against=str(current) if current else "",
    )  # fmt: skip


def carry_out(run: ReplayRun) -> None:
    """Replay its pack over the inventory, telling how far it is, and keep what came of it in short."""
    here = ReplayRun.objects.filter(pk=run.pk)

    def progress(done: int) -> None:
        if done % TOLD_EVERY == 0:
            here.update(done=done)

    systems, told = asked(run.question, run.pack, progress)
    here.update(state=ReplayRun.State.DONE, done=systems, total=systems, told=told)
