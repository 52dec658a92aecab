"""Schema events: which columns a recorded table had when, so that replay can follow migrations.

After every `migrate` the catalogue is compared with the last recorded shape of each table. A difference is written as
one event (`op` S): columns before and after, renamed columns, and for an added column the value the old rows were
filled with. Where old rows got different values, or a column changed its type, each such row gets an event (`op` R)
that carries just these columns over, so a migration cannot bless anything else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from governance.ledger.recording import Recording, image_expression
from governance.ledger.tables import Evidence, Governed, declared, recording

KEYED = "keyed digest"
Image = dict[str, Any]

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnum FROM pg_attribute a
WHERE a.attrelid = to_regclass('public.' || %s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
LAST = "SELECT after FROM ledger_event WHERE table_name = %s AND op = 'S' ORDER BY id DESC LIMIT 1"
WRITE = """
INSERT INTO ledger_event (xid, at, actor_kind, actor_name, door, request_id, verb, reason, table_name, key, op,
    before, after)
VALUES (pg_current_xact_id(), clock_timestamp(), 'system', 'system:migrate', 'command', '', 'portal.migrate', '',
    %s, '', 'S', %s, %s)
"""
ARM = "INSERT INTO ledger_pending (xid, armed) VALUES (pg_current_xact_id(), false) ON CONFLICT DO NOTHING"
LATEST = """
SELECT e.key, e.after AS image, r.image AS live, e.system_id
FROM (SELECT key, max(id) AS id FROM ledger_event WHERE table_name = '{table}' AND op IN ('I', 'U', 'D', 'R')
      GROUP BY key) newest
JOIN ledger_event e ON e.id = newest.id AND e.op <> 'D'
JOIN (SELECT r."{key}"::text AS key, {image} AS image FROM public.{table} r OFFSET 0) r ON r.key = e.key
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What one schema event says: carried out on an image it gives the image in the new shape."""

    event: int
    columns: frozenset[str]
    renamed: dict[str, str] = field(default_factory=dict)
    fill: Image = field(default_factory=dict)

    def carry(self, image: Image) -> Image:
        """The image with columns renamed, dropped and filled."""
        moved = {self.renamed.get(name, name): value for name, value in image.items()}
        kept = {name: value for name, value in moved.items() if name in self.columns}
        return {**{name: value for name, value in self.fill.items() if name not in kept}, **kept}


def record_shapes(connection: BaseDatabaseWrapper) -> None:
    """Write a schema event for every recorded table whose shape is not the one last recorded."""
    with transaction.atomic(using=connection.alias):
        for table, declaration in declared().items():
            if isinstance(declaration, Governed | Evidence):
                _record(connection, recording(apps, table, declaration), evidence=isinstance(declaration, Evidence))


def _record(connection: BaseDatabaseWrapper, table: Recording, *, evidence: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table.table])
        found = {
            name: {"type": KEYED if name in table.personal else kind, "n": number}
            for name, kind, number in cursor.fetchall()
            if name not in table.excluded
        }
        cursor.execute(LAST, [table.table])
        row = cursor.fetchone()
        last = json.loads(row[0])["columns"] if row and isinstance(row[0], str) else row and row[0]["columns"]
        if not found or (last and _types(last) == _types(found)):
            return
        after: dict[str, Any] = {"columns": found}
        if last:
            after |= _what_changed(cursor, table, last, found, evidence=evidence)
        before = json.dumps({"columns": last}) if last else None
        cursor.execute(WRITE, [table.table, before, json.dumps(after)])
        cursor.execute(ARM)


def _types(columns: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: column["type"] for name, column in columns.items()}


def _what_changed(
    cursor: Any, table: Recording, last: dict[str, Any], found: dict[str, Any], *, evidence: bool
) -> dict[str, Any]:
    """Renamed columns and fills; rows that one value cannot fill get an event of their own."""
    gone, new = last.keys() - found.keys(), found.keys() - last.keys()
    renamed = {old: name for old in gone for name in new if last[old]["n"] == found[name]["n"]}
    added = sorted(new - set(renamed.values()))
    retyped = sorted(
        name for name in found.keys() - set(added)
        if last.get({v: k for k, v in renamed.items()}.get(name, name), {}).get("type") != found[name]["type"]
    )  # fmt: skip
    changes: dict[str, Any] = {"renamed": renamed, "fill": {}, "retyped": retyped}
    if evidence:
        return changes
    latest = LATEST.format(table=table.table, key=table.key, image=image_expression("r", table))
    patched = list(retyped)
    for name in added:
        cursor.execute(
            f"SELECT coalesce(jsonb_agg(v), '[]')::text FROM (SELECT DISTINCT live->%s AS v FROM ({latest}) x "
            "WHERE NOT image ? %s LIMIT 2) d",
            [name, name],
        )
        values = json.loads(cursor.fetchone()[0])
        if len(values) > 1:
            patched.append(name)
        else:
            changes["fill"][name] = values[0] if values else None
    if patched:
        _reshape_rows(cursor, table, latest, patched)
    return changes


def _reshape_rows(cursor: Any, table: Recording, latest: str, columns: list[str]) -> None:
    """One event for each row whose listed columns are not what its last event said."""
    listed = ", ".join(f"'{name}'" for name in columns)
    picked = ", ".join(f"'{name}', x.live->'{name}'" for name in columns)
    cursor.execute(f"""
        INSERT INTO ledger_event (xid, at, actor_kind, actor_name, door, request_id, verb, reason, table_name, key,
            system_id, op, before, after)
        SELECT pg_current_xact_id(), clock_timestamp(), 'system', 'system:migrate', 'command', '', 'portal.migrate', '',
            '{table.table}', x.key, x.system_id, 'R', x.image, x.image || jsonb_build_object({picked})
        FROM ({latest}) x
        WHERE jsonb_build_object({picked}) IS DISTINCT FROM (
            SELECT coalesce(jsonb_object_agg(k, x.image->k), jsonb_build_object())
            FROM unnest(ARRAY[{listed}]) k WHERE x.image->k IS NOT NULL)
    """)
