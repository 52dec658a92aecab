"""Many new rows at once: COPY, which statement triggers see as one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection, models
from psycopg import sql

M = TypeVar("M", bound=models.Model)


def copy_in(model: type[M], rows: Sequence[M]) -> None:
    """Insert unsaved objects of one model with COPY inside the transaction; their primary keys are set first.

    Every field is written as it stands on the object: no `save()`, no defaults of the database.
    """
    if not rows:
        return
    _number(model, rows)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
            )  # fmt: skip


def _number(model: type[M], rows: Sequence[M]) -> None:
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{table}"', column, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
