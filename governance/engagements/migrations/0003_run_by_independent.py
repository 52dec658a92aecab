"""Who is audited neither says who is on the team nor begins, ends or settles the audit; nor does its team settle it."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_audits = import_module("governance.engagements.migrations.0002_guards")
_routes = import_module("governance.validation.migrations.0018_shorter_routes")
_settled = import_module("governance.validation.migrations.0007_reopening")

# By a role: who only described a record, as whoever registers systems does, runs the audit of them all the same.
BUILDS = _audits.BUILDS.partition("\n          OR EXISTS (")[0].replace("m.person_id", "t.actor_id") + ")"
BUILDER = f"""EXISTS (SELECT FROM engagements_covered c
                JOIN inventory_system y ON y.id = c.system_id
                JOIN engagements_engagement e ON e.id = c.engagement_id
                WHERE c.engagement_id = {{}} AND {BUILDS})"""
MEMBER = """EXISTS (SELECT FROM engagements_member m
                WHERE m.engagement_id = t.key::bigint AND m.person_id = t.actor_id)"""
ENDED = f"""THEN {_settled.is_actor("ended_by_id")} AND NOT {BUILDER.format("t.key::bigint")}
                AND (t.after->>'state' = 'cancelled' OR NOT {MEMBER})
            WHEN t.after->>'state' = 'running' THEN NOT {BUILDER.format("t.key::bigint")}"""
MOVED = _routes.changed(_audits.MOVED, f"THEN {_settled.is_actor('ended_by_id')}", ENDED)
STAFFED = f"""
        SELECT FROM touched t
        JOIN engagements_member x ON t.table_name = 'engagements_member' AND x.id = t.key::bigint
        WHERE {BUILDER.format("x.engagement_id")}"""


class Migration(migrations.Migration):
    """One check put differently, one more."""

    dependencies = [("engagements", "0002_guards"), ("validation", "0018_shorter_routes")]
    operations = [
        SealCheck(
            "engagement_by_actor",
            tables=("engagements_engagement",),
            violation=MOVED,
            message="an audit is planned, reported and ended in ones own name, and run by nobody it looks at",
        ),
        SealCheck(
            "engagement_staffed_by_independent",
            tables=("engagements_member",),
            violation=STAFFED,
            message="who builds what is audited does not say who is on the team",
        ),
    ]
