"""`check --deploy`, the part that asks the database."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from governance.database import health

EMBEDDED = Warning(
    "The embedded database serves production: its role split stops mistakes, not the account that runs the portal.",
    hint="Set DATABASE_URL to a PostgreSQL server of its own; see governance/docs/production.md.",
    id="database.W001",
)


NUMBERS = {"role": "database.E002", "migrations": "database.E003", "clock": "database.E004"}


@register(Tags.security, deploy=True)
def database_is_fit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a runtime role with an owner's rights, a missing migration or trigger, and a wrong clock."""
    found: list[CheckMessage] = [EMBEDDED] if health.is_embedded() else []
    try:
        asked = health.standing()
    except DatabaseError as error:
        return [*found, Error(f"The database cannot be reached: {error}", id="database.E001")]
    return [*found, *(Error(each.fault, id=NUMBERS.get(each.name, "database.E005")) for each in asked if each.fault)]
