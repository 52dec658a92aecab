"""A measurement belongs to a known system: checked once for all rows of a statement.

A foreign key asks for each row, an eighth of what keeping a batch costs. The other half of a foreign key, that nothing
pointed at goes away, the ledger holds: no system is ever deleted, truncated or given another key.
"""

from django.db import migrations

from governance.ledger.triggers import Trigger, function

NAME = "measurement_of_system"
BODY = f"""
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT r.system_id FROM new_rows r) named
        WHERE NOT EXISTS (SELECT FROM public.inventory_system s WHERE s.id = named.system_id)
    ) THEN
        RAISE EXCEPTION 'a measurement belongs to a system that is known'
            USING ERRCODE = '23503', CONSTRAINT = '{NAME}', TABLE = 'incidents_measurement';
    END IF;
    RETURN NULL;
END """
WHEN = "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"


class Migration(migrations.Migration):
    """Function and trigger."""

    dependencies = [("incidents", "0012_successors")]
    operations = [
        migrations.RunSQL(
            function(NAME, BODY) + Trigger(NAME, "incidents_measurement", WHEN, NAME).sql(), migrations.RunSQL.noop
        ),
    ]
