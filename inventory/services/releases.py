"""Releases: described while in draft, moved along their lifecycle by one writer."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory import envelopes
from inventory.lifecycle import RELEASE, Phase, ReleaseFacts
from inventory.metrics import catalogue
from inventory.models import Release, System
from inventory.rules import content_version
from inventory.services import artifacts as bill
from inventory.services.artifacts import ArtifactInput
from inventory.services.deployments import judge_anew
from inventory.services.permitted import allowed, require, said


class ReleaseOrigins(TypedDict, total=False):
    """What a release comes from and falls back to."""

    predecessor: Release | None
    rollback_target: Release | None
    lineage: Mapping[str, object]
    envelope: Mapping[str, object]


class ReleaseFields(ReleaseOrigins, total=False):
    """What may be changed of a draft besides its bill of materials."""

    version: str
    notes: str


def release_version(release: Release) -> str:
    """What a client has seen of this release."""
    return content_version("release", release.pk, release.state, release.updated_at.timestamp())


def create_release(
    *,
    actor: User,
    system: System,
    version: str,
    notes: str = "",
    artifacts: Sequence[ArtifactInput] = (),
    door: Door = Door.WEB,
    **fields: Unpack[ReleaseOrigins],
) -> Release:
    """Describe a new release of a system, in draft.

    Raises InvalidInput, Conflict `duplicate` for a version the system already has, `state` on a retired system.
    """
    with acting(actor, door=door, verb="release.create"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.RELEASE_CHANGE, locked)
        checks = Checks()
        values = _cleaned(checks, {**fields, "version": version, "notes": notes}, locked, None)
        lines = bill.checked(checks, artifacts)
        checks.done()
        if locked.phase == Phase.RETIRED:
            raise Conflict(Reason("state", "This system is retired; it has no further releases."))
        _version_is_free(locked, values["version"], None)
        now = portal_now()
        release = Release.objects.create(system=locked, created_by=actor, created_at=now, updated_at=now, **values)
        bill.write(release, lines)
    return release


def change_release(
    *, actor: User, release: Release, expected: str = "", door: Door = Door.WEB, **fields: Unpack[ReleaseFields]
) -> Release:
    """Change what describes a draft release.

    Raises InvalidInput, Conflict `frozen` outside draft, `stale`, `duplicate`.
    """
    with acting(actor, door=door, verb="release.change"):
        locked = _lock_draft(release, expected, actor)
        checks = Checks()
        values = _cleaned(checks, fields, locked.system, locked)
        checks.done()
        if "version" in values:
            _version_is_free(locked.system, values["version"], locked)
        for name, value in values.items():
            setattr(locked, name, value)
        locked.updated_at = portal_now()
        locked.save(update_fields=[*values, "updated_at"])
    return locked


def set_artifacts(
    *,
    actor: User | Command,
    release: Release,
    artifacts: Sequence[ArtifactInput],
    expected: str = "",
    door: Door = Door.WEB,
) -> Release:
    """Make the bill of materials of a draft release exactly these lines. Raises as change_release does."""
    with acting(actor, door=door, verb="release.change"):
        locked = _lock_draft(release, expected, actor)
        checks = Checks()
        lines = bill.checked(checks, artifacts)
        checks.done()
        bill.write(locked, lines)
        locked.updated_at = portal_now()
        locked.save(update_fields=["updated_at"])
    return locked


def discard_release(*, actor: User, release: Release, expected: str = "", door: Door = Door.WEB) -> Release:
    """Give up a draft for good. Raises Forbidden, Conflict."""
    return _move(actor, release, "discard", "", expected, door)


def retire_release(
    *, actor: User, release: Release, reason: str = "", expected: str = "", door: Door = Door.WEB
) -> Release:
    """Take a release out of use for good. Raises Forbidden, Conflict."""
    return _move(actor, release, "retire", reason, expected, door)


def move_release(
    release: Release, verb: str, *, actor: User | Command, facts: ReleaseFacts, allowed: Container[str]
) -> Release:
    """Move a locked release along its lifecycle: the only writer of Release.state.

    Called inside acting(), with the row (and its system's) locked. Raises Forbidden, Conflict.
    """
    before = release.state
    release.state = RELEASE.decide(verb, before, allowed=allowed, facts=facts)
    if release.state == Release.State.SUSPENDED and before != Release.State.SUSPENDED:
        release.suspended_by = actor if isinstance(actor, User) else None
    elif release.state != Release.State.SUSPENDED:
        release.suspended_by = None
    release.updated_at = portal_now()
    release.save(update_fields=["state", "suspended_by", "updated_at"])
    if Release.State.APPROVED in {before, release.state} and before != release.state:
        judge_anew(release)
    return release


def lock_release(release: Release, *, actor: User | Command, expected: str = "") -> Release:
    """The release, locked after its system, and only if the actor may see it.

    Raises NotVisible, Conflict `stale` when `expected` is not what the release is now.
    """
    system = System.objects.select_for_update(no_key=True).get(pk=release.system_id)
    locked = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    locked.system = system
    require(actor, Permission.SYSTEM_VIEW, locked)
    if expected and expected != release_version(locked):
        raise Conflict(Reason("stale", "Somebody changed this release in the meantime; look at it again."))
    return locked


def _move(actor: User, release: Release, verb: str, reason: str, expected: str, door: Door) -> Release:
    with acting(actor, door=door, verb=f"release.{verb}", reason=said(reason)):
        locked = lock_release(release, actor=actor, expected=expected)
        facts = ReleaseFacts(actor_id=actor.pk, suspended_by_id=locked.suspended_by_id)
        return move_release(locked, verb, actor=actor, facts=facts, allowed=allowed(actor, locked))


def _lock_draft(release: Release, expected: str, actor: User | Command) -> Release:
    locked = lock_release(release, actor=actor)
    require(actor, Permission.RELEASE_CHANGE, locked)
    if locked.state != Release.State.DRAFT:
        state = locked.get_state_display().lower()
        raise Conflict(
            Reason("frozen", f"This release is {state}; only a draft can be changed. Describe a new release instead.")
        )
    if expected and expected != release_version(locked):
        raise Conflict(Reason("stale", "Somebody changed this release in the meantime; look at it again."))
    return locked


def _version_is_free(system: System, version: str, itself: Release | None) -> None:
    namesakes = Release.objects.filter(system=system, version=version)
    if itself:
        namesakes = namesakes.exclude(pk=itself.pk)
    if namesakes.exists():
        raise Conflict(Reason("duplicate", f"This system already has a release {version}."))


def _cleaned(checks: Checks, fields: Mapping[str, object], system: System, itself: Release | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "version":
            values[name] = checks.text(name, value, limit=120, required=True)
        elif name == "notes":
            values[name] = checks.text(name, value, limit=20_000, lines=True)
        elif name == "lineage":
            values[name] = _lineage(checks, value)
        elif name == "envelope":
            values[name] = envelopes.cleaned(checks, value, catalogue())
        elif name in {"predecessor", "rollback_target"}:
            values[name] = _sibling(checks, name, value, system, itself)
        else:
            raise TypeError(f"a release has no {name}")
    return values


def _lineage(checks: Checks, value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        checks.refuse("lineage", "Must be an object.")
        return {}
    return checks.data("lineage", dict(value)) or {}


def _sibling(checks: Checks, name: str, value: object, system: System, itself: Release | None) -> Release | None:
    """Another release of the same system; one of another system is as unknown here as one that does not exist."""
    if value is None:
        return None
    if isinstance(value, Release) and value.system_id == system.pk and value != itself:
        return value
    checks.refuse(name, "Must be another release of the same system.")
    return None
