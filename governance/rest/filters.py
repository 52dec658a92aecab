"""Query parameters: only declared ones, each given once, each of its own type; anything else is a 400."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Model, QuerySet
from django.http import QueryDict

from governance.inputs import Checks, unreadable


@dataclass(frozen=True, slots=True)
class Filter:
    """A declared parameter: the lookup it stands for and the words it takes (none: any text up to `limit`).

    `shape` makes of the word what the lookup compares with.
    """

    lookup: str
    description: str
    choices: Collection[str] = ()
    number: bool = False
    limit: int = 200
    shape: Callable[[str], Any] | None = None

    def schema(self, name: str) -> dict[str, Any]:
        """Its description in OpenAPI."""
        kind: dict[str, Any] = {"type": "integer", "minimum": 1} if self.number else {"type": "string"}
        if self.choices:
            kind["enum"] = sorted(self.choices)
        return {"name": name, "in": "query", "required": False, "description": self.description, "schema": kind}

    def read(self, checks: Checks, name: str, value: str) -> Any:
        """The value to look for."""
        if self.number:
            if value.isascii() and value.isdigit() and 1 <= len(value) <= 18:
                return int(value)
            checks.refuse(name, "Must be a whole number.")
            return None
        word = checks.choice(name, value, self.choices) if self.choices else checks.text(name, value, limit=self.limit)
        return self.shape(word) if self.shape else word


def refuse_undeclared(parameters: QueryDict, declared: Iterable[str], repeatable: Collection[str] = ()) -> None:
    """Raise InvalidInput naming every parameter that is unknown, repeated or unreadable."""
    checks = Checks()
    known = set(declared)
    for name, values in parameters.lists():
        if name not in known:
            checks.refuse(name[:100], "Is no parameter of this address.")
        elif len(values) > 1 and name not in repeatable:
            checks.refuse(name, "Is given more than once.")
        for value in values:
            if sentence := unreadable(value):
                checks.refuse(name[:100], sentence)
    checks.done()


def filtered(queryset: QuerySet[Any], filters: Mapping[str, Filter], parameters: QueryDict) -> QuerySet[Any]:
    """The rows that all given filters let through. Raises InvalidInput."""
    checks = Checks()
    lookups: dict[str, Any] = {}
    for name, declared in filters.items():
        if name in parameters:
            lookups[declared.lookup] = declared.read(checks, name, str(parameters[name]))
    checks.done()
    return queryset.filter(**lookups)


def words_of(text: str) -> str:
    """What to search for. Raises InvalidInput."""
    checks = Checks()
    words = checks.text("search", text, limit=200)
    checks.done()
    return words


def searched(queryset: QuerySet[Any], field: str, words: str) -> QuerySet[Model]:
    """Full-text search on a stored vector, in the words people type (quotes, or, minus)."""
    if not words:
        return queryset
    return queryset.filter(**{field: SearchQuery(words, search_type="websearch", config="english")})
