"""JSON bodies, read strictly: one object, every name once, numbers JSON has, nothing deep, nothing unreadable."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from governance.inputs import InvalidInput
from governance.rest.problems import TooLarge

DEEPEST = 32
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_NO_BRACKETS = bytes(set(range(256)) - _OPENING - _CLOSING)


class StrictJSONParser(BaseParser):
    """Reads `application/json` and refuses, with a sentence, whatever a lenient parser would guess at."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The body's one object. Raises TooLarge, InvalidInput."""
        limit: int = settings.API_LONGEST_BODY
        request = (parser_context or {}).get("request")
        declared = request.META.get("CONTENT_LENGTH") if request is not None else None
        if declared and declared.isdigit() and int(declared) > limit:
            raise TooLarge
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        return read_object(body)


class PlainJSONParser(StrictJSONParser):
    """The same where a sender calls its JSON text."""

    media_type = "text/plain"


def read_object(body: bytes) -> dict[str, Any]:
    """One JSON object from `body`. Raises InvalidInput naming `body` or the field that cannot be kept."""
    _refuse_depth(body)
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except (ValueError, RecursionError) as error:
        sentence = str(error) if isinstance(error, _Refused) else "Is not valid JSON in UTF-8."
        raise InvalidInput({"body": [sentence]}) from error
    if not isinstance(value, dict):
        raise InvalidInput({"body": ["Must be a JSON object."]})
    errors: dict[str, list[str]] = {}
    if rb"\u" in body:  # what nobody can keep is no UTF-8 and no JSON either, unless it is escaped
        _refuse_unreadable(value, "", errors)
    if errors:
        raise InvalidInput(errors)
    return value


class _Refused(ValueError):  # noqa: N818  a refusal, not an error
    """A sentence of ours, unlike the parser's own complaints."""


def _refuse_depth(body: bytes) -> None:
    depth = 0
    for mark in _TEXT.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if mark in _OPENING else -1
        if depth > DEEPEST:
            raise InvalidInput({"body": [f"Is nested deeper than {DEEPEST} levels."]})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"Names {json.dumps(twice[:60])} twice in one object.")
    return read


def _constant(name: str) -> NoReturn:
    raise _Refused(f"Holds {name}, which JSON does not have.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused("Holds a number too large to be kept.")
    return value


def _refuse_unreadable(value: Any, path: str, errors: dict[str, list[str]]) -> None:
    """Note every text with a NUL or half a character: the database can keep neither."""
    if isinstance(value, str):
        if "\0" in value:
            errors[path] = ["Holds a NUL character."]
        elif any("\ud800" <= character <= "\udfff" for character in value):
            errors[path] = ["Holds half of a character (a lone surrogate)."]
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unreadable(name, "body", errors)
            _refuse_unreadable(inner, f"{path}.{name}" if path else name, errors)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_unreadable(inner, f"{path}.{number}", errors)
