"""Many new rows at once: COPY, which statement triggers see as one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

Encode = Callable[[Any], Any]


def copy_in(
    model: type[models.Model],
    rows: Sequence[Mapping[str, object]],
    progress: Callable[[int], None] = lambda done: None,
) -> list[int]:
    """Insert rows of one model with COPY inside the transaction; returns their primary keys in order.

    A row maps column attributes (`unit_id`, not `unit`) to plain values; what it leaves out gets the field's
    default. No model object is made, no `save()` and no validation runs. `progress` hears every thousand rows.
    """
    if not rows:
        return []
    keys = _keys(model, len(rows))
    fields = [field for field in model._meta.concrete_fields if not (field.generated or field.primary_key)]
    columns = [str(model._meta.pk.column), *(str(field.column) for field in fields)]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(column) for column in columns])
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for done, (key, line) in enumerate(zip(keys, lines(fields, rows), strict=True), start=1):
            copy.write_row([key, *line])
            if done % 1000 == 0:
                progress(done)
    return keys


def lines(fields: Sequence[Any], rows: Sequence[Mapping[str, object]]) -> Iterator[list[Any]]:
    """The values of each row as COPY takes them; a default is encoded once, not once a row."""
    plan = [(field.attname, encode(field.get_default()), encode) for field in fields for encode in (_encoder(field),)]
    for row in rows:
        yield [encode(row[name]) if name in row else default for name, default, encode in plan]


_encode_json: Encode = DjangoJSONEncoder(separators=(",", ":")).encode


def _encoder(field: Any) -> Encode:
    return _encode_json if isinstance(field, models.JSONField) else _plain


def _plain(value: Any) -> Any:
    return value


def _keys(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{model._meta.db_table}"', model._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]
