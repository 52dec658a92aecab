"""The ledger replayed against itself and against the live tables.

The database only compares and sorts with its built-in functions and returns what does not fit; whether a schema event
explains it is decided here. Memory stays constant: differing rows are streamed, one table at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg
from django.apps import apps

from governance.ledger.differences import Difference
from governance.ledger.recording import Recording, image_expression
from governance.ledger.shapes import Change, Image
from governance.ledger.tables import Evidence, Governed, declared, recording

ROWS = "('I', 'U', 'D', 'R')"
EXISTS = "SELECT to_regclass('public.' || %s) IS NOT NULL"
SHAPES = "SELECT id, after FROM ledger_event WHERE table_name = %s AND op = 'S' ORDER BY id"
STEPS = f"""
SELECT w.id, w.key, l.block_id, w.before, w.previous, w.expected
FROM (SELECT id, key, op, before, lag(id) OVER steps AS previous, lag(after) OVER steps AS expected FROM ledger_event
      WHERE table_name = %s AND op IN {ROWS} WINDOW steps AS (PARTITION BY key ORDER BY id)) w
LEFT JOIN ledger_link l ON l.event_id = w.id
WHERE (w.previous IS NOT NULL OR w.op <> 'I') AND w.before IS DISTINCT FROM w.expected
"""
LIVE = """
SELECT coalesce(n.key, r.key), n.id, l.block_id, n.after, r.image
FROM (SELECT e.key, e.id, e.after FROM (SELECT key, max(id) AS id FROM ledger_event
        WHERE table_name = '{table}' AND op IN {rows} GROUP BY key) x
      JOIN ledger_event e ON e.id = x.id AND e.op <> 'D' OFFSET 0) n
FULL JOIN (SELECT r."{key}"::text AS key, {image} AS image FROM public.{table} r OFFSET 0) r ON r.key = n.key
LEFT JOIN ledger_link l ON l.event_id = n.id
WHERE n.after IS DISTINCT FROM r.image
"""
KEYS = r"^\{\[\d{1,18},\d{1,18}\)(,\[\d{1,18},\d{1,18}\))*\}$"
BATCHES = """
SELECT e.key, l.block_id, e.after->>'rows', found.n::text, e.after->>'sha256', found.sha256
FROM ledger_event e
LEFT JOIN ledger_link l ON l.event_id = e.id
CROSS JOIN LATERAL (
    SELECT count(*) AS n, encode(sha256(string_agg(convert_to(({image})::text, 'UTF8'), convert_to(chr(10), 'UTF8')
        ORDER BY r."{key}")), 'hex') AS sha256
    FROM unnest(CASE WHEN e.after->>'keys' ~ '{pattern}' THEN (e.after->>'keys')::int8multirange END) k
    JOIN public.{table} r ON r."{key}" >= lower(k) AND r."{key}" < upper(k)
) found
WHERE e.table_name = '{table}' AND e.op = 'B' AND e.id > {first} AND e.id < {last}
    AND (e.after->>'rows' IS DISTINCT FROM found.n::text OR e.after->>'sha256' IS DISTINCT FROM found.sha256)
"""
UNCOVERED = """
SELECT r."{key}"::text FROM public.{table} r
WHERE NOT EXISTS (SELECT FROM (SELECT range_agg(k) AS ks FROM ledger_event e,
        unnest(CASE WHEN e.after->>'keys' ~ '{pattern}' THEN (e.after->>'keys')::int8multirange END) k
        WHERE e.table_name = '{table}' AND e.op = 'B') c WHERE c.ks @> r."{key}"::bigint)
"""


def replay(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    """Replay every governed and evidence table; yields each difference with its place."""
    for table, declaration in sorted(declared().items()):
        if not isinstance(declaration, Governed | Evidence):
            continue
        row = connection.execute(EXISTS, [table]).fetchone()
        if row is None or not row[0]:
            yield Difference(None, table, "", "", "a table", None)
            continue
        described = recording(apps, table, declaration)
        changes = _changes(connection, table)
        compare = _governed if isinstance(declaration, Governed) else _evidence
        try:
            with connection.transaction():
                yield from compare(connection, described, changes)
        except psycopg.errors.DataError as error:
            yield Difference(None, table, "", "", "images that can be read", str(error).splitlines()[0])


def _changes(connection: psycopg.Connection[Any], table: str) -> list[Change]:
    return [
        Change(event, frozenset(after["columns"]), after.get("renamed", {}), after.get("fill", {}))
        for event, after in connection.execute(SHAPES, [table])
        if isinstance(after, dict) and isinstance(after.get("columns"), dict)
    ]


def _governed(connection: psycopg.Connection[Any], table: Recording, changes: list[Change]) -> Iterator[Difference]:
    with connection.cursor(name="steps") as cursor:
        for event, key, block, before, previous, after in cursor.execute(STEPS, [table.table]):
            expected = _carried(after, previous, event, changes)
            # Rows moved by the migration itself show the new shape before its schema event stands in the ledger.
            nearest = min((change.event for change in changes if change.event > event), default=event)
            if before not in (expected, _carried(after, previous, nearest + 1, changes)):
                yield from _fields(block, table.table, key, expected, before)
    live = LIVE.format(table=table.table, key=table.key, rows=ROWS, image=image_expression("r", table))
    with connection.cursor(name="live") as cursor:
        for key, event, block, after, image in cursor.execute(live):
            expected = _carried(after, event, None, changes)
            if expected != image:
                yield from _fields(block, table.table, key, expected, image)


def _carried(image: Image | None, since: int | None, until: int | None, changes: list[Change]) -> Image | None:
    """What schema events between two events make of an image."""
    if not isinstance(image, dict):
        return image
    for change in changes:
        if change.event > (since or 0) and (until is None or change.event < until):
            image = change.carry(image)
    return image


def _fields(block: int | None, table: str, key: str, expected: Any, found: Any) -> Iterator[Difference]:
    if not isinstance(expected, dict) or not isinstance(found, dict):
        yield Difference(block, table, key, "", expected, found)
        return
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected or name not in found or expected[name] != found[name]:
            yield Difference(block, table, key, name, expected.get(name), found.get(name))


def _evidence(connection: psycopg.Connection[Any], table: Recording, changes: list[Change]) -> Iterator[Difference]:
    """Batches against the rows they cover, in the shape the table had then; then rows no batch covers."""
    bounds = [0, *(change.event for change in changes[1:]), 2**62]
    now = changes[-1].columns if changes else frozenset()
    for position, (first, last) in enumerate(pairwise(bounds)):
        later = sorted(now - changes[position].columns) if changes else []
        image = image_expression("r", table)
        if later:
            image = "({}) - ARRAY[{}]".format(image, ", ".join(f"'{name}'" for name in later))
        batches = BATCHES.format(
            table=table.table, key=table.key, image=image, pattern=KEYS, first=first, last=last
        )  # fmt: skip
        for key, block, rows, count, digest, found in connection.execute(batches):
            if rows != count:
                yield Difference(block, table.table, key, "rows", rows, count)
            yield Difference(block, table.table, key, "sha256", digest, found)
    for (key,) in connection.execute(UNCOVERED.format(table=table.table, key=table.key, pattern=KEYS)):
        yield Difference(None, table.table, key, "", None, "a row no batch covers")
