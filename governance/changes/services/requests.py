"""Asking for a change: the request, its release, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes.lifecycle import decide_work
from governance.changes.models import AffectedAsset, Change
from governance.changes.queries import facts_of
from governance.changes.rules import MATERIALITIES, rank, wrong_answers
from governance.changes.services.moving import LONGEST_TEXT, assessed, lock_change, rules_in_force, said, write
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.policy.sections import Changes
from inventory.dependencies import assets_for
from inventory.models import Asset, Release, System
from inventory.services.permitted import allowed, require

MOST_COMPONENTS = 100
MOST_ASSETS = 10
_TEXTS = ("what", "why", "rollback_plan", "test_plan", "communication")


class Description(TypedDict, total=False):
    """What a request says; each may be given or left as it is."""

    kind: str
    title: str
    what: str
    why: str
    components: Sequence[str]
    rollback_plan: str
    test_plan: str
    communication: str
    planned_from: datetime | None
    planned_until: datetime | None
    answers: Mapping[str, str]
    emergency: bool
    rollback_release: Release | None
    assets: Sequence[Asset]


def create_change(
    *,
    actor: User,
    system: System,
    target_release: Release | None = None,
    door: Door = Door.WEB,
    **fields: Unpack[Description],
) -> Change:
    """Ask for a change: a draft with what the policy makes of it.

    Raises InvalidInput, Forbidden, NotVisible, Conflict `no_policy`.
    """
    with acting(actor, door=door, verb="change.create"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.CHANGE_RAISE, locked)
        _, section = rules_in_force()
        now = portal_now()
        change = Change(system=locked, requester=actor, created_at=now, updated_at=now, target_release=target_release)
        checks = Checks()
        given: dict[str, Any] = {"kind": "", "title": "", **fields}
        assets = _assets(checks, actor, given.pop("assets", ()))
        _fill(checks, change, section, given)
        if target_release is not None and target_release.system_id != locked.pk:
            checks.refuse("target_release", "Must be a release of this system.")
        checks.done()
        assessed(change)
        change.save(force_insert=True)
        AffectedAsset.objects.bulk_create(AffectedAsset(change=change, asset=asset) for asset in assets)
    return change


def describe_change(*, actor: User, change: Change, door: Door = Door.WEB, **fields: Unpack[Description]) -> Change:
    """Describe a draft anew; the policy assesses it again. Raises InvalidInput, Forbidden, Conflict."""
    with acting(actor, door=door, verb="change.describe"):
        locked = _ready(actor, change, "describe")
        _, section = rules_in_force()
        checks, given = Checks(), dict(fields)
        assets = _assets(checks, actor, given.pop("assets")) if "assets" in given else None
        names = _fill(checks, locked, section, given)
        checks.done()
        if assets is not None:
            _choose(locked, assets)
        return write(locked, names | assessed(locked))


def name_release(*, actor: User, change: Change, release: Release | None, door: Door = Door.WEB) -> Change:
    """Say which release carries the change out. Raises InvalidInput, Forbidden, Conflict."""
    with acting(actor, door=door, verb="change.name_release"):
        locked = _ready(actor, change, "name_release")
        checks = Checks()
        if release is not None and release.system_id != locked.system_id:
            checks.refuse("release", "Must be a release of this system.")
        checks.done()
        locked.target_release = release
        return write(locked, {"target_release"})


def raise_materiality(*, actor: User, change: Change, materiality: str, reason: str, door: Door = Door.WEB) -> Change:
    """Say that a change comes to more than the policy computed. Raises InvalidInput, Forbidden, Conflict."""
    return _override("raise_materiality", actor, change, materiality, reason, door)


def lower_materiality(*, actor: User, change: Change, materiality: str, reason: str, door: Door = Door.WEB) -> Change:
    """Say as an approver that a change comes to less; somebody else then decides on it.

    Raises InvalidInput, Forbidden, Conflict.
    """
    return _override("lower_materiality", actor, change, materiality, reason, door)


def _override(verb: str, actor: User, change: Change, materiality: str, reason: str, door: Door) -> Change:
    reason = said("reason", reason)
    with acting(actor, door=door, verb=f"change.{verb}", reason=reason[:500]):
        locked = _ready(actor, change, verb)
        checks = Checks()
        wanted = checks.choice("materiality", materiality, MATERIALITIES) or locked.materiality
        current, computed = rank(locked.materiality), rank(locked.computed)
        if verb == "raise_materiality" and not (rank(wanted) > current and rank(wanted) >= computed):
            checks.refuse("materiality", "Must be more than the change comes to now, and no less than computed.")
        if verb == "lower_materiality" and not rank(wanted) < current:
            checks.refuse("materiality", "Must be less than the change comes to now.")
        checks.done()
        back = verb == "raise_materiality" and rank(wanted) == computed
        locked.materiality = wanted
        locked.overridden_by, locked.override_reason = (None, "") if back else (actor, reason)
        return write(locked, {"materiality", "overridden_by", "override_reason"})


def _ready(actor: User, change: Change, verb: str) -> Change:
    """The change under its lock, where this may still be written. Raises Forbidden, Conflict."""
    locked = lock_change(change, actor=actor)
    decide_work(verb, locked.state, allowed=allowed(actor, locked), facts=facts_of(actor, locked))
    return locked


def _fill(checks: Checks, change: Change, section: Changes, fields: dict[str, Any]) -> set[str]:
    """Check what was given and set it on the change; names the columns."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _CHECKED:
            values[name] = _CHECKED[name](checks, section, value)
        elif name in _TEXTS:
            values[name] = checks.text(name, value, limit=LONGEST_TEXT, lines=True)
        elif name == "rollback_release":
            values[name] = value
            if value is not None and value.system_id != change.system_id:
                checks.refuse(name, "Must be a release of this system.")
        else:
            values[name] = checks.instant(name, value) if name.startswith("planned_") else value
    for name, value in values.items():
        setattr(change, name, value)
    if change.planned_from and change.planned_until and change.planned_until <= change.planned_from:
        checks.refuse("planned_until", "Must lie after the beginning of the window.")
    return set(values)


def _assets(checks: Checks, actor: User, assets: object) -> list[Asset]:
    """The assets a change is about, each once and each one the actor may see."""
    chosen = list(dict.fromkeys(assets)) if isinstance(assets, Iterable) else []
    if len(chosen) > MOST_ASSETS:
        checks.refuse("assets", f"At most {MOST_ASSETS}.")
    seen = assets_for(actor).filter(pk__in=[asset.pk for asset in chosen]).values_list("pk", flat=True)
    if len(set(seen)) != len(chosen):
        checks.refuse("assets", "Must be assets you may see.")
    return chosen


def _choose(change: Change, assets: list[Asset]) -> None:
    there = set(change.assets.values_list("asset_id", flat=True))
    wanted = {asset.pk for asset in assets}
    change.assets.filter(asset__in=there - wanted).delete()
    AffectedAsset.objects.bulk_create(AffectedAsset(change=change, asset_id=key) for key in sorted(wanted - there))


def _components(checks: Checks, value: object) -> list[str]:
    """Names of what is affected, one a line, each once."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        checks.refuse("components", "Must be a list of names.")
        return []
    if len(value) > MOST_COMPONENTS:
        checks.refuse("components", f"At most {MOST_COMPONENTS}.")
        return []
    below = checks.below("components")
    kept = [below.text(str(number), name, limit=200) for number, name in enumerate(value)]
    return list(dict.fromkeys(name for name in kept if name))


def _answers(checks: Checks, section: Changes, value: object) -> dict[str, str]:
    """Answers to the questions of the policy, without those left open."""
    given = {name: answer for name, answer in value.items() if answer != ""} if isinstance(value, Mapping) else value
    wrong = wrong_answers(section.questions, given)
    for name, sentence in wrong.items():
        checks.refuse("answers" if name == "answers" else f"answers.{name}", sentence)
    return {} if wrong or not isinstance(given, Mapping) else {str(name): str(answer) for name, answer in given.items()}


_CHECKED: Mapping[str, Callable[[Checks, Changes, Any], Any]] = {
    "title": lambda checks, section, value: checks.text("title", value, limit=200, required=True),
    "kind": lambda checks, section, value: checks.choice("kind", value, [kind.id for kind in section.kinds]),
    "components": lambda checks, section, value: _components(checks, value),
    "answers": lambda checks, section, value: _answers(checks, section, value),
}
