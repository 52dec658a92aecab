"""Readiness, start and deployment check ask whether the ledger's defences stand."""

from __future__ import annotations

from django.db import connection

from governance.database import health
from governance.ledger.catalogue import faults


def defences() -> str:
    """What is missing or changed among triggers, functions and privileges, as one text; empty when all stand."""
    return " ".join(faults(connection))


health.add("ledger", defences)
