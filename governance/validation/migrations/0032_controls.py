"""A package names the newest word on every control of the system and of the assets it depends on."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_packages = import_module("governance.validation.migrations.0016_failure_modes")

NEWEST = """(
    SELECT DISTINCT ON (f.system_id, f.asset_id, f.control) f.* FROM inventory_controlfact f
    WHERE f.system_id = r.system_id OR f.asset_id IN (
        SELECT d.on_asset_id FROM inventory_dependency d
        WHERE d.system_id = r.system_id AND d.ended_at IS NULL AND d.on_asset_id IS NOT NULL)
    ORDER BY f.system_id, f.asset_id, f.control, f.id DESC) k"""
CONTROLS = _packages.untrue(
    "controls",
    "m->'id', m->'control', m->'state', m->'note', m->'url', m->>'stated_on'",
    "k.id, k.control, k.state, k.note, k.url, k.stated_on::text",
    NEWEST,
)


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0031_lenders"), ("inventory", "0015_controls")]
    operations = [
        SealCheck(
            "package_controls_agrees",
            tables=("validation_submission",),
            violation=CONTROLS,
            message="a package does not say how its controls stand",
        )
    ]
