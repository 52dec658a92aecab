"""What the database refuses by itself about incidents, whoever writes and through whatever door.

At once: what was reported never changes, a grade that needs two people to close keeps needing them, an incident that
is over stays as it was left, notes are never changed. When the transaction is sealed: the story agrees with itself
and with the pack that was in force.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import Trigger, function

ACTING = "nullif(current_setting('ledger.acting', true), '')::jsonb"


def trigger(name: str, table: str, when: str, execute: str) -> str:
    """Statements for an always enabled trigger."""
    return Trigger(name, table, when, execute).sql()


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


def frozen(table: str, open_columns: tuple[str, ...], constraint: str, message: str) -> str:
    """A trigger that refuses a change of any column but these; columns added later are frozen by default."""
    kept = "ARRAY[{}]::text[]".format(", ".join(f"'{column}'" for column in open_columns))
    name = f"{table}_frozen"
    body = f"""
BEGIN
    IF (to_jsonb(NEW) - {kept}) IS DISTINCT FROM (to_jsonb(OLD) - {kept}) THEN
        {refuse(constraint, message)}
    END IF;
    RETURN NEW;
END """
    return function(name, body) + trigger(name, table, "BEFORE UPDATE ON {table} FOR EACH ROW", name)


REPORTED = (
    "ARRAY['id', 'system_id', 'title', 'type', 'occurred_at', 'aware_at', 'reported_at', 'reporter_id']::text[]"
)
INCIDENT = f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    IF EXISTS (SELECT FROM unnest({REPORTED}) AS kept (name)
               WHERE to_jsonb(NEW)->kept.name IS DISTINCT FROM to_jsonb(OLD)->kept.name) THEN
        {refuse("incident_frozen", "what was reported never changes")}
    END IF;
    IF OLD.state IN ('closed', 'dismissed', 'duplicate') AND NEW.state = OLD.state THEN
        {refuse("incident_over", "an incident that is over stays as it was left")}
    END IF;
    IF OLD.two_person_close AND NOT NEW.two_person_close THEN
        {refuse("incident_stays_severe", "what needs two people to close keeps needing them")}
    END IF;
    IF OLD.commander_id IS NOT NULL AND NEW.commander_id IS DISTINCT FROM OLD.commander_id THEN
        {refuse("incident_commander_stays", "who leads an incident is named once")}
    END IF;
    IF NEW.state = 'closed' AND OLD.state <> 'closed'
        AND (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.closed_by_id THEN
        {refuse("incident_closed_in_person", "an incident is closed by whoever acts")}
    END IF;
    RETURN NEW;
END """

STATEMENTS = [
    function("incidents_incident_guarded", INCIDENT),
    trigger(
        "incidents_incident_guarded",
        "incidents_incident",
        "BEFORE UPDATE ON {table} FOR EACH ROW",
        "incidents_incident_guarded",
    ),
    frozen("incidents_affectedrelease", (), "affectedrelease_frozen", "what an incident names it keeps naming"),
    frozen("incidents_timelineentry", (), "timelineentry_frozen", "a note is never changed"),
    frozen(
        "incidents_servicecheck",
        ("passed_at", "passed_by_id", "evidence"),
        "servicecheck_frozen",
        "a check keeps its words",
    ),
    frozen("incidents_actionitem", ("done_at", "done_by_id"), "actionitem_frozen", "an action item keeps its words"),
]

TOUCHED = """
        SELECT FROM (WITH stories AS (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT c.incident_id FROM touched t JOIN incidents_servicecheck c
                ON t.table_name = 'incidents_servicecheck' AND c.id = t.key::bigint
            UNION SELECT a.incident_id FROM touched t JOIN incidents_affectedrelease a
                ON t.table_name = 'incidents_affectedrelease' AND a.id = t.key::bigint
        )"""


def rules_at(instant: str) -> str:
    """The incident section of the pack in force at an instant."""
    return f"""(SELECT k.document->'incidents' AS section FROM policy_pack k
             WHERE k.state = 'adopted' AND k.effective_from <= {instant}
             ORDER BY k.effective_from DESC, k.id DESC LIMIT 1)"""


UNCHECKED = f"""{TOUCHED}
        SELECT i.id FROM incidents_incident i JOIN stories USING (id)
        WHERE i.state IN ('resolved', 'closed')
          AND (NOT EXISTS (SELECT FROM incidents_servicecheck c WHERE c.incident_id = i.id)
               OR EXISTS (SELECT FROM incidents_servicecheck c
                          WHERE c.incident_id = i.id AND c.passed_at IS NULL))) AS violations"""
STRANGE = f"""{TOUCHED}
        SELECT i.id FROM incidents_incident i JOIN stories USING (id)
        WHERE EXISTS (SELECT FROM incidents_affectedrelease a JOIN inventory_release r ON r.id = a.release_id
                      WHERE a.incident_id = i.id AND r.system_id <> i.system_id)
           OR EXISTS (SELECT FROM inventory_release r WHERE r.id = i.remedy_release_id AND r.system_id <> i.system_id)
           OR EXISTS (SELECT FROM incidents_incident o
                      WHERE o.id = i.duplicate_of_id AND (o.id = i.id OR o.system_id <> i.system_id))
        ) AS violations"""
MISGRADED = f"""
        SELECT FROM touched t
        JOIN incidents_incident i ON t.table_name = 'incidents_incident' AND t.op = 'I' AND i.id = t.key::bigint
        LEFT JOIN LATERAL {rules_at("i.reported_at")} AS rules ON true
        WHERE (rules.section->'matrix'->i.impact->>i.urgency) IS DISTINCT FROM i.severity
           OR (NOT i.two_person_close AND EXISTS (
                SELECT FROM jsonb_array_elements(rules.section->'severities') s
                WHERE s->>'id' = i.severity AND (s->>'two_people_close')::boolean))"""
INCOMPLETE = f"""
        SELECT FROM touched t
        JOIN incidents_incident i ON t.table_name = 'incidents_incident' AND i.id = t.key::bigint
        JOIN LATERAL {rules_at("i.closed_at")} AS rules ON rules.section->'closing' IS NOT NULL
        WHERE i.state = 'closed'
          AND ((rules.section->'closing' @> '["root_cause"]' AND i.root_cause = '')
            OR (rules.section->'closing' @> '["impact"]' AND i.impact_by_class = '{{}}'::jsonb)
            OR (rules.section->'closing' @> '["review"]' AND i.review = '')
            OR (rules.section->'closing' @> '["action_items"]' AND NOT EXISTS (
                SELECT FROM incidents_actionitem a WHERE a.incident_id = i.id AND a.playbook = '')))"""


class Migration(migrations.Migration):
    """Guards and checks of the seal."""

    dependencies = [
        ("incidents", "0002_ledger"),
        ("inventory", "0001_initial"),
        ("policy", "0001_initial"),
        ("database", "0001_clock"),
    ]
    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "incident_resolved_when_checked",
            tables=("incidents_incident", "incidents_servicecheck"),
            violation=UNCHECKED,
            message="an incident is resolved while a return-to-service check is open",
        ),
        SealCheck(
            "incident_of_one_system",
            tables=("incidents_incident", "incidents_affectedrelease"),
            violation=STRANGE,
            message="an incident names what belongs to another system",
        ),
        SealCheck(
            "incident_graded_by_the_pack",
            tables=("incidents_incident",),
            violation=MISGRADED,
            message="an incident is graded otherwise than the pack in force grades it",
        ),
        SealCheck(
            "incident_closed_when_complete",
            tables=("incidents_incident",),
            violation=INCOMPLETE,
            message="an incident is closed before it is complete",
        ),
    ]
