"""One number out of a Prometheus: where to ask, and how its answer is read. Pure Python."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

_FIRST, _LAST = 946_684_800, 32_503_680_000  # the years 2000 and 3000


class NoNumber(Exception):  # noqa: N818  an answer, not an error
    """The answer holds no single number; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value at one instant."""

    at: datetime
    value: float


def address(server: str, query: str) -> str:
    """Where a query is asked as it stands now, by Prometheus' HTTP API."""
    return f"{server.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"


def fault(server: str) -> str:
    """Why this is no address of a Prometheus; empty when it may be one."""
    parts = urlsplit(server)
    if parts.query or parts.fragment:
        return "Must be the address of the server, without a query."
    return ""


def read(status: int, body: bytes) -> Sample | None:
    """The one sample of an answer; None where the query finds nothing now. Raises NoNumber."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise NoNumber(f"It answered {status}, and no JSON.") from None
    if not isinstance(told, dict) or status != 200 or told.get("status") != "success":
        words = str(told.get("error", ""))[:200] if isinstance(told, dict) else ""
        raise NoNumber(f"It answered {status}: {words or 'no success'}.")
    data = told.get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind == "scalar":
        return _sample(result)
    if kind != "vector" or not isinstance(result, list):
        raise NoNumber("The query must come to a number or to one series.")
    if not result:
        return None
    if len(result) > 1:
        raise NoNumber(f"The query comes to {len(result)} series; aggregate it to one.")
    return _sample(result[0].get("value") if isinstance(result[0], dict) else None)


def _sample(pair: Any) -> Sample | None:
    """An instant and a value as text; a value that is no finite number counts as none."""
    try:
        at, text = pair
        second, value = float(at), float(text)
    except (TypeError, ValueError):
        raise NoNumber("The answer holds no instant and value.") from None
    if not _FIRST <= second <= _LAST:
        raise NoNumber("The answer holds no instant of this time.")
    return Sample(datetime.fromtimestamp(second, UTC), value) if math.isfinite(value) else None
