"""What the blast radius of an asset costs among 100,000 assets and among 1,000, with rings, twelve steps deep.

    .venv/bin/python -m pytest -q -s tests/benchmarks/blast_radius.py

The same neighbourhood stands in both: chains of twelve that lead round in a ring, with systems at their ends. The rest
is a crowd of assets with three dependencies each. A second start lies in the crowd and reaches most of it.
"""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from inventory import dependencies
from inventory.models import Asset
from tests.governance.access.people import join, person, unit

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SIZES = (1_000, int(os.environ.get("SIZE", "100000")))
CROWD = """
INSERT INTO inventory_asset (slug, name, kind, unit_id, description, source, contact, vendor, licence, openness,
    lock_in, contract, location, permission, permission_basis, personal_data, synthetic, retention, representation,
    quality_checks, training_data, access_control, state, state_reason, state_at, created_at, updated_at)
SELECT 'a-' || n, 'Asset ' || n, 'dataset', {unit}, '', '', '', '', '', 'not_stated', '', '', '', 'not_stated', '',
    'not_stated', 'not_stated', '', '', '', '', '', 'active', '', portal_now(), portal_now(), portal_now()
FROM generate_series({first}, {last}) n
"""
# Chains of twelve among the first 120, closed to rings; three dependencies for everything in the crowd.
RINGS = """
INSERT INTO inventory_dependency (asset_id, on_asset_id, relation, note, created_at)
SELECT x.id, y.id, 'derived_from', '', portal_now()
FROM generate_series(1, 120) n
JOIN inventory_asset x ON x.slug = 'a-' || n
JOIN inventory_asset y ON y.slug = 'a-' || CASE WHEN n % 12 = 1 THEN n + 11 ELSE n - 1 END
"""
EDGES = """
INSERT INTO inventory_dependency (asset_id, on_asset_id, relation, note, created_at)
SELECT x.id, y.id, 'uses', '', portal_now()
FROM generate_series({first}, {last}) n
CROSS JOIN unnest(ARRAY[7, 101, 7919]) step
JOIN inventory_asset x ON x.slug = 'a-' || n
JOIN inventory_asset y ON y.slug = 'a-' || (121 + (n * step + step) % ({last} - 120)) AND y.id <> x.id
ON CONFLICT DO NOTHING
"""


def fill(first: int, last: int, home: int) -> None:
    """Assets up to `last`, and the crowd's dependencies anew over all of them."""
    with connection.cursor() as cursor:
        cursor.execute(CROWD.format(unit=home, first=first, last=last))
        if first == 1:
            cursor.execute(RINGS)
        cursor.execute(EDGES.format(first=max(first, 121), last=last))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE inventory_asset, inventory_dependency")


def asked(person_: User, slug: str) -> tuple[float, int, int]:
    """Median seconds, things reached, steps."""
    start = Asset.objects.get(slug=slug)
    taken = []
    for _ in range(ROUNDS):
        began = perf_counter()
        spread = dependencies.blast_radius(person_, start)
        taken.append(perf_counter() - began)
    return median(taken), spread.total, spread.depth


@pytest.mark.django_db
def test_blast_radius() -> None:
    home = unit("bank")
    someone = join(person("governor"), OrganisationRole.GOVERNANCE)
    seconds: dict[str, list[float]] = {"ring": [], "crowd": []}
    first = 1
    for size in SIZES:
        fill(first, size, home.pk)
        first = size + 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM inventory_dependency")
            (edges,) = cursor.fetchone()
        for name, slug in (("ring", "a-1"), ("crowd", "a-500")):
            taken, total, depth = asked(someone, slug)
            seconds[name].append(taken)
            figures = f"{size:>7} assets {edges:>7} edges  {name:<5} {total:>6} reached in {depth:>2} steps"
            print(f"{figures} {taken * 1000:8.1f} ms")  # noqa: T201
    with CaptureQueriesContext(connection) as statements:
        dependencies.blast_radius(someone, Asset.objects.get(slug="a-1"))
    print(f"ring: {seconds['ring'][1] / seconds['ring'][0]:.2f} x; statements {len(statements) - 1}, rights included")  # noqa: T201
