"""Assets: registered, described, versioned, stopped and returned to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from governance.access.models import User
from governance.access.rights import NotVisible, missing, permissions_of
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden, Offer, Reason
from governance.web.announcements import announce
from inventory import dependencies
from inventory.announcements import AssetStopped
from inventory.lifecycle import ASSET, AssetFacts
from inventory.models import Asset, AssetVersion, System, Unit
from inventory.rules import (
    COMMON_FIELDS,
    FIELDS_OF_KIND,
    RESERVED_SLUGS,
    content_version,
    fields_of,
    free_slug,
    slug_of,
)
from inventory.services.permitted import ALL

LONGEST_TEXT = 10_000
ALL_FIELDS = frozenset(COMMON_FIELDS).union(*FIELDS_OF_KIND.values())
_CHOICES: dict[str, list[str]] = {
    "permission": Asset.Consent.values,
    "openness": Asset.Openness.values,
    "personal_data": System.Known.values,
    "synthetic": System.Known.values,
}
_SHORT = {
    "source": 1000, "contact": 254, "vendor": 300, "licence": 200, "contract": 300, "location": 300, "retention": 300,
}  # fmt: skip


def asset_version(asset: Asset) -> str:
    """What a client has seen of this asset."""
    return content_version("asset", asset.pk, asset.updated_at.timestamp())


def permitted(actor: User | Command, asset: Asset) -> frozenset[str]:
    """The rights of whoever acts on the asset."""
    return dependencies.asset_permissions(actor, asset) if isinstance(actor, User) else ALL


def require_on_asset(actor: User | Command, permission: Permission, asset: Asset) -> None:
    """Raise NotVisible where the actor may not see the asset, Forbidden where only this right is missing."""
    words = permitted(actor, asset)
    if permission in words:
        return
    if not words:
        raise NotVisible
    assert isinstance(actor, User)  # noqa: S101  commands have every right
    raise Forbidden(Reason("forbidden", missing(actor, permission, asset)))


def create_asset(
    *, actor: User | Command, unit: Unit, kind: str, name: str, slug: str = "", door: Door = Door.WEB, **fields: object
) -> Asset:
    """Register an asset that a unit keeps.

    Raises InvalidInput, also for a field that assets of this kind do not have; Conflict `duplicate` for a taken slug.
    """
    with acting(actor, door=door, verb="asset.create"):
        _require_in(actor, unit)
        checks = Checks()
        kind = checks.choice("kind", kind, Asset.Kind.values)
        name = checks.text("name", name, limit=300, required=True)
        values = _cleaned(checks, kind, fields) if kind else {}
        slug = _slug(checks, slug, name)
        checks.done()
        now = portal_now()
        by = actor if isinstance(actor, User) else None
        asset = Asset(
            unit=unit, kind=kind, name=name, slug=slug, state_at=now, created_by=by, created_at=now, updated_at=now,
            **values,
        )  # fmt: skip
        asset.save(force_insert=True)
    return asset


def change_asset(
    *,
    actor: User | Command,
    asset: Asset,
    name: str | None = None,
    unit: Unit | None = None,
    expected: str = "",
    door: Door = Door.WEB,
    **fields: object,
) -> Asset:
    """Change what describes an asset, or the unit that keeps it (which needs the right there, too).

    Raises InvalidInput, Conflict `stale`.
    """
    with acting(actor, door=door, verb="asset.change"):
        locked = _lock(asset, actor, Permission.ASSET_CHANGE, expected)
        checks = Checks()
        values = _cleaned(checks, locked.kind, fields)
        if name is not None:
            values["name"] = checks.text("name", name, limit=300, required=True)
        checks.done()
        if unit is not None and unit.pk != locked.unit_id:
            _require_in(actor, unit)
            values["unit"] = unit
        _write(locked, values)
    return locked


def add_asset_version(
    *,
    actor: User | Command,
    asset: Asset,
    version: str,
    sha256: str = "",
    uri: str = "",
    notes: str = "",
    door: Door = Door.WEB,
) -> AssetVersion:
    """Add a version; the newest one is what dependencies without a version of their own mean.

    Raises InvalidInput, Conflict `duplicate`.
    """
    with acting(actor, door=door, verb="asset.add_version"):
        locked = _lock(asset, actor, Permission.ASSET_CHANGE)
        checks = Checks()
        values = {
            "version": checks.text("version", version, limit=200, required=True),
            "sha256": checks.sha256("sha256", sha256) if sha256 else "",
            "uri": checks.text("uri", uri, limit=1000),
            "notes": checks.text("notes", notes, limit=LONGEST_TEXT, lines=True),
        }
        checks.done()
        if AssetVersion.objects.filter(asset=locked, version=values["version"]).exists():
            raise Conflict(Reason("duplicate", f"This asset already has a version {values['version']}."))
        by = actor if isinstance(actor, User) else None
        made = AssetVersion.objects.create(asset=locked, created_by=by, created_at=portal_now(), **values)
        _write(locked, {})
    return made


def withdraw_asset(
    *, actor: User | Command, asset: Asset, reason: str, expected: str = "", door: Door = Door.WEB
) -> Asset:
    """Take an asset out of use: the gate closes for everything that stands on it. Raises Forbidden, Conflict."""
    return _move(actor, asset, "withdraw", reason, expected, door)


def breach_asset(
    *, actor: User | Command, asset: Asset, reason: str, expected: str = "", door: Door = Door.WEB
) -> Asset:
    """Declare an asset breached: the gate closes for everything that stands on it. Raises Forbidden, Conflict."""
    return _move(actor, asset, "breach", reason, expected, door)


def end_support_of_asset(
    *, actor: User | Command, asset: Asset, reason: str, expected: str = "", door: Door = Door.WEB
) -> Asset:
    """Note that nobody maintains an asset any longer; it may still be used. Raises Forbidden, Conflict."""
    return _move(actor, asset, "end_support", reason, expected, door)


def restore_asset(
    *, actor: User | Command, asset: Asset, reason: str, expected: str = "", door: Door = Door.WEB
) -> Asset:
    """Return an asset to use: somebody other than who stopped it. Raises Forbidden, Conflict."""
    return _move(actor, asset, "restore", reason, expected, door)


MOVES: Mapping[str, Callable[..., Asset]] = {
    "withdraw": withdraw_asset,
    "breach": breach_asset,
    "end_support": end_support_of_asset,
    "restore": restore_asset,
}


def asset_facts(actor: User | Command, asset: Asset) -> AssetFacts:
    """What the asset machine needs to know."""
    return AssetFacts(actor.pk if isinstance(actor, User) else None, asset.state_by_id)


def asset_offers(asset: Asset, person: User) -> tuple[Offer, ...]:
    """Every verb the person could press on the asset, with what blocks it."""
    return ASSET.offered(asset.state, allowed=permitted(person, asset), facts=asset_facts(person, asset))


def _move(actor: User | Command, asset: Asset, verb: str, reason: str, expected: str, door: Door) -> Asset:
    """The only writer of Asset.state."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb=f"asset.{verb}", reason=reason):
        locked = _lock(asset, actor, Permission.SYSTEM_VIEW, expected)
        state = ASSET.decide(verb, locked.state, allowed=permitted(actor, locked), facts=asset_facts(actor, locked))
        checks.done()
        by = actor if isinstance(actor, User) else None
        _write(locked, {"state": state, "state_reason": reason, "state_at": portal_now(), "state_by": by})
        if state != Asset.State.ACTIVE:
            systems = tuple(dependencies.systems_standing_on(locked))
            announce(AssetStopped(locked.pk, locked.name, state, reason, systems))
    return locked


def _lock(asset: Asset, actor: User | Command, permission: Permission, expected: str = "") -> Asset:
    """The row, locked and checked: first whether the actor may, then whether this is what was seen."""
    locked = Asset.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=asset.pk)
    require_on_asset(actor, permission, locked)
    if expected and expected != asset_version(locked):
        raise Conflict(Reason("stale", "Somebody changed this asset in the meantime; look at it again."))
    return locked


def _write(asset: Asset, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(asset, name, value)
    asset.updated_at = portal_now()
    asset.save(update_fields=[*values, "updated_at"])


def _require_in(actor: User | Command, unit: Unit) -> None:
    """Raise unless the actor may register assets in this unit, by the unit or by a system in it."""
    if isinstance(actor, Command) or dependencies.may_in_unit(actor, Permission.ASSET_CHANGE, unit.pk):
        return
    words = permissions_of(actor, unit)
    if Permission.ASSET_CHANGE in words:
        return
    if not words and not dependencies.may_in_unit(actor, Permission.SYSTEM_VIEW, unit.pk):
        raise NotVisible
    raise Forbidden(Reason("forbidden", missing(actor, Permission.ASSET_CHANGE, unit)))


def _slug(checks: Checks, slug: str, name: str) -> str:
    if not slug:
        base = slug_of(name, fallback="asset")
        return free_slug(base, frozenset(Asset.objects.filter(slug__startswith=base).values_list("slug", flat=True)))
    slug = checks.slug("slug", slug, limit=120)
    if slug in RESERVED_SLUGS:
        checks.refuse("slug", "Is a word the portal's own addresses use.")
    elif slug and Asset.objects.filter(slug=slug).exists():
        raise Conflict(Reason("duplicate", f"Another asset has the address “{slug}”."))
    return slug


def _cleaned(checks: Checks, kind: str, fields: Mapping[str, object]) -> dict[str, Any]:
    """The given fields, each checked; a field no asset has is a programmer's error."""
    values: dict[str, Any] = {}
    asked = fields_of(kind)
    for name, value in fields.items():
        if name not in ALL_FIELDS:
            raise TypeError(f"an asset has no {name}")
        if name not in asked:
            checks.refuse(name, f"Is not asked of an asset of kind “{kind}”.")
        elif name in _CHOICES:
            values[name] = checks.choice(name, value, _CHOICES[name])
        elif name == "contract_ends_on":
            values[name] = checks.day(name, value)
        elif name in _SHORT:
            values[name] = checks.text(name, value, limit=_SHORT[name])
        else:
            values[name] = checks.text(name, value, limit=LONGEST_TEXT, lines=True)
    return values
