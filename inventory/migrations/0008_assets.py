"""Assets and dependencies come under the ledger; what was said of a version or an edge stays said."""

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck, Transitions
from governance.ledger.triggers import Trigger, function
from inventory.lifecycle import ASSET


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


VERSION = f"""
BEGIN
    {refuse("assetversion_append_only", "a version of an asset never changes")}
END """
# An edge ends once, and nothing else of it changes; the version it names is one of the asset it leads to.
EDGE = f"""
BEGIN
    IF TG_OP = 'UPDATE' AND (
        OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
        OR (OLD.system_id, OLD.asset_id, OLD.on_system_id, OLD.on_asset_id, OLD.version_id, OLD.relation, OLD.note,
            OLD.created_by_id, OLD.created_at)
           IS DISTINCT FROM
           (NEW.system_id, NEW.asset_id, NEW.on_system_id, NEW.on_asset_id, NEW.version_id, NEW.relation, NEW.note,
            NEW.created_by_id, NEW.created_at)) THEN
        {refuse("dependency_is_not_changed", "a dependency is ended and said anew, never changed")}
    END IF;
    IF NEW.version_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.inventory_assetversion v WHERE v.id = NEW.version_id AND v.asset_id = NEW.on_asset_id) THEN
        {refuse("dependency_version_of_the_asset", "the version is none of the asset")}
    END IF;
    RETURN NEW;
END """
EACH = "{table} FOR EACH ROW"
GUARDS = (
    ("inventory_assetversion_kept", VERSION, "inventory_assetversion", f"BEFORE UPDATE OR DELETE ON {EACH}"),
    ("inventory_dependency_kept", EDGE, "inventory_dependency", f"BEFORE INSERT OR UPDATE ON {EACH}"),
)
# Who stopped an asset is who acted, and somebody else returns it to use.
STOPPED = """
        SELECT FROM touched t
        WHERE t.table_name = 'inventory_asset' AND t.op = 'U'
          AND t.after->>'state' IS DISTINCT FROM t.before->>'state'
          AND ((t.after->>'state_by_id')::bigint IS DISTINCT FROM t.actor_id
               OR (t.after->>'state' = 'active' AND (t.before->>'state_by_id')::bigint = t.actor_id))"""


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0007_evidence"), ("ledger", "0002_sealing")]
    operations = [
        Govern("inventory_asset", volatile=["search"]),
        Govern("inventory_assetversion"),
        Govern("inventory_dependency", scope="system"),
        Transitions("inventory_asset", "state", ASSET, initial=["active"]),
        *[
            migrations.RunSQL(function(name, body) + Trigger(name, table, when, name).sql(), migrations.RunSQL.noop)
            for name, body, table, when in GUARDS
        ],
        SealCheck(
            "asset_restored_by_another",
            tables=("inventory_asset",),
            violation=STOPPED,
            message="an asset is returned to use by somebody other than who stopped it",
        ),
    ]
