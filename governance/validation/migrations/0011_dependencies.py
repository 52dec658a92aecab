"""A package names everything the system depends on as it is when it is submitted, and is bound to it."""

from django.db import migrations

from governance.ledger.operations import SealCheck

UNTRUE = """
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND t.op = 'I' AND b.id = t.key::bigint
        JOIN inventory_release r ON r.id = b.release_id
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_array(m->'on', m->'version', m->'relation') ORDER BY m->>'on') AS edges,
                   jsonb_agg(jsonb_build_array(m->'on', m->'version') ORDER BY m->>'on') AS bound
            FROM jsonb_array_elements(b.manifest::jsonb->'dependencies') m) said
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_array(e.end_name, e.version, e.relation) ORDER BY e.end_name) AS edges
            FROM (SELECT coalesce('asset:' || a.slug, 'system:' || y.slug) AS end_name, d.relation,
                         coalesce(v.version, (SELECT n.version FROM inventory_assetversion n
                                              WHERE n.asset_id = d.on_asset_id ORDER BY n.id DESC LIMIT 1), '') AS version
                  FROM inventory_dependency d
                  LEFT JOIN inventory_asset a ON a.id = d.on_asset_id
                  LEFT JOIN inventory_system y ON y.id = d.on_system_id
                  LEFT JOIN inventory_assetversion v ON v.id = d.version_id
                  WHERE d.system_id = r.system_id AND d.ended_at IS NULL) e) so
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(m ORDER BY m->>0) AS bound FROM jsonb_array_elements(b.dependencies) m) kept
        WHERE said.edges IS DISTINCT FROM so.edges OR said.bound IS DISTINCT FROM kept.bound"""


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0010_waivers"), ("inventory", "0008_assets")]
    operations = [
        SealCheck(
            "package_dependencies_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say what the system depends on",
        ),
    ]
