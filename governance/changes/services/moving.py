"""The change under its lock, the rules it is handled by, and the only place that writes its state."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes.lifecycle import CHANGE
from governance.changes.models import Change
from governance.changes.queries import facts_of
from governance.changes.rules import assess, rank
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.lifecycle import Conflict, Reason
from governance.policy.models import Pack
from governance.policy.queries import pack_in_force, rules
from governance.policy.sections import Changes
from inventory.models import System
from inventory.services.permitted import allowed, require

LONGEST_TEXT = 10_000
ASSESSMENT = frozenset(
    {"pack", "tier", "computed", "rule", "explanation", "materiality", "overridden_by", "override_reason"}
)


def rules_in_force() -> tuple[Pack, Changes]:
    """The pack in force and its section about changes. Raises Conflict `no_policy` where there is none."""
    pack = pack_in_force()
    section = rules(pack).document.changes if pack else None
    if pack is None or section is None:
        raise Conflict(Reason("no_policy", "No policy pack in force says how changes are handled."))
    return pack, section


def lock_change(change: Change, *, actor: User) -> Change:
    """The change, locked after its system, if the actor may see it. Raises NotVisible."""
    locked = lock_unseen(change)
    require(actor, Permission.SYSTEM_VIEW, locked)
    return locked


def lock_unseen(change: Change) -> Change:
    """The change, locked after its system; whether the actor may know of it the caller judges."""
    system = System.objects.select_for_update(no_key=True).get(pk=change.system_id)
    locked = Change.objects.select_for_update(no_key=True).get(pk=change.pk)
    locked.system = system
    return locked


def assessed(change: Change) -> frozenset[str]:
    """Let the policy in force say what the change comes to; names the columns it wrote.

    What people made of it stays only where that is more than the policy says.
    """
    pack, section = rules_in_force()
    found = assess(section, change.kind, change.system.tier, change.answers)
    kept = change.overridden_by_id is not None and rank(change.materiality) > rank(found.materiality)
    if not kept:
        change.materiality, change.overridden_by, change.override_reason = found.materiality, None, ""
    change.pack, change.tier = pack, change.system.tier
    change.computed, change.rule, change.explanation = found.materiality, found.rule, found.explanation
    return ASSESSMENT


def move(
    change: Change,
    verb: str,
    actor: User,
    values: dict[str, Any],
    *,
    seen: str | None = None,
    comment: str | None = None,
    also: frozenset[str] = frozenset(),
) -> Change:
    """Move a change along its lifecycle: the only writer of Change.state. Raises Forbidden, Conflict.

    `values` are set with the move; `also` names columns that were set on the change before.
    """
    facts = facts_of(actor, change, seen=seen, comment=comment)
    change.state = CHANGE.decide(verb, change.state, allowed=allowed(actor, change), facts=facts)
    for name, value in values.items():
        setattr(change, name, value)
    return write(change, {*values, *also, "state"})


def write(change: Change, names: Set[str]) -> Change:
    """Save these columns and the time of the writing."""
    change.updated_at = portal_now()
    change.save(update_fields=[*names, "updated_at"])
    return change


def said(field: str, text: str, *, required: bool = True) -> str:
    """A text as it may stand in the record. Raises InvalidInput."""
    checks = Checks()
    text = checks.text(field, text, limit=LONGEST_TEXT, lines=True, required=required)
    checks.done()
    return text
