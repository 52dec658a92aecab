"""Named reads of assets and dependencies: who sees which asset, what depends on what, how far a failure spreads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from inventory.models import Asset, AssetVersion, Dependency, System, Unit, UnitClosure
from inventory.queries import unit_choices

DEEPEST = 12
LISTED = 1000
DRAWN = 60
FOUND_AT_MOST = 1000
P = Permission


def assets_for(person: User, assets: QuerySet[Asset] | None = None) -> QuerySet[Asset]:
    """The assets a person may see.

    Rights follow the unit that keeps an asset. Besides, whoever sees a system sees what stands open to it: assets of
    its unit and of the units above it, and those it depends on.
    """
    assets = Asset.objects.all() if assets is None else assets
    reach = rights.reach_of(person, P.SYSTEM_VIEW)
    if reach.everything:
        return assets
    systems = System.objects.filter(reach.condition("pk", "unit_id")).order_by()
    units = reach.units | reach.reviewed_units
    above = UnitClosure.objects.filter(rights.among("descendant", systems.values("unit"))).values("ancestor")
    named = Dependency.objects.filter(rights.among("system", systems.values("pk")), on_asset__isnull=False).order_by()
    used = rights.among("pk", named.values("on_asset"))
    return assets.filter(Q(unit_id__in=units) | Q(rights.among("unit", above)) | Q(used))


def asset_permissions(person: User, asset: Asset) -> frozenset[str]:
    """Every right the person has on an asset.

    Whoever builds a system in the unit of an asset may describe it and stop its use; returning it to use stays with
    those who answer for the unit.
    """
    words = set(rights.permissions_of(person, asset))
    for permission in (P.ASSET_CHANGE, P.ASSET_STOP):
        if permission not in words and may_in_unit(person, permission, asset.unit_id):
            words.add(permission)
    if P.SYSTEM_VIEW not in words and assets_for(person).filter(pk=asset.pk).exists():
        words.add(P.SYSTEM_VIEW)
    return frozenset(words)


def may_in_unit(person: User, permission: Permission, unit_id: int) -> bool:
    """Whether the person has the right on a system of exactly this unit."""
    here = System.objects.filter(unit=unit_id)
    return person.kind == User.Kind.HUMAN and rights.visible(person, here, permission).exists()


def units_to_register_in(person: User) -> QuerySet[Unit]:
    """Units in which the person may register assets, by the unit or by a system in it."""
    mine = rights.visible(person, Unit.objects.all(), P.ASSET_CHANGE).order_by().values("pk")
    building = rights.visible(person, System.objects.all(), P.ASSET_CHANGE).order_by().values("unit")
    return unit_choices().filter(Q(pk__in=mine) | Q(pk__in=building))


def asset_rows() -> QuerySet[Asset]:
    """Assets with what a list shows of them."""
    newest = AssetVersion.objects.filter(asset=OuterRef("pk")).order_by("-id")
    return Asset.objects.select_related("unit").defer("search").annotate(newest=Subquery(newest.values("version")[:1]))


def asset_pages() -> QuerySet[Asset]:
    """Assets with what their page needs."""
    return Asset.objects.select_related("unit", "state_by", "created_by").defer("search")


def found(assets: QuerySet[Asset], text: str) -> QuerySet[Asset]:
    """The assets whose words, or whose beginnings of words, fit."""
    query = SearchQuery(text, config="english", search_type="websearch")
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    if words:
        query = query | SearchQuery(" & ".join(f"{word}:*" for word in words), config="english", search_type="raw")
    keys = Asset.objects.filter(search=query).order_by().values_list("pk", flat=True)[:FOUND_AT_MOST]
    return assets.filter(pk__in=list(keys))


def edges(person: User) -> QuerySet[Dependency]:
    """Dependencies whose beginning the person may see, with their ends and whether each end may be seen."""
    rows = Dependency.objects.select_related(
        "system", "asset", "on_system", "on_asset", "on_asset__unit", "version", "created_by"
    ).defer("system__search", "asset__search", "on_system__search", "on_asset__search")
    newest = AssetVersion.objects.filter(asset=OuterRef("on_asset")).order_by("-id")
    systems = rights.visible(person, System.objects.all()).order_by()
    assets = assets_for(person).order_by()
    return (
        rows.annotate(newest=Subquery(newest.values("version")[:1]))
        .filter(Q(system__in=systems.values("pk")) | Q(asset__in=assets.values("pk")))
        .annotate(
            on_system_seen=Exists(systems.filter(pk=OuterRef("on_system"))),
            on_asset_seen=Exists(assets.filter(pk=OuterRef("on_asset"))),
        )
    )


def needs_of(system: System) -> tuple[Dependency, ...]:
    """What a system depends on now, whoever asks: ends, and the versions meant."""
    newest = AssetVersion.objects.filter(asset=OuterRef("on_asset")).order_by("-id")
    return tuple(
        Dependency.objects.filter(system=system, ended_at=None)
        .select_related("on_system", "on_asset", "version")
        .defer("on_system__search", "on_asset__search")
        .annotate(newest=Subquery(newest.values("version")[:1]), newest_sha256=Subquery(newest.values("sha256")[:1]))
        .order_by("id")
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing a failure spreads to: how many steps away, and for a system who owns it and what of it runs.

    A release is listed with its state and the environments it is reported to run in; one that is approved or suspended
    may run where nobody reports, so it is listed without any.
    """

    depth: int
    kind: str
    id: int
    slug: str
    name: str
    state: str
    owner: str
    owner_name: str
    releases: tuple[tuple[int, str, str, tuple[str, ...]], ...]

    @property
    def node(self) -> int:
        """Its number among all things: assets above zero, systems below."""
        return self.id if self.kind == "asset" else -self.id


@dataclass(frozen=True)
class Spread:
    """Everything that depends on one thing, the nearest first; `hidden` counts what the person may not see."""

    reached: tuple[Reached, ...] = ()
    total: int = 0
    hidden: int = 0
    depth: int = 0
    edges: tuple[tuple[int, int], ...] = field(default=())

    @property
    def systems(self) -> list[Reached]:
        """Systems among it."""
        return [one for one in self.reached if one.kind == "system"]

    @property
    def assets(self) -> list[Reached]:
        """Assets among it."""
        return [one for one in self.reached if one.kind == "asset"]

    @property
    def truncated(self) -> bool:
        """Whether more is reached than is listed."""
        return self.total - self.hidden > len(self.reached)


# Level by level: each turn holds the frontier and everything seen before as arrays, so every thing is visited once, at
# its shortest distance, and a ring ends by itself. Rights are judged in the same statement.
BLAST_RADIUS = f"""
WITH RECURSIVE spread (depth, frontier, seen) AS (
    SELECT 0, ARRAY[%(start)s::bigint], ARRAY[%(start)s::bigint]
    UNION ALL
    SELECT s.depth + 1, n.nodes, s.seen || n.nodes
    FROM spread s
    CROSS JOIN LATERAL (
        SELECT array_agg(fresh.node) AS nodes FROM (
            SELECT coalesce(d.asset_id, d.system_id * -1) AS node
            FROM unnest(s.frontier) AS f (node)
            JOIN inventory_dependency d ON coalesce(d.on_asset_id, d.on_system_id * -1) = f.node AND d.ended_at IS NULL
            EXCEPT
            SELECT unnest(s.seen)) fresh) n
    WHERE s.depth < %(deepest)s AND n.nodes IS NOT NULL
),
reached AS MATERIALIZED (SELECT s.depth, unnest(s.frontier) AS node FROM spread s WHERE s.depth > 0),
judged AS MATERIALIZED (
    SELECT r.depth, r.node, y.slug, y.name, y.phase AS state,
           %(everything)s OR y.id = ANY(%(systems)s) OR y.unit_id = ANY(%(units)s) AS seen
    FROM reached r JOIN inventory_system y ON r.node < 0 AND y.id = -r.node
    UNION ALL
    SELECT r.depth, r.node, a.slug, a.name, a.state,
           %(everything)s OR a.unit_id = ANY(%(units)s) OR a.unit_id = ANY(%(open_units)s)
           OR (NOT %(everything)s AND EXISTS (
               SELECT FROM inventory_dependency e JOIN inventory_system o ON o.id = e.system_id
               WHERE e.on_asset_id = a.id AND (o.id = ANY(%(systems)s) OR o.unit_id = ANY(%(units)s))))
    FROM reached r JOIN inventory_asset a ON r.node > 0 AND a.id = r.node
),
total AS (SELECT count(*) AS total, count(*) FILTER (WHERE NOT seen) AS hidden, max(depth) AS depth FROM judged),
listed AS MATERIALIZED (
    SELECT j.* FROM judged j WHERE j.seen ORDER BY j.depth, j.node > 0, j.name, j.node LIMIT %(listed)s)
SELECT t.total, t.hidden, t.depth, l.depth, l.node, l.slug, l.name, l.state, o.username, o.name, r.releases
FROM total t
LEFT JOIN listed l ON true
LEFT JOIN LATERAL (
    SELECT p.username, p.name FROM inventory_assignment g JOIN access_user p ON p.id = g.person_id
    WHERE l.node < 0 AND g.system_id = -l.node AND g.role = '{Role.OWNER}' AND g.since <= portal_now()
      AND (g.until IS NULL OR portal_now() < g.until)
    ORDER BY g.since DESC LIMIT 1) o ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(e.id, e.version, e.state, coalesce(p.places, '{{}}')) ORDER BY e.id) AS releases
    FROM inventory_release e
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT d.environment ORDER BY d.environment) AS places FROM inventory_deployment d
        WHERE d.release_id = e.id AND d.runs AND NOT EXISTS (
            SELECT FROM inventory_deployment n
            WHERE n.system_id = d.system_id AND n.environment = d.environment AND n.at > d.at)) p ON true
    WHERE l.node < 0 AND e.system_id = -l.node
      AND (e.state IN ('approved', 'suspended') OR p.places IS NOT NULL)) r ON true
ORDER BY l.depth, l.node > 0, l.name, l.node
"""  # noqa: S608  composed of our own words


def blast_radius(person: User, start: Asset | System) -> Spread:
    """Everything that depends on an asset or system, directly or through others, as far as the person may see.

    One statement, whatever the size; a second one asks for the person's rights.
    """
    node = start.pk if isinstance(start, Asset) else -start.pk
    parameters = {"start": node, "deepest": DEEPEST, "listed": LISTED, **_reach(person)}
    with connection.cursor() as cursor:
        cursor.execute(BLAST_RADIUS, parameters)
        rows = cursor.fetchall()
    total, hidden, depth = rows[0][:3]
    return Spread(tuple(_reached(row[3:]) for row in rows if row[3] is not None), total, hidden, depth or 0)


def _reach(person: User) -> dict[str, Any]:
    reach = rights.reach_of(person, P.SYSTEM_VIEW)
    systems, units = reach.systems | reach.reviewed_systems, reach.units | reach.reviewed_units
    above: list[int] = []
    if not reach.everything:
        home = System.objects.filter(Q(pk__in=systems) | Q(unit__in=units)).order_by().values("unit")
        above = list(UnitClosure.objects.filter(descendant__in=home).values_list("ancestor", flat=True).distinct())
    return {
        "everything": reach.everything, "systems": sorted(systems), "units": sorted(units), "open_units": above,
    }  # fmt: skip


def _reached(row: tuple[Any, ...]) -> Reached:
    depth, node, slug, name, state, owner, owner_name, releases = row
    return Reached(
        depth=depth, kind="asset" if node > 0 else "system", id=abs(node), slug=slug, name=name, state=state,
        owner=owner or "", owner_name=owner_name or "",
        releases=tuple((key, version, at, tuple(places)) for key, version, at, places in json.loads(releases or "[]")),
    )  # fmt: skip


def datasets_below(person: User, system: System) -> list[tuple[str, str]]:
    """The shared datasets a system says it needs and the person may see: name and slug."""
    seen = assets_for(person).filter(kind=Asset.Kind.DATASET).order_by("name")
    needed = Dependency.objects.filter(system=system, ended_at=None, on_asset__isnull=False)
    return list(seen.filter(pk__in=needed.values("on_asset")).values_list("name", "slug"))


def edges_among(nodes: list[int]) -> tuple[tuple[int, int], ...]:
    """(needed, needing) for every dependency among these things."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(d.on_asset_id, d.on_system_id * -1), coalesce(d.asset_id, d.system_id * -1) "
            "FROM inventory_dependency d WHERE d.ended_at IS NULL AND coalesce(d.on_asset_id, d.on_system_id * -1) "
            "= ANY(%(nodes)s) AND coalesce(d.asset_id, d.system_id * -1) = ANY(%(nodes)s) ORDER BY d.id",
            {"nodes": nodes},
        )
        return tuple(cursor.fetchall())


# From the stopped assets, which are few, to every system that stands on them and that the person owns.
STANDING_ON = """
WITH RECURSIVE spread (asset_id, node) AS (
    SELECT a.id, a.id FROM inventory_asset a WHERE a.state IN ('withdrawn', 'breached')
    UNION
    SELECT s.asset_id, coalesce(d.asset_id, d.system_id * -1)
    FROM spread s
    JOIN inventory_dependency d ON coalesce(d.on_asset_id, d.on_system_id * -1) = s.node AND d.ended_at IS NULL
)
SELECT a.id, a.name, a.state, a.state_at, y.id, y.slug, y.name
FROM spread s
JOIN inventory_asset a ON a.id = s.asset_id
JOIN inventory_system y ON s.node < 0 AND y.id = -s.node
WHERE EXISTS (SELECT FROM inventory_standing o
              WHERE o.person_id = %(person)s AND o.system_id = y.id AND o.role IN ('owner', 'deputy_owner'))
ORDER BY a.state_at DESC, a.id, y.name
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A withdrawn or breached asset that a system of a person stands on, directly or through others."""

    asset: int
    name: str
    state: str
    since: datetime
    system: int
    slug: str
    system_name: str


def stopped_below(person: User, most: int) -> list[Stopped]:
    """Every stopped asset below a system the person owns."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING_ON, {"person": person.pk, "most": most})
        return [Stopped(*row) for row in cursor.fetchall()]


def systems_standing_on(*starts: Asset | System) -> list[int]:
    """Keys of every system that depends on one of these things, however far, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE spread (node) AS (
                SELECT unnest(%(starts)s::bigint[])
                UNION
                SELECT coalesce(d.asset_id, d.system_id * -1) FROM spread s
                JOIN inventory_dependency d
                    ON coalesce(d.on_asset_id, d.on_system_id * -1) = s.node AND d.ended_at IS NULL)
            SELECT -node FROM spread WHERE node < 0 ORDER BY 1
            """,
            {"starts": [start.pk if isinstance(start, Asset) else -start.pk for start in starts]},
        )
        themselves = {start.pk for start in starts if isinstance(start, System)}
        return [key for (key,) in cursor.fetchall() if key not in themselves]
