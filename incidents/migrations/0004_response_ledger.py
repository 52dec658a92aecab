"""Participants, temporary measures, stops and evidence holds come under the ledger, with what they refuse.

At once: what was written keeps its words. When the transaction is sealed: nothing is put away while a temporary
measure stands or evidence is held, and a severe incident's checks were passed by somebody else.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

guards = import_module("incidents.migrations.0003_guards")

STATEMENTS = [
    guards.frozen("incidents_participant", (), "participant_frozen", "who takes part stays written down"),
    guards.frozen("incidents_stop", (), "stop_frozen", "what was stopped stays written down"),
    guards.frozen(
        "incidents_temporarymeasure",
        ("ended_at", "ended_by_id", "outcome"),
        "temporarymeasure_frozen",
        "a temporary measure keeps its words and its end",
    ),
    guards.frozen(
        "incidents_evidencehold",
        ("lifted_at", "lifted_by_id", "lift_reason"),
        "evidencehold_frozen",
        "a hold on evidence keeps its words",
    ),
]

STANDING = """
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT m.incident_id FROM touched t JOIN incidents_temporarymeasure m
                ON t.table_name = 'incidents_temporarymeasure' AND m.id = t.key::bigint) AS story
        JOIN incidents_incident i USING (id)
        JOIN incidents_temporarymeasure m ON m.incident_id = i.id AND m.ended_at IS NULL
        WHERE i.state NOT IN ('reported', 'triaged', 'contained')"""
HELD = """
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT h.incident_id FROM touched t JOIN incidents_evidencehold h
                ON t.table_name = 'incidents_evidencehold' AND h.id = t.key::bigint) AS story
        JOIN incidents_incident i USING (id)
        JOIN incidents_evidencehold h ON h.incident_id = i.id AND h.lifted_at IS NULL
        WHERE i.state IN ('closed', 'dismissed', 'duplicate')"""
OWN_CHECKS = """
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'incidents_incident'
            UNION SELECT c.incident_id FROM touched t JOIN incidents_servicecheck c
                ON t.table_name = 'incidents_servicecheck' AND c.id = t.key::bigint) AS story
        JOIN incidents_incident i USING (id)
        JOIN incidents_servicecheck c ON c.incident_id = i.id
        WHERE i.two_person_close AND c.passed_by_id IN (c.added_by_id, i.commander_id)"""


class Migration(migrations.Migration):
    """Ledger, guards and checks of the seal."""

    dependencies = [("incidents", "0003_guards")]
    operations = [
        Govern("incidents_evidencehold", scope="incident__system"),
        Govern("incidents_participant", scope="incident__system"),
        Govern("incidents_stop", scope="incident__system"),
        Govern("incidents_temporarymeasure", scope="incident__system"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "incident_without_measures",
            tables=("incidents_incident", "incidents_temporarymeasure"),
            violation=STANDING,
            message="an incident is over while a temporary measure stands",
        ),
        SealCheck(
            "incident_evidence_free",
            tables=("incidents_incident", "incidents_evidencehold"),
            violation=HELD,
            message="an incident is put away while its evidence is held",
        ),
        SealCheck(
            "servicecheck_by_another",
            tables=("incidents_incident", "incidents_servicecheck"),
            violation=OWN_CHECKS,
            message="a check of a severe incident is passed by whoever wrote it down or leads",
        ),
    ]
