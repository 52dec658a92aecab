"""Saved mappings come under the ledger, and a version stays what it was."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

_kept = import_module("inventory.migrations.0006_kept")

VERSION = f"""
BEGIN
    {_kept.refuse("savedmapping_append_only", "a version of a mapping never changes")}
END """
TRIGGER = Trigger(
    "inventory_mapping_kept", "inventory_savedmapping", "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
    "inventory_mapping_kept",
)  # fmt: skip


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0018_legacy_approvals")]
    operations = [
        Govern("inventory_savedmapping"),
        migrations.RunSQL(function("inventory_mapping_kept", VERSION) + TRIGGER.sql(), migrations.RunSQL.noop),
    ]
