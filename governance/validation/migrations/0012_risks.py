"""A package names every open risk of the system as it is when it is submitted."""

from django.db import migrations

from governance.ledger.operations import SealCheck

COLUMNS = ("id", "state", "likelihood", "consequence", "residual_likelihood", "residual_consequence", "title")
SAID = ", ".join(f"m->'{name}'" for name in COLUMNS)
IS_SO = ", ".join(f"k.{name}" for name in COLUMNS)
UNTRUE = f"""
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND t.op = 'I' AND b.id = t.key::bigint
        JOIN inventory_release r ON r.id = b.release_id
        WHERE (SELECT jsonb_agg(jsonb_build_array({SAID}) ORDER BY (m->>'id')::bigint)
               FROM jsonb_array_elements(b.manifest::jsonb->'risks') m)
              IS DISTINCT FROM
              (SELECT jsonb_agg(jsonb_build_array({IS_SO}) ORDER BY k.id)
               FROM inventory_risk k WHERE k.system_id = r.system_id AND k.state <> 'closed')"""


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0011_dependencies"), ("inventory", "0009_risks")]
    operations = [
        SealCheck(
            "package_risks_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say which risks are open",
        ),
    ]
