"""Application: ledger."""

from __future__ import annotations

import json
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class LedgerConfig(AppConfig):
    """Registers this application with Django, and the name under which migrations write."""

    name = "governance.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Migrations act as `system:migrate`, on the connection they use."""
        pre_migrate.connect(name_the_migration, sender=self, dispatch_uid="ledger.name_the_migration")


def name_the_migration(using: str, **kwargs: Any) -> None:
    """Name who writes when a migration moves governed rows."""
    acting = {"actor_kind": "system", "actor_name": "system:migrate", "door": "command", "verb": "portal.migrate"}
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', %s, false)", [json.dumps(acting)])
