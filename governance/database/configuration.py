"""Django's DATABASES from the environment: two sign-ins to one database, the runtime's and the owner's.

Imported by the settings, so it imports nothing of Django and starts nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

DATABASE = "countersign"
OWNER_ROLE = "countersign_owner"
APP_ROLE = "countersign_app"
ENGINE = "governance.database"

# No request may hold the database for longer; a command that must says so with SET LOCAL.
RUNTIME_LIMITS = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


def databases(env: environ.Env, data: Path) -> dict[str, dict[str, Any]]:
    """`default` works as the runtime role; `owner`, there only when its sign-in is known, migrates."""
    if "DATABASE_URL" not in env.ENVIRON:
        return {"default": _embedded(APP_ROLE, data, RUNTIME_LIMITS), "owner": _embedded(OWNER_ROLE, data, "")}
    found = {"default": _server(env, "DATABASE_URL", RUNTIME_LIMITS)}
    if "DATABASE_OWNER_URL" in env.ENVIRON:
        found["owner"] = _server(env, "DATABASE_OWNER_URL", "")
    return found


def _embedded(role: str, data: Path, limits: str) -> dict[str, Any]:
    """The cluster in the data folder; the engine finds its socket and starts it when needed."""
    return {"NAME": DATABASE, "USER": role, "EMBEDDED": str(data / "postgres"), **_common({}, limits)}


def _server(env: environ.Env, variable: str, limits: str) -> dict[str, Any]:
    found = dict(env.db_url(variable))
    return {**found, **_common(found.get("OPTIONS", {}), limits)}


def _common(options: dict[str, Any], limits: str) -> dict[str, Any]:
    """Connections that last, are checked before use, and prepare what is asked of them twice."""
    with_limits = " ".join(text for text in (limits, options.get("options", "")) if text)
    return {
        "ENGINE": ENGINE,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "prepare_threshold": 1, **({"options": with_limits} if with_limits else {})},
    }
