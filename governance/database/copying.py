"""Many new rows at once: COPY, which statement triggers see as a few large statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from json.encoder import encode_basestring
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

PART = 10_000  # rows of one statement: what its triggers see of them stays in memory
_MEMORY = "64MB"
_BLOCK = 100  # rows sent together: small enough that the database works while the next ones are written
_TOLD = 1000
_NOTHING = "\\N"
Encode = Callable[[Any], str]


def copy_in(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    count: int,
    *,
    shared: Mapping[str, object] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[int]:
    """Insert `count` rows of one model with COPY inside the transaction; returns their primary keys in order.

    A row gives plain values for `columns` (attributes: `unit_id`, not `unit`) in that order. `shared` holds what all
    of them have in common; what neither names gets the field's default. No model object is made, no `save()` and no
    validation runs. `progress` hears every thousand rows. Raises TypeError for a value that has no place in a column.
    """
    if not count:
        return []
    keys = _keys(model, count)
    lines = Lines(model, columns, shared or {})
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(column) for column in lines.columns])
    )
    written = lines.of(zip(keys, rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{_MEMORY}'")
        for start in range(0, count, PART):
            end = min(start + PART, count)
            with cursor.copy(statement) as copy:
                for done in range(start, end, _BLOCK):
                    copy.write("".join(islice(written, min(_BLOCK, end - done))))
                    if done and done % _TOLD == 0:
                        progress(done)
    return keys


class Lines:
    """Rows of one model as COPY reads them; what all rows share is written once."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], shared: Mapping[str, object]) -> None:
        """Raises KeyError for a column the model does not have."""
        fields: dict[str, Any] = {
            field.attname: field
            for field in model._meta.concrete_fields
            if not (field.generated or field.primary_key)
        }  # fmt: skip
        rest = [name for name in fields if name not in columns]
        if strange := shared.keys() - set(rest):
            raise KeyError(*strange)
        self.columns = [str(model._meta.pk.column), *(str(fields[name].column) for name in (*columns, *rest))]
        self._encoders = [_encoder(fields[name]) for name in columns]
        same = [
            _encoder(fields[name])(shared[name] if name in shared else fields[name].get_default()) for name in rest
        ]  # fmt: skip
        self._end = "".join(f"\t{value}" for value in same) + "\n"

    def of(self, rows: Iterable[tuple[int, Sequence[object]]]) -> Iterator[str]:
        """The line of each row, given with its key."""
        encoders, end = self._encoders, self._end
        for key, row in rows:
            values = "\t".join([encode(value) for encode, value in zip(encoders, row, strict=True)])
            yield f"{key}\t{values}{end}"


_encode_json = DjangoJSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _encoder(field: Any) -> Encode:
    return _json if isinstance(field, models.JSONField) else _plain


def _plain(value: object) -> str:
    """A value as COPY writes it."""
    if type(value) is str:
        return _escaped(value)
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):  # a word of a closed choice
        return _escaped(str(value))
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing COPY is taught here")


def _json(value: object) -> str:
    """A value as JSON as COPY writes it. Most are texts, by name or in order: these need no walk by the encoder."""
    try:
        if type(value) is dict:
            pairs = [f"{encode_basestring(name)}:{encode_basestring(text)}" for name, text in value.items()]
            return _escaped("{" + ",".join(pairs) + "}")
        if type(value) is tuple:
            return _escaped("[" + ",".join([encode_basestring(text) for text in value]) + "]")
    except TypeError:  # something else than a text
        return _escaped(_encode_json(value))
    return _NOTHING if value is None else _escaped(_encode_json(value))


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text


def _keys(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(s.name)) "
            "FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) s, generate_series(1, %s)",
            [f'"{model._meta.db_table}"', model._meta.pk.column, count],
        )
        (keys,) = cursor.fetchone()
    return list(keys)
