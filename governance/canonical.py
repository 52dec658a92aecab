"""One byte sequence for one JSON value (RFC 8785), so that a digest means the content and nothing else. Pure Python."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

JsonValue = object
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def canonical(value: JsonValue) -> bytes:
    """The canonical JSON bytes of `value`.

    Raises ValueError for what has no exact form: numbers not finite or too large, lone surrogates, other types.
    """
    return _text(value).encode("utf-8")


def digest(value: JsonValue) -> str:
    """`sha256:` and the hash of the canonical bytes."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"


def _text(value: JsonValue) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=_order)
        return "{" + ",".join(f"{_string(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(part) for part in value) + "]"
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _order(key: object) -> bytes:
    """RFC 8785 sorts names by their UTF-16 code units."""
    if not isinstance(key, str):
        raise ValueError("a name must be text")
    return key.encode("utf-16-be")


def _string(value: str) -> str:
    # json escapes exactly what the RFC wants: quote, backslash, \b \t \n \f \r, other controls as \u00xx.
    return _ENCODER.encode(value)


def _number(value: float) -> str:
    """The shortest form that reads back the same, in the notation of ECMAScript."""
    if isinstance(value, int):
        if value.bit_length() > 1000 or int(float(value)) != value:
            raise ValueError("a number too large to be exact")
        value = float(value)
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    if -7 < power < 0:
        sign = "-" if mantissa.startswith("-") else ""
        return f"{sign}0.{'0' * (-power - 1)}{mantissa.lstrip('-').replace('.', '')}"
    return f"{mantissa}e{power:+d}"
