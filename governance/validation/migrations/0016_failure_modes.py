"""A package names every failure mode that counts and every look-alike with its answer."""

from django.db import migrations

from governance.ledger.operations import SealCheck


def untrue(key: str, said: str, is_so: str, source: str) -> str:
    """Submissions whose manifest says something else under `key` than the records do."""
    return f"""
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND t.op = 'I' AND b.id = t.key::bigint
        JOIN inventory_release r ON r.id = b.release_id
        WHERE (SELECT jsonb_agg(jsonb_build_array({said}) ORDER BY (m->>'id')::bigint)
               FROM jsonb_array_elements(b.manifest::jsonb->'{key}') m)
              IS DISTINCT FROM
              (SELECT jsonb_agg(jsonb_build_array({is_so}) ORDER BY k.id) FROM {source})"""


MODES = untrue(
    "failure_modes",
    "m->'id', m->'what', m->'who', m->'when', m->'how'",
    'k.id, k.what, k.who, k."when", k.how',
    "inventory_failuremode k WHERE k.system_id = r.system_id AND k.ended_at IS NULL",
)
ALIKES = untrue(
    "look_alikes",
    "m->'id', m->'number', m->'answer', m->'reason'",
    "k.id, i.number, k.answer, k.reason",
    "inventory_lookalike k JOIN inventory_pastincident i ON i.id = k.incident_id WHERE k.system_id = r.system_id",
)


class Migration(migrations.Migration):
    """Two more checks the seal runs."""

    dependencies = [("validation", "0015_undecided_waivers"), ("inventory", "0011_failure_modes")]
    operations = [
        SealCheck(
            f"package_{name}_agrees",
            tables=("validation_submission",),
            violation=violation,
            message=f"a package does not say which {words}",
        )
        for name, violation, words in (
            ("failure_modes", MODES, "failure modes are known"),
            ("look_alikes", ALIKES, "past incidents look alike"),
        )
    ]
