"""A severe incident is put away, and its measures ended, by another person; nothing is confirmed in another's name.

At once: who confirms, ends, lifts, drops, agrees, completes or decides is whoever acts. When the transaction is
sealed: dismissing a severe incident, or marking it a duplicate, is no way round the two people who close one.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import function

guards = import_module("incidents.migrations.0003_guards")

# Table → the column that names who did it; a null takes back and names nobody.
IN_PERSON = {
    "incidents_actionitem": "done_by_id",
    "incidents_evidencehold": "lifted_by_id",
    "incidents_playbookversion": "decided_by_id",
    "incidents_postincidentreview": "completed_by_id",
    "incidents_regulatorclock": "dropped_by_id",
    "incidents_servicecheck": "passed_by_id",
    "incidents_temporarymeasure": "ended_by_id",
}


def in_person(table: str, who: str, moved: str) -> str:
    """A trigger that refuses to have somebody else named than who acts."""
    name = f"{table}_in_person"
    body = f"""
DECLARE
    acting jsonb := {guards.ACTING};
BEGIN
    IF {moved} AND NOT coalesce(NEW.{who} = (acting->>'actor_id')::bigint AND acting->>'actor_kind' = 'human', false) THEN
        {guards.refuse("incident_in_person", "what is done about an incident is done by whoever acts")}
    END IF;
    RETURN NEW;
END """
    return function(name, body) + str(guards.trigger(name, table, "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW", name))


def moved(column: str) -> str:
    """Whether a column was filled, or filled anew."""
    return f"NEW.{column} IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.{column} IS DISTINCT FROM OLD.{column})"


STATEMENTS = [
    *(in_person(table, who, moved(who)) for table, who in IN_PERSON.items()),
    in_person("incidents_participant", "person_id", moved("agreed_at")),
]
PUT_AWAY = """
        SELECT FROM touched t
        JOIN incidents_incident i ON t.table_name = 'incidents_incident' AND i.id = t.key::bigint
        WHERE i.two_person_close AND t.after->>'state' IN ('dismissed', 'duplicate')
          AND t.before->>'state' IS DISTINCT FROM t.after->>'state'
          AND (t.actor_id IS NULL OR t.actor_id = i.reporter_id OR t.actor_id = i.commander_id)"""
LESS_SEVERE = """
        SELECT FROM touched t
        JOIN incidents_incident i ON t.table_name = 'incidents_incident' AND i.id = t.key::bigint
        JOIN incidents_incident o ON o.id = i.duplicate_of_id
        WHERE i.state = 'duplicate' AND i.two_person_close AND NOT o.two_person_close"""
ENDED = """
        SELECT FROM touched t
        JOIN incidents_temporarymeasure m ON t.table_name = 'incidents_temporarymeasure' AND m.id = t.key::bigint
        JOIN incidents_incident i ON i.id = m.incident_id
        WHERE i.two_person_close AND m.ended_by_id = m.taken_by_id AND t.before->>'ended_by_id' IS NULL"""


class Migration(migrations.Migration):
    """Guards and checks of the seal."""

    dependencies = [("incidents", "0007_review_ledger")]
    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "incident_severe_put_away_by_another",
            tables=("incidents_incident",),
            violation=PUT_AWAY,
            message="a severe incident is put away by its reporter or commander",
        ),
        SealCheck(
            "incident_duplicate_as_severe",
            tables=("incidents_incident",),
            violation=LESS_SEVERE,
            message="a severe incident is marked a duplicate of one that a single person could end",
        ),
        SealCheck(
            "temporarymeasure_ended_by_another",
            tables=("incidents_temporarymeasure",),
            violation=ENDED,
            message="a measure of a severe incident is ended by whoever took it",
        ),
    ]
