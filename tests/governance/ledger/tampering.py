"""Random mutations by the table owner, each with the place verification must name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg
from django.apps import apps

from governance.ledger.differences import Difference
from governance.ledger.tables import Governed, declared, recording

Connection = psycopg.Connection[Any]
Place = tuple[str, str, str | None]

COLUMNS = """
SELECT attname, format_type(atttypid, NULL), NOT attnotnull FROM pg_attribute
WHERE attrelid = ('public.' || %s)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
OTHER_VALUE = {
    "boolean": "NOT {0}",
    "smallint": "{0} + 1",
    "integer": "{0} + 1",
    "bigint": "{0} + 1",
    "date": "{0} + 1",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "jsonb": "jsonb_build_array({0})",
    "uuid": "gen_random_uuid()",
    "bytea": "sha256({0})",
    "xid8": "'1'::xid8",
    "text": "{0} || 'x'",
    "character varying": "CASE WHEN {0} LIKE '%%x' THEN left({0}, -1) || 'y' ELSE left({0}, -1) || 'x' END",
    "character varying[]": "array_append({0}, 'x')",
}
NEW_VALUE = {
    "boolean": "true", "smallint": "1", "integer": "1", "bigint": "1", "date": "'2020-01-01'",
    "timestamp with time zone": "'2020-01-01'", "jsonb": "'{}'", "text": "'x'", "character varying": "'x'",
}  # fmt: skip
LEDGER = ("ledger_event", "ledger_link", "ledger_block", "ledger_head", "ledger_denial")
KEYS = {"ledger_link": "event_id", "ledger_block": "height"}


@dataclass(frozen=True)
class Mutation:
    """What was done, and every place that must be named (a field of None: whichever)."""

    done: str
    places: frozenset[Place]

    def located(self, differences: Iterable[Difference]) -> bool:
        """Whether verification named every one of the places."""
        named = {(each.table, each.key, field) for each in differences for field in (each.field, None)}
        return self.places <= named


@dataclass
class Tamperer:
    """Mutates random rows through the owner's connection, whose triggers are off and constraints on."""

    owner: Connection
    random: Random

    def disarm(self) -> None:
        """Switch every trigger of every table off that the owner can."""
        for table in (*declared(), "ledger_pending"):
            self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    def strike(self) -> Mutation:
        """Do one random mutation; tries again where a constraint stands in the way."""
        while True:
            blow = self.random.choice((self._business, self._business, self._ledger))
            table = self._table(blow)
            try:
                with self.owner.transaction():
                    return blow(table)
            except (psycopg.IntegrityError, psycopg.DataError):
                continue

    def _table(self, blow: Callable[[str], Mutation]) -> str:
        if blow == self._ledger:
            return self.random.choice(LEDGER)
        governed = [table for table, declaration in declared().items() if isinstance(declaration, Governed)]
        filled = [table for table in governed if self._one(f"SELECT count(*) FROM {table}") > 1]
        return self.random.choice(filled)

    def _business(self, table: str) -> Mutation:
        declaration = declared()[table]
        assert isinstance(declaration, Governed)
        described = recording(apps, table, declaration)
        columns = [c for c in self._columns(table) if c[0] not in {*described.excluded, described.key}]
        key, other = self._keys(table, described.key)
        match self.random.choice(("change", "change", "null", "delete", "insert", "swap")):
            case "change":
                name = self._change(table, described.key, key, columns)
                return Mutation(f"{table}.{name} of {key}", frozenset({(table, str(key), name)}))
            case "null":
                name = self._null(table, described.key, key, columns)
                return Mutation(f"{table}.{name} of {key} nulled", frozenset({(table, str(key), name)}))
            case "delete":
                self._do(f'DELETE FROM {table} WHERE "{described.key}" = %s', key)
                return Mutation(f"{table} {key} deleted", frozenset({(table, str(key), "")}))
            case "insert":
                new = self._copy(table, described.key, key, unique=True)
                return Mutation(f"{table} {new} inserted", frozenset({(table, new, "")}))
            case _:
                name = self._swap(table, described.key, (key, other), [column[0] for column in columns])
                return Mutation(
                    f"{table}.{name} of {key} and {other} swapped",
                    frozenset({(table, str(key), name), (table, str(other), name)}),
                )

    def _ledger(self, table: str) -> Mutation:
        key_column = KEYS.get(table, "id")
        columns = [column for column in self._columns(table) if column[0] != key_column]
        if table == "ledger_head":
            name = self._change(table, "id", 1, columns)
            return Mutation(f"head {name}", frozenset({(table, "1", name)}))
        key, other = self._keys(table, key_column)
        blocks = {each: self._shown(table, each) for each in (key, other)}
        match self.random.choice(("change", "change", "delete", "insert", "swap")):
            case "change":
                name = self._change(table, key_column, key, columns)
                return Mutation(f"{table}.{name} of {key}", self._places(table, key, name, blocks[key]))
            case "delete":
                self._do(f"DELETE FROM {table} WHERE {key_column} = %s", key)
                return Mutation(f"{table} {key} deleted", self._places(table, key, "", blocks[key]))
            case "insert" if table != "ledger_link":
                new = self._copy(table, key_column, key)
                return Mutation(f"{table} {new} inserted", frozenset({(table, new, None)}))
            case _:
                names = [column[0] for column in columns if column[0] not in ("xid", "at", "n")]
                name = self._swap(table, key_column, (key, other), names)
                return Mutation(
                    f"{table}.{name} of {key} and {other} swapped",
                    self._places(table, key, name, blocks[key]) | self._places(table, other, name, blocks[other]),
                )

    def _shown(self, table: str, key: Any) -> Place:
        """Where a link moved to another block, or a block taken away, shows."""
        if table == "ledger_link":
            return "ledger_block", str(self._one(f"SELECT block_id FROM ledger_link WHERE event_id = {key}")), None
        if table == "ledger_block":
            first = self._one(f"SELECT min(event_id) FROM ledger_link WHERE block_id = {key}")
            return "ledger_link", str(first), "block_id"
        return table, str(key), None

    def _places(self, table: str, key: Any, name: str, shown: Place) -> frozenset[Place]:
        """Where a mutated row of the ledger must be named."""
        if table == "ledger_link" and name != "block_id":
            return frozenset({("ledger_event", str(key), "digest" if name else "block")})
        if table == "ledger_link" or (table == "ledger_block" and not name):
            return frozenset({shown})
        return frozenset({(table, str(key), None)})

    def _change(self, table: str, key_column: str, key: Any, columns: list[tuple[str, str, bool]]) -> str:
        name, kind, _ = self.random.choice([column for column in columns if column[1] in OTHER_VALUE])
        other = OTHER_VALUE[kind].format(f'"{name}"')
        new = NEW_VALUE.get(kind, other.replace("%%", "%"))
        self._do(
            f'UPDATE {table} SET "{name}" = CASE WHEN "{name}" IS NULL THEN {new.replace("%", "%%")} '
            f'ELSE {other} END WHERE "{key_column}" = %s',
            key,
        )
        return name

    def _null(self, table: str, key_column: str, key: Any, columns: list[tuple[str, str, bool]]) -> str:
        empty = [name for name, _, nullable in columns if nullable]
        if not empty:
            raise psycopg.DataError("nothing to null")
        name = self.random.choice(empty)
        self._do(f'UPDATE {table} SET "{name}" = NULL WHERE "{key_column}" = %s AND "{name}" IS NOT NULL', key)
        return name

    def _swap(self, table: str, key_column: str, keys: tuple[Any, Any], columns: list[str]) -> str:
        name = self.random.choice(columns)
        self._do(
            f'UPDATE {table} t SET "{name}" = o."{name}" FROM {table} o WHERE '
            f'(t."{key_column}", o."{key_column}") IN ((%s, %s), (%s, %s)) '
            f'AND t."{name}" IS DISTINCT FROM o."{name}"',
            keys[0], keys[1], keys[1], keys[0],
            rows=2,
        )  # fmt: skip
        return name

    def _copy(self, table: str, key_column: str, key: Any, *, unique: bool = False) -> str:
        """A copy of a row under a new key, and with other words where words must be unique."""
        new = self._one(f'SELECT max("{key_column}") + 1 FROM {table}')
        kinds = {name: kind for name, kind, _ in self._columns(table)}
        other = [name for name, kind in kinds.items() if unique and kind in ("text", "character varying")]
        words = "".join(f", '{name}', left(t.\"{name}\", -1) || '~'" for name in other)
        values = ", ".join(f'(x.r)."{name}"' for name in kinds)
        names = ", ".join(f'"{name}"' for name in kinds)
        self._do(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT jsonb_populate_record(t, jsonb_build_object("
            f"""'{key_column}', %s::bigint{words})) AS r FROM {table} t WHERE "{key_column}" = %s) x""",
            new, key,
        )  # fmt: skip
        return str(new)

    def _keys(self, table: str, key_column: str) -> tuple[Any, Any]:
        keys = [key for (key,) in self.owner.execute(f'SELECT "{key_column}" FROM {table} ORDER BY 1')]
        if len(keys) < 2:
            return keys[0], keys[0]
        first, second = self.random.sample(keys, 2)
        return first, second

    def _columns(self, table: str) -> list[tuple[str, str, bool]]:
        return [(name, kind, nullable) for name, kind, nullable in self.owner.execute(COLUMNS, [table])]

    def _one(self, query: str) -> Any:
        row = self.owner.execute(query).fetchone()
        assert row is not None
        return row[0]

    def _do(self, statement: str, *values: Any, rows: int = 1) -> None:
        if self.owner.execute(statement, values).rowcount != rows:
            raise psycopg.DataError("nothing was changed")
