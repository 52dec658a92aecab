"""Keyset paging: a page costs the same at any depth, and counts are capped instead of scanning everything."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet

from governance.access.rights import Sight
from governance.inputs import InvalidInput

M = TypeVar("M", bound=Model)
CAP = 1000


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """Some rows in order, with the cursors of the neighbouring slices and a count capped at CAP."""

    rows: Sequence[M]
    after: str
    before: str
    count: int

    @property
    def capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.count > CAP

    @property
    def count_text(self) -> str:
        """The count as shown: exact up to the cap, “more than 1000” beyond."""
        return f"more than {CAP}" if self.capped else str(self.count)


def keyset_slice(
    rows: QuerySet[M],
    order: Sequence[str],
    *,
    size: int,
    after: str = "",
    before: str = "",
    sight: Sight | None = None,
) -> Slice[M]:
    """The rows that follow cursor `after` (or precede `before`) in `order`, which must end with a unique field.

    With `sight` those of `rows` the person may see; without it `rows` has been narrowed to them already. Raises
    InvalidInput for a cursor that is none of ours.
    """
    backwards = bool(before)
    wanted = [_turned(term) for term in order] if backwards else list(order)
    page = rows
    cursor = before or after
    if cursor:
        page = page.filter(_beyond(wanted, _values(rows.model, order, cursor)))
    found = sight.first(page, wanted, size + 1) if sight else list(page.order_by(*wanted)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (_cursor(found[0], order), _cursor(found[-1], order)) if found else ("", "")
    return Slice(
        rows=found,
        after=last if found and (more or backwards) else "",
        before=first if found and ((backwards and more) or (not backwards and after)) else "",
        count=sight.count(rows, CAP + 1) if sight else rows.order_by()[: CAP + 1].count(),
    )


def _turned(term: str) -> str:
    return term[1:] if term.startswith("-") else f"-{term}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after `values` in `order`: (a > x) or (a = x and b > y) …, with the first column bounded."""
    condition, equal = Q(), Q()
    for term, value in zip(order, values, strict=True):
        name = term.lstrip("-")
        comparison = "lt" if term.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    return Q(**{f"{order[0].lstrip('-')}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}) & condition


def _cursor(row: Model, order: Sequence[str]) -> str:
    values = [_plain(getattr(row, term.lstrip("-"))) for term in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _values(model: type[Model], order: Sequence[str], cursor: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order) or "\\u0000" in json.dumps(values):
            raise InvalidInput({"after": ["This is no place in the list."]})
        return [_typed(model, term.lstrip("-"), value) for term, value in zip(order, values, strict=True)]
    except (ValueError, binascii.Error, RecursionError, ValidationError, OverflowError) as error:
        raise InvalidInput({"after": ["This is no place in the list."]}) from error


def _typed(model: type[Model], name: str, value: Any) -> Any:
    """The value as the field's type; an annotation (always text in our orders) must be text."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValidationError("type")
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return str(value)
    if not isinstance(field, Field):
        raise ValidationError("type")
    typed = field.to_python(value)
    if isinstance(typed, int) and not -(2**63) <= typed < 2**63:
        raise ValidationError("range")
    return typed
