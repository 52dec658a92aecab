"""A package names the newest results of its release."""

from django.db import migrations

from governance.ledger.operations import SealCheck

UNTRUE = """
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND t.op = 'I' AND b.id = t.key::bigint
        WHERE (SELECT jsonb_agg(jsonb_build_array(m->'id', m->'metric', m->'slice', m->'value', m->'threshold')
                                ORDER BY (m->>'id')::bigint)
               FROM jsonb_array_elements(b.manifest::jsonb->'evaluations') m)
              IS DISTINCT FROM
              (SELECT jsonb_agg(jsonb_build_array(e.id, e.metric, e.slice, e.value::text, e.threshold::text)
                                ORDER BY e.id)
               FROM (SELECT DISTINCT ON (n.metric, n.slice, n.method) n.* FROM inventory_evaluation n
                     WHERE n.release_id = b.release_id
                     ORDER BY n.metric, n.slice, n.method, n.id DESC) e)"""


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0013_checklists"), ("inventory", "0010_evaluations")]
    operations = [
        SealCheck(
            "package_evaluations_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say what was measured",
        ),
    ]
