"""Dependencies: said and ended, never changed."""

from __future__ import annotations

from django.db import connection

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory import dependencies
from inventory.models import Asset, AssetVersion, Dependency, System
from inventory.services.assets import require_on_asset
from inventory.services.permitted import require


def create_dependency(
    *,
    actor: User | Command,
    source: System | Asset,
    target: System | Asset,
    relation: str,
    version: str = "",
    note: str = "",
    door: Door = Door.WEB,
) -> Dependency:
    """Say that `source` needs `target`, an asset in one version of it or (none named) in its newest.

    A system may need systems and assets, an asset needs assets. Raises InvalidInput for anything else and for an end
    the actor may not see, Conflict `duplicate`, and Conflict `cycle` where the target needs the source already: what
    stands on itself can neither be withdrawn nor rebuilt in an order. (Whoever reads them still stands rings.)
    """
    with acting(actor, door=door, verb="dependency.create"):
        source = _lock_source(actor, source)
        checks = Checks()
        relation = checks.choice("relation", relation, Dependency.Relation.values)
        note = checks.text("note", note, limit=2000, lines=True)
        if source == target:
            checks.refuse("on", "Nothing depends on itself.")
        if isinstance(source, Asset) and isinstance(target, System):
            checks.refuse("on", "An asset depends on assets; it is systems that depend on systems.")
        if isinstance(actor, User) and not _seen(actor, target):
            checks.refuse("on", "Nothing of that name is here for you.")
        named = _version(checks, target, version)
        checks.done()
        ends = _ends(source, target)
        if Dependency.objects.filter(ended_at=None, **ends).exists():
            raise Conflict(Reason("duplicate", f"“{source}” already depends on “{target}”; end that first."))
        if _leads_back(source, target):
            said = f"“{target}” needs “{source}” already, itself or through others; neither would come first."
            raise Conflict(Reason("cycle", said))
        by = actor if isinstance(actor, User) else None
        return Dependency.objects.create(
            **ends, version=named, relation=relation, note=note, created_by=by, created_at=portal_now()
        )


_NEEDS = """
WITH RECURSIVE needed(system, asset) AS (
    SELECT %(system)s::bigint, %(asset)s::bigint
    UNION
    SELECT edge.on_system_id, edge.on_asset_id
    FROM needed JOIN inventory_dependency edge
      ON edge.ended_at IS NULL AND (edge.system_id = needed.system OR edge.asset_id = needed.asset)
)
SELECT EXISTS (SELECT FROM needed WHERE system = %(from_system)s OR asset = %(from_asset)s)
"""


def _leads_back(source: System | Asset, target: System | Asset) -> bool:
    """Whether the target needs the source; one writer at a time, so that two halves of a ring do not pass together."""
    start, end = _ends(source, target), _ends(target, source)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('inventory.dependency', 0))")
        live = Dependency.objects.filter(ended_at=None)
        if not (live.filter(on_system=source) if isinstance(source, System) else live.filter(on_asset=source)).exists():
            return False
        keys = {"system": end["system"], "asset": end["asset"], "from_system": start["system"],
                "from_asset": start["asset"]}  # fmt: skip
        cursor.execute(_NEEDS, {name: found.pk if found else None for name, found in keys.items()})
        return bool(cursor.fetchone()[0])


def end_dependency(
    *, actor: User | Command, dependency: Dependency, reason: str = "", door: Door = Door.WEB
) -> Dependency:
    """Say that it no longer holds. Raises Forbidden, Conflict `state` when it was ended already."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=500)
    with acting(actor, door=door, verb="dependency.end", reason=reason):
        source = dependency.system or dependency.asset
        assert source is not None  # noqa: S101  a constraint says so
        _lock_source(actor, source)
        checks.done()
        locked = Dependency.objects.select_for_update(no_key=True, of=("self",)).get(pk=dependency.pk)
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This dependency was ended already."))
        locked.ended_at, locked.ended_by = portal_now(), actor if isinstance(actor, User) else None
        locked.save(update_fields=["ended_at", "ended_by"])
    return locked


def _lock_source(actor: User | Command, source: System | Asset) -> System | Asset:
    if isinstance(source, System):
        system = System.objects.select_for_update(no_key=True).get(pk=source.pk)
        require(actor, Permission.DEPENDENCY_CHANGE, system)
        return system
    asset = Asset.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=source.pk)
    require_on_asset(actor, Permission.ASSET_CHANGE, asset)
    return asset


def _seen(actor: User, target: System | Asset) -> bool:
    if isinstance(target, System):
        return rights.can(actor, Permission.SYSTEM_VIEW, target)
    return dependencies.assets_for(actor).filter(pk=target.pk).exists()


def _version(checks: Checks, target: System | Asset, version: str) -> AssetVersion | None:
    version = checks.text("version", version, limit=200)
    if not version:
        return None
    found = AssetVersion.objects.filter(asset=target, version=version).first() if isinstance(target, Asset) else None
    if found is None:
        checks.refuse("version", "Is no version of this asset.")
    return found


def _ends(source: System | Asset, target: System | Asset) -> dict[str, System | Asset | None]:
    return {
        "system": source if isinstance(source, System) else None,
        "asset": source if isinstance(source, Asset) else None,
        "on_system": target if isinstance(target, System) else None,
        "on_asset": target if isinstance(target, Asset) else None,
    }
