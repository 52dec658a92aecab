"""The least a served answer from the database can cost: no framework, one prepared query by a unique name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import psycopg

QUERY = "SELECT s.id, s.tier FROM inventory_system s WHERE s.slug = %s"
_connections: list[psycopg.Connection[Any]] = []


def answer(driver: psycopg.Connection[Any], start: Callable[..., Any]) -> list[bytes]:
    """Ask and answer."""
    with psycopg.Cursor(driver) as cursor:
        cursor.execute(QUERY, ["fraud-scorer"], prepare=True)
        key, tier = cursor.fetchone() or (0, "")
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"id": key, "tier": tier}).encode()]


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """The WSGI application, with a connection that lasts as long as its process."""
    if not _connections:
        _connections.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
    return answer(_connections[0], start)
