"""Reviews, what action items became and versions of playbooks come under the ledger, with what they refuse.

At once: a complete review stays as it is until its incident is reopened, a version that was decided on stays decided.
When the transaction is sealed: what the policy wants reviewed in full is not closed before.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck
from governance.ledger.triggers import function

guards = import_module("incidents.migrations.0003_guards")


def once(table: str, open_columns: tuple[str, ...], settled: str, constraint: str, message: str) -> str:
    """A trigger that refuses a change of any column but these, and of these too once `settled` holds."""
    kept = "ARRAY[{}]::text[]".format(", ".join(f"'{column}'" for column in open_columns))
    name = f"{table}_frozen"
    body = f"""
BEGIN
    IF (to_jsonb(NEW) - {kept}) IS DISTINCT FROM (to_jsonb(OLD) - {kept})
        OR (({settled}) AND to_jsonb(NEW) IS DISTINCT FROM to_jsonb(OLD)) THEN
        {guards.refuse(constraint, message)}
    END IF;
    RETURN NEW;
END """
    when = "BEFORE UPDATE ON {table} FOR EACH ROW"
    return str(function(name, body) + guards.trigger(name, table, when, name))


STATEMENTS = [
    guards.frozen("incidents_actionlink", (), "actionlink_frozen", "what an action item became stays written down"),
    guards.frozen("incidents_participant", ("agreed_at",), "participant_frozen", "who takes part stays written down"),
    once(
        "incidents_playbookversion",
        ("accepted", "decided_at", "decided_by_id", "decision"),
        "OLD.decided_at IS NOT NULL",
        "playbookversion_frozen",
        "a version of a playbook keeps its words, and is decided on once",
    ),
    once(
        "incidents_postincidentreview",
        ("response", "detection", "analysis", "mitigation", "updated_at", "completed_at", "completed_by_id"),
        "OLD.completed_at IS NOT NULL AND NEW.completed_at IS NOT NULL",
        "postincidentreview_frozen",
        "a complete review stays as it is",
    ),
]

UNREVIEWED = f"""
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT r.incident_id FROM touched t JOIN incidents_postincidentreview r
                ON t.table_name = 'incidents_postincidentreview' AND r.id = t.key::bigint) AS story
        JOIN incidents_incident i USING (id)
        JOIN LATERAL {guards.rules_at("i.closed_at")} AS rules ON EXISTS (
            SELECT FROM jsonb_array_elements(rules.section->'severities') s
            WHERE s->>'id' = i.severity AND (s->>'full_review')::boolean)
        WHERE i.state = 'closed' AND NOT EXISTS (
            SELECT FROM incidents_postincidentreview r WHERE r.incident_id = i.id AND r.completed_at IS NOT NULL)"""


class Migration(migrations.Migration):
    """Ledger, guards and check of the seal."""

    dependencies = [("incidents", "0006_monitoring")]
    operations = [
        Govern("incidents_actionlink", scope="action__incident__system"),
        Govern("incidents_playbookversion", scope="incident__system"),
        Govern("incidents_postincidentreview", scope="incident__system"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "incident_reviewed_before_close",
            tables=("incidents_incident", "incidents_postincidentreview"),
            violation=UNREVIEWED,
            message="an incident is closed before its review is complete",
        ),
    ]
