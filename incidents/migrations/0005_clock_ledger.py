"""Regulator clocks come under the ledger; what was started keeps its words, and nothing is closed with a report owed."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

guards = import_module("incidents.migrations.0003_guards")

FROZEN = guards.frozen(
    "incidents_regulatorclock",
    ("reported_at", "reported_by_id", "report", "reference", "dropped_at", "dropped_by_id", "drop_reason"),
    "regulatorclock_frozen",
    "a clock keeps when it began and ends",
)
OWED = """
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT c.incident_id FROM touched t JOIN incidents_regulatorclock c
                ON t.table_name = 'incidents_regulatorclock' AND c.id = t.key::bigint) AS story
        JOIN incidents_incident i USING (id)
        JOIN incidents_regulatorclock c ON c.incident_id = i.id
        WHERE i.state IN ('closed', 'dismissed', 'duplicate')
          AND c.binding AND c.reported_at IS NULL AND c.dropped_at IS NULL"""


class Migration(migrations.Migration):
    """Ledger, guard and check of the seal."""

    dependencies = [("incidents", "0004_response_ledger")]
    operations = [
        Govern("incidents_regulatorclock", scope="incident__system"),
        migrations.RunSQL(FROZEN, migrations.RunSQL.noop),
        SealCheck(
            "incident_owes_no_report",
            tables=("incidents_incident", "incidents_regulatorclock"),
            violation=OWED,
            message="an incident is put away while a report is owed",
        ),
    ]
