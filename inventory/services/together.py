"""One change to many systems: what it would come to first, then each by the same service as a single one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.canonical import digest
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.lifecycle import Conflict, Reason, Refusal
from inventory.models import System, Unit
from inventory.services.permitted import said
from inventory.services.systems import change_system, move_system

MOST = 200
CHANGES, UNCHANGED, REFUSED = "changes", "unchanged", "refused"
_DESCRIBED = ("origin", "impact", "own_role", "personal_data")
FIELDS = (*_DESCRIBED, "phase", "unit")
_PHASES = frozenset(System.Phase.values) - {System.Phase.UNKNOWN, System.Phase.NOT_STATED, System.Phase.RETIRED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of one system; `reasons` say why it is refused."""

    slug: str
    name: str
    before: str
    after: str
    status: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """One change to many systems; `seen` stands for exactly this summary."""

    field: str
    value: str
    outcomes: tuple[Outcome, ...]

    @property
    def seen(self) -> str:
        """The digest of what was shown."""
        told = [[each.slug, each.before, each.after, each.status] for each in self.outcomes]
        return digest({"field": self.field, "value": self.value, "outcomes": told})

    def of(self, status: str) -> tuple[Outcome, ...]:
        """The systems of which that became."""
        return tuple(each for each in self.outcomes if each.status == status)


class _OnlyTried(Exception):  # noqa: N818  takes everything back, tells nobody
    """Leaves the transaction of a summary."""


def change_together(
    *, actor: User, systems: Sequence[str], field: str, value: str, reason: str, seen: str = "", only_try: bool = False,
    door: Door = Door.WEB,
) -> Together:  # fmt: skip
    """Change one thing of the named systems, each judged for itself; what is refused is told and left as it was.

    `seen` names the summary that was agreed to. Raises InvalidInput, Conflict `stale` when the summary is another now,
    NotVisible never: who may not see a system hears that there is none.
    """
    found = _named(actor, systems)
    checks = Checks()
    field = checks.choice("field", field, FIELDS)
    reason = checks.text("reason", reason, limit=500, required=True)
    unit = _unit(checks, actor, value) if field == "unit" else None
    if field in _DESCRIBED:
        value = checks.choice("value", value, [word for word, _ in System._meta.get_field(field).flatchoices])  # type: ignore[union-attr]
    if field == "phase":
        value = checks.choice("value", value, _PHASES)
    checks.done()
    outcomes: list[Outcome] = []
    try:
        with acting(actor, door=door, verb="system.change", reason=said(reason)):
            outcomes = [_one(actor, system, field, value, unit, reason, door) for system in found]
            done = Together(field, value, tuple(outcomes))
            if seen and seen != done.seen:
                raise Conflict(Reason("stale", "The summary is another by now; look at it again."))
            if only_try:
                seal_now()
                raise _OnlyTried
    except _OnlyTried:
        pass
    return done


def _named(actor: User, slugs: Sequence[str]) -> list[System]:
    """The systems in the order of their keys, so that two such changes never wait for each other."""
    wanted = sorted({slug for slug in slugs if slug and "\0" not in slug})
    if not wanted or len(wanted) > MOST:
        raise InvalidInput({"systems": [f"Choose between one and {MOST} systems."]})
    seen = rights.visible(actor, System.objects.filter(slug__in=wanted)).select_related("unit").defer("search")
    found = list(seen.order_by("pk"))
    if missing := sorted(set(wanted) - {system.slug for system in found}):
        raise InvalidInput({"systems": [f"No system you may see is called {slug[:120]}." for slug in missing[:5]]})
    return found


def _unit(checks: Checks, actor: User, slug: str) -> Unit | None:
    units = rights.visible(actor, Unit.objects.all(), Permission.SYSTEM_ADD)
    unit = units.filter(slug=slug).first() if slug and "\0" not in slug else None
    if unit is None:
        checks.refuse("value", "Choose a unit you may put systems in.")
    return unit


def _one(
    actor: User, system: System, field: str, value: str, unit: Unit | None, reason: str, door: Door
) -> Outcome:  # fmt: skip
    before = system.unit.slug if field == "unit" else str(getattr(system, field))
    if before == value:
        return Outcome(system.slug, system.name, before, value, UNCHANGED)
    do = _change(actor, system, field, value, unit, reason, door)
    try:
        with transaction.atomic():
            do()
    except Refusal as refusal:
        said_why = tuple(one.text for one in refusal.reasons)
        return Outcome(system.slug, system.name, before, value, REFUSED, said_why)
    except InvalidInput as invalid:
        told = tuple(text for texts in invalid.errors.values() for text in texts)
        return Outcome(system.slug, system.name, before, value, REFUSED, told)
    return Outcome(system.slug, system.name, before, value, CHANGES)


def _change(
    actor: User, system: System, field: str, value: str, unit: Unit | None, reason: str, door: Door
) -> Callable[[], object]:
    """The single edit of one system."""
    if field == "phase":
        return lambda: move_system(actor=actor, system=system, verb=f"move_to_{value}", reason=reason, door=door)
    if field == "unit":
        return lambda: change_system(actor=actor, system=system, unit=unit, door=door)
    fields = {field: value}
    return lambda: change_system(actor=actor, system=system, door=door, **fields)  # type: ignore[arg-type]
