"""Systems: registered, described, tiered, moved from phase to phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.deployments import running
from inventory.lifecycle import SYSTEM, SystemFacts
from inventory.models import Release, System, Unit
from inventory.rules import RESERVED_SLUGS, content_version, free_slug, slug_of
from inventory.services.lowering import keep_lowered, told_of
from inventory.services.permitted import allowed, require, said
from inventory.services.tiers import tier_from


class SystemDescription(TypedDict, total=False):
    """What describes a system besides its name; each may be given or left as it is."""

    purpose: str
    objectives: str
    stakeholders: str
    objectives_review_on: date | None
    intended_use: str
    out_of_scope_use: str
    affected_groups: str
    human_oversight: str
    outputs: str
    origin: str
    vendor: str
    impact: str
    own_role: str
    own_role_reason: str
    personal_data: str
    demographic_variables: str
    regimes: Sequence[Mapping[str, object]]
    responsibilities: Mapping[str, str]
    links: Sequence[Mapping[str, str]]


class SystemFields(SystemDescription, total=False):
    """What may be changed of a system."""

    name: str


LINES = (
    "purpose", "objectives", "stakeholders", "intended_use", "out_of_scope_use", "affected_groups", "human_oversight",
    "outputs", "own_role_reason", "demographic_variables",
)  # fmt: skip
LONGEST_TEXT = 10_000
_CHOICES: dict[str, list[str]] = {
    "origin": System.Origin.values,
    "impact": System.Impact.values,
    "own_role": System.OwnRole.values,
    "personal_data": System.Known.values,
}
_FIRST_PHASES = frozenset(System.Phase.values) - {System.Phase.RETIRED, System.Phase.UNKNOWN}


def system_version(system: System) -> str:
    """What a client has seen of this system."""
    return content_version("system", system.pk, system.updated_at.timestamp())


def create_system(
    *,
    actor: User | Command,
    unit: Unit,
    name: str,
    slug: str = "",
    phase: str = System.Phase.NOT_STATED,
    answers: Mapping[str, object] | None = None,
    door: Door = Door.WEB,
    **fields: Unpack[SystemDescription],
) -> System:
    """Register a system in a unit.

    Needs system.add on the unit or organisation-wide. Raises InvalidInput, Conflict `duplicate` for a taken slug.
    """
    with acting(actor, door=door, verb="system.create"):
        require(actor, Permission.SYSTEM_ADD, unit)
        checks = Checks()
        values = _cleaned(checks, {**fields, "name": name})
        phase = checks.choice("phase", phase, _FIRST_PHASES)
        slug = _slug(checks, slug, str(values.get("name", "")))
        checks.done()
        now = portal_now()
        system = System(unit=unit, slug=slug, phase=phase, created_at=now, updated_at=now, **values)
        if answers is not None:
            _answer(system, answers)
        system.save(force_insert=True)
    return system


def change_system(
    *,
    actor: User | Command,
    system: System,
    unit: Unit | None = None,
    expected: str = "",
    door: Door = Door.WEB,
    **fields: Unpack[SystemFields],
) -> System:
    """Change what describes a system, or the unit it belongs to (which needs system.add there).

    Raises InvalidInput, Conflict `stale` when `expected` is not what the system is now.
    """
    with acting(actor, door=door, verb="system.change"):
        locked = _lock(system, expected, actor, Permission.SYSTEM_CHANGE)
        checks = Checks()
        values = _cleaned(checks, fields)
        checks.done()
        if unit is not None and unit.pk != locked.unit_id:
            require(actor, Permission.SYSTEM_ADD, unit)
            values["unit"] = unit
        _write(locked, values)
    return locked


def answer_questionnaire(
    *,
    actor: User | Command,
    system: System,
    answers: Mapping[str, object],
    expected: str = "",
    door: Door = Door.WEB,
) -> System:
    """Record the answers to the questionnaire of the pack in force and the tier that follows from them.

    An answer may be changed, not taken back: the tier would be gone without a word. A decision to hold the system to
    a lower tier stands while the answers come to the tier it lowered, and ends where they do not. Raises InvalidInput
    naming `answers.<question>`, Conflict `no_policy` while no pack is in force.
    """
    with acting(actor, door=door, verb="system.answer"):
        locked = _lock(system, expected, actor, Permission.SYSTEM_CHANGE)
        _answer(locked, answers)
        if lowered := keep_lowered(locked, locked.tier, actor, door):
            locked.tier, locked.tier_reason = lowered.to_tier, told_of(lowered, locked.tier_reason)
        fields = ("answers", "tier", "tier_reason", "tier_pack")
        _write(locked, {field: getattr(locked, field) for field in fields})
    return locked


def move_system(
    *, actor: User | Command, system: System, verb: str, reason: str = "", expected: str = "", door: Door = Door.WEB
) -> System:
    """Move a system along its phases: `move_to_<phase>` or `retire`. Raises Forbidden, Conflict."""
    reason = said(reason)
    with acting(actor, door=door, verb="system.retire" if verb == "retire" else "system.move", reason=reason):
        locked = _lock(system, expected, actor, Permission.SYSTEM_VIEW)
        phase = SYSTEM.decide(verb, locked.phase, allowed=allowed(actor, locked), facts=system_facts(locked))
        _write(locked, {"phase": phase})
    return locked


def system_facts(system: System) -> SystemFacts:
    """What the system machine needs to know."""
    approved = Release.objects.filter(system=system, state=Release.State.APPROVED).order_by("version")
    there = [
        f"{row.release.version if row.release else row.named or 'something unknown'} in {row.environment}"
        for row in running().filter(system=system).order_by("environment", "pk")
    ]
    return SystemFacts(approved=tuple(approved.values_list("version", flat=True)), running=tuple(there))


def _lock(system: System, expected: str, actor: User | Command, permission: Permission) -> System:
    """The row, locked and checked: first whether the actor may, then whether this is what was seen."""
    locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
    require(actor, permission, locked)
    if expected and expected != system_version(locked):
        raise Conflict(Reason("stale", "Somebody changed this system in the meantime; look at it again."))
    return locked


def _write(system: System, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(system, field, value)
    now: datetime = portal_now()
    system.updated_at = now
    system.save(update_fields=[*values, "updated_at"])


def _answer(system: System, answers: Mapping[str, object]) -> None:
    checks = Checks()
    kept = checks.data("answers", dict(answers))
    checks.done()
    tier = tier_from(kept, before=system.answers)
    system.answers, system.tier, system.tier_reason, system.tier_pack = kept, tier.name, tier.reason, tier.pack


def _slug(checks: Checks, slug: str, name: str) -> str:
    if not slug:
        base = slug_of(name, fallback="system")
        return free_slug(base, frozenset(System.objects.filter(slug__startswith=base).values_list("slug", flat=True)))
    slug = checks.slug("slug", slug, limit=120)
    if slug in RESERVED_SLUGS:
        checks.refuse("slug", "Is a word the portal's own addresses use.")
    elif slug and System.objects.filter(slug=slug).exists():
        raise Conflict(Reason("duplicate", f"Another system has the address “{slug}”."))
    return slug


def _cleaned(checks: Checks, fields: Mapping[str, object]) -> dict[str, Any]:
    """The given fields, each checked; a field a system does not have is a programmer's error."""
    values: dict[str, Any] = {}
    for field, value in fields.items():
        if field == "name":
            values[field] = checks.text(field, value, limit=500, required=True)
        elif field == "vendor":
            values[field] = checks.text(field, value, limit=300)
        elif field in LINES:
            values[field] = checks.text(field, value, limit=LONGEST_TEXT, lines=True)
        elif field in _CHOICES:
            values[field] = checks.choice(field, value, _CHOICES[field])
        elif field == "objectives_review_on":
            values[field] = checks.day(field, value)
        else:
            values[field] = _SHAPES[field](checks, field, value)
    return values


def _lines(checks: Checks, field: str, value: object, shape: Mapping[str, int]) -> list[dict[str, object]]:
    """A list of small objects whose text members and their limits `shape` names."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > 100:
        checks.refuse(field, "Must be a list of at most 100.")
        return []
    kept = []
    for number, line in enumerate(value):
        if not isinstance(line, Mapping):
            checks.refuse(f"{field}.{number}", "Must be an object.")
            continue
        kept.append(_line(checks.below(f"{field}.{number}"), line, shape))
    return kept


def _line(checks: Checks, line: Mapping[str, object], shape: Mapping[str, int]) -> dict[str, object]:
    for unknown in sorted(set(map(str, line)) - set(shape)):
        checks.refuse(unknown[:60], "Is no field of this.")
    return {
        name: checks.text(name, line.get(name, ""), limit=limit, required=position == 0)
        for position, (name, limit) in enumerate(shape.items())
    }


def _regimes(checks: Checks, field: str, value: object) -> list[dict[str, object]]:
    kept = _lines(checks, field, value, {"regime": 80, "scope": 20, "reason": 1000})
    for number, line in enumerate(kept):
        checks.below(f"{field}.{number}").choice("scope", line["scope"], ("in", "out", "not_stated"))
    return kept


def _links(checks: Checks, field: str, value: object) -> list[dict[str, object]]:
    kept = _lines(checks, field, value, {"url": 1000, "title": 200})
    for number, line in enumerate(kept):
        if not str(line["url"]).startswith(("https://", "http://")):
            checks.refuse(f"{field}.{number}.url", "Must begin with https:// or http://.")
    return kept


def _responsibilities(checks: Checks, field: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 50:
        checks.refuse(field, "Must be an object of at most 50 functions and names.")
        return {}
    return {
        checks.text(field, function, limit=120, required=True): checks.text(field, name, limit=300)
        for function, name in value.items()
    }


_SHAPES = {"regimes": _regimes, "links": _links, "responsibilities": _responsibilities}
