"""Analyses, comparisons and summaries of incidents come under the ledger; nothing of them is rewritten.

What an analysis says is taken back at most; a summary is decided on once. When the transaction is sealed: nothing is
asked below a root cause, no question of the chain is missing, and only a risk of the same system foresees an incident.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

once = import_module("incidents.migrations.0007_review_ledger").once
put_away = import_module("incidents.migrations.0008_put_away")
TAKEN = ("taken_back_at", "taken_back_by_id")
BACK = "OLD.taken_back_at IS NOT NULL"
STATEMENTS = [
    once("incidents_why", TAKEN, BACK, "why_frozen", "what an analysis says is taken back at most"),
    once(
        "incidents_contributingfactor",
        TAKEN,
        BACK,
        "contributingfactor_frozen",
        "what an analysis says is taken back at most",
    ),
    once("incidents_similarincident", TAKEN, BACK, "similarincident_frozen", "a link is taken back at most"),
    once(
        "incidents_foresight",
        ("risk_id", *TAKEN),
        f"{BACK} OR (OLD.risk_id IS NOT NULL AND NEW.risk_id IS DISTINCT FROM OLD.risk_id)",
        "foresight_frozen",
        "what was said of foreseeing is taken back at most",
    ),
    once(
        "incidents_publicsummary",
        ("approved", "decided_at", "decided_by_id", "decision"),
        "OLD.decided_at IS NOT NULL",
        "publicsummary_frozen",
        "a summary keeps its words and is decided once",
    ),
    put_away.in_person("incidents_publicsummary", "decided_by_id", put_away.moved("decided_by_id")),
]
BROKEN = """
        SELECT FROM touched t
        JOIN incidents_why w ON t.table_name = 'incidents_why' AND w.id = t.key::bigint
        JOIN LATERAL (SELECT count(*) AS asked, max(o.number) AS last, max(o.number) FILTER (WHERE o.root) AS root
            FROM incidents_why o WHERE o.incident_id = w.incident_id AND o.taken_back_at IS NULL) AS chain ON true
        WHERE chain.asked <> coalesce(chain.last, 0) OR chain.root < chain.last"""

STRANGE = """
        SELECT FROM touched t
        JOIN incidents_foresight f ON t.table_name = 'incidents_foresight' AND f.id = t.key::bigint
        JOIN incidents_incident i ON i.id = f.incident_id
        JOIN inventory_risk r ON r.id = f.risk_id
        WHERE r.system_id <> i.system_id"""


class Migration(migrations.Migration):
    """Ledger, guards and check of the seal."""

    dependencies = [("incidents", "0008_put_away")]
    operations = [
        Govern("incidents_contributingfactor", scope="incident__system"),
        Govern("incidents_foresight", scope="incident__system"),
        Govern("incidents_publicsummary", scope="incident__system"),
        Govern("incidents_similarincident", scope="incident__system"),
        Govern("incidents_why", scope="incident__system"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "why_chain_is_whole",
            tables=("incidents_why",),
            violation=BROKEN,
            message="a question stands below a root cause, or one of the chain is missing",
        ),
        SealCheck(
            "foresight_of_one_system",
            tables=("incidents_foresight",),
            violation=STRANGE,
            message="a risk of another system foresaw an incident",
        ),
    ]
