"""Application: ledger."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, connections
from django.db.models.signals import post_migrate, pre_migrate

from governance.database import health
from governance.ledger.catalogue import faults
from governance.ledger.fingerprint import record_fingerprint
from governance.ledger.shapes import record_shapes


class LedgerConfig(AppConfig):
    """Registers this application with Django, and the name under which migrations write."""

    name = "governance.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Migrations act as `system:migrate`, and what they reshaped is recorded; nothing is served undefended."""
        pre_migrate.connect(name_the_migration, sender=self, dispatch_uid="ledger.name_the_migration")
        import_module("governance.ledger.checks")
        post_migrate.connect(follow_the_migration, sender=self, dispatch_uid="ledger.follow_the_migration")
        # The last one told: all others have written what they write. Applications without models are told nothing.
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(fingerprint_the_schema, sender=last, dispatch_uid="ledger.fingerprint_the_schema")
        health.add("ledger", standing)


def standing() -> str:
    """What is wrong with the ledger's triggers, functions and privileges; empty when all defences stand."""
    return " ".join(faults(connection))


def name_the_migration(using: str, **kwargs: Any) -> None:
    """Name who writes when a migration moves governed rows."""
    acting = {"actor_kind": "system", "actor_name": "system:migrate", "door": "command", "verb": "portal.migrate"}
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', %s, false)", [json.dumps(acting)])


def follow_the_migration(using: str, **kwargs: Any) -> None:
    """Record the new shape of every table the migration reshaped, once the ledger's tables are there."""
    if _stands(using):
        record_shapes(connections[using])


def fingerprint_the_schema(using: str, **kwargs: Any) -> None:
    """Record which functions, triggers, constraints and grants the migration made, changed or removed."""
    if _stands(using):
        record_fingerprint(connections[using])


def _stands(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.ledger_sealcheck') IS NOT NULL")
        return bool(cursor.fetchone()[0])
