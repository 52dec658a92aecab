"""Documents that systems in use owe and do not have: each is asked for once, of whoever owns the system."""

from __future__ import annotations

from collections.abc import Iterator

from governance.changes.models import FollowUp
from governance.changes.services.follow_ups import Wanted, due_after, open_follow_ups
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.alarms import alone
from governance.policy.completeness import standings
from governance.policy.facts import Facts
from governance.policy.queries import facts_of_inventory, pack_in_force, rules
from governance.policy.schema import PackDocument

JOB = Command("follow_documents_up")
IN_USE = frozenset({"approved", "suspended"})


def follow_documents_up() -> int:
    """Open the work of every document that is owed by now on a system in use. How many pieces are new.

    A document is asked for once for each of its revisions: who settles the work without writing is not asked again.
    """
    pack = pack_in_force()
    if pack is None:
        return 0
    opened: list[int] = []
    for wanted in _owed(rules(pack).document):
        with alone("follow_documents_up", str(wanted.about[1]), f"{wanted.title} could not be asked for"):
            opened.append(_open(wanted))
    return sum(opened)


def _open(wanted: Wanted) -> int:
    with acting(JOB, door=Door.JOB, verb="follow_up.open"):
        return open_follow_ups(FollowUp.Cause.DOCUMENTS, [wanted], due=due_after("documents"), summary=wanted.title)


def _owed(document: PackDocument) -> Iterator[Wanted]:
    """What is demanded and not complete, once for each system with a release in use."""
    done: set[int] = set()
    now = portal_now()
    for facts in facts_of_inventory():
        system, release = facts.system, facts.release
        if system is None or release is None or release.state not in IN_USE or system.id in done:
            continue
        done.add(system.id)
        revisions = _revisions(facts)
        for one in standings(document, system, facts.documents, now, owed_only=True):
            if one.demanded and one.problem:
                origin = f"/systems/{system.slug}/documents/{one.template}/"
                step = f"revision-{revisions.get(one.template, 0)}"
                yield Wanted(
                    system.id, ("origin", origin), step, f"Write: {one.problem}"[:300],
                    "The policy asks for it by now, and a release of the system is in use.",
                )  # fmt: skip


def _revisions(facts: Facts) -> dict[str, int]:
    return {document.template: document.revision for document in facts.documents}
