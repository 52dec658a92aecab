"""Cursor paging: each page starts where the last one ended, at the same cost however deep."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

from governance.access.rights import Sight
from governance.inputs import InvalidInput

USUAL = 50
MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page and the cursors to its neighbours (None: there is none)."""

    rows: list[Any]
    next: str | None
    previous: str | None


def page_size(parameters: QueryDict) -> int:
    """How many rows a caller wants, at most MOST. Raises InvalidInput for what is no such number."""
    given = parameters.get("page_size")
    if given is None:
        return USUAL
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and int(given) >= 1):
        raise InvalidInput({"page_size": [f"Must be a whole number from 1 to {MOST}."]})
    return min(int(given), MOST)


def page(queryset: QuerySet[Any], ordering: Sequence[str], parameters: QueryDict, sight: Sight | None = None) -> Page:
    """One page of `queryset` in `ordering`, whose fields go one way (all `-` or none) and end in the key.

    With `sight` of those rows the person may see; without it the queryset has been narrowed to them already. Raises
    InvalidInput for a cursor this list did not give out.
    """
    size = page_size(parameters)
    fields = [name.lstrip("-") for name in ordering]
    descending = ordering[0].startswith("-")
    backwards, edge = _read(parameters.get("cursor"), queryset.model, fields)
    down = descending != backwards
    if edge:
        queryset = queryset.filter(_beyond(fields, edge, "lt" if down else "gt"))
    order = [f"-{name}" if down else name for name in fields]
    rows = sight.first(queryset, order, size + 1) if sight else list(queryset.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    # Coming from a page, there is a way back to it.
    after = more if not backwards else True
    before = more if backwards else bool(edge)
    return Page(
        rows, _cursor("n", rows[-1], fields) if after else None, _cursor("p", rows[0], fields) if before else None
    )


def address(base: str, parameters: QueryDict, cursor: str | None) -> str | None:
    """The whole address of a neighbouring page, with the caller's filters."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in parameters.items() if name != "cursor"]
    return f"{base}?{urlencode([*kept, ('cursor', cursor)])}"


def _beyond(fields: Sequence[str], edge: Sequence[Any], lookup: str) -> Q:
    """Rows after `edge` in the order of `fields`, the first field stated alone so that an index can start there."""
    condition = Q()
    for position, name in enumerate(fields):
        same = {fields[earlier]: edge[earlier] for earlier in range(position)}
        condition |= Q(**same, **{f"{name}__{lookup}": edge[position]})
    return Q(**{f"{fields[0]}__{lookup}e": edge[0]}) & condition


def _column(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101  orderings are declared, not given
    return field


def _cursor(way: str, row: Model, fields: Sequence[str]) -> str:
    values = [_column(type(row), name).value_to_string(row) for name in fields]
    return base64.urlsafe_b64encode(json.dumps([way, *values]).encode()).decode().rstrip("=")


def _read(cursor: str | None, model: type[Model], fields: Sequence[str]) -> tuple[bool, list[Any]]:
    """(whether it leads back, the values of the row it starts after)."""
    if cursor is None:
        return False, []
    refused = InvalidInput({"cursor": ["Was not given out by this list."]})
    if len(cursor) > 1000:
        raise refused
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        written = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        way, *values = written
        edge = [_column(model, name).to_python(value) for name, value in zip(fields, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError, RecursionError) as error:
        raise refused from error
    if way not in {"n", "p"} or any(not _fits(value) for value in edge):
        raise refused
    return way == "p", edge


def _fits(value: Any) -> bool:
    if value is None or (isinstance(value, str) and "\0" in value):
        return False
    return not isinstance(value, int) or abs(value) < 2**63
