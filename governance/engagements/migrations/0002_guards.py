"""Engagements under the ledger: frozen where they are records, acted on in ones own name, by people who did not build."""

from importlib import import_module

from django.db import migrations

from governance.engagements.lifecycle import AUDIT_FINDING, ENGAGEMENT
from governance.ledger.operations import Govern, SealCheck, Transitions

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")

ENGAGEMENT_OPEN = (
    "state", "summary", "report_id", "report_name", "reported_by_id", "reported_at", "next_at", "ended_by_id",
    "ended_at", "note",
)  # fmt: skip
FINDING_OPEN = ("state", "response", "responded_by_id", "verification", "verified_by_id")
BUILDS = f"""(EXISTS (
            SELECT FROM inventory_assignment a
            WHERE a.person_id = m.person_id AND a.role IN ('owner', 'deputy_owner', 'developer')
              AND (a.until IS NULL OR (a.until > e.period_from AND a.until > a.since))
              AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure u
                   WHERE u.ancestor_id = a.unit_id AND u.descendant_id = y.unit_id)))
          OR EXISTS (
            SELECT FROM validation_contribution n JOIN inventory_release r ON r.id = n.release_id
            WHERE n.person_id = m.person_id AND r.system_id = y.id AND n.at >= e.period_from))"""
TEAM = f"""
        SELECT FROM engagements_member m
        JOIN engagements_engagement e ON e.id = m.engagement_id AND e.state IN ('planned', 'running', 'reported')
        JOIN engagements_covered c ON c.engagement_id = e.id
        JOIN inventory_system y ON y.id = c.system_id
        WHERE m.left_at IS NULL AND m.until > {_settled.PRESENT}
          AND (m.id IN (SELECT t.key::bigint FROM touched t WHERE t.table_name = 'engagements_member')
               OR c.id IN (SELECT t.key::bigint FROM touched t WHERE t.table_name = 'engagements_covered')
               OR m.person_id IN (SELECT (t.after->>'person_id')::bigint FROM touched t
                                  WHERE t.table_name = 'inventory_assignment' AND t.op = 'I'))
          AND {BUILDS}"""
# A state that stayed has not been moved by anybody.
MOVED = f"""
        SELECT FROM touched t
        WHERE t.table_name = 'engagements_engagement' AND NOT CASE
            WHEN t.op = 'I' THEN {_settled.is_actor("planned_by_id")}
            WHEN t.after->>'state' IN ('closed', 'cancelled') THEN {_settled.is_actor("ended_by_id")}
            WHEN t.after->>'state' = 'reported' THEN {_settled.is_actor("reported_by_id")}
                AND EXISTS (SELECT FROM engagements_member m
                            WHERE m.engagement_id = t.key::bigint AND m.person_id = t.actor_id AND m.leads
                              AND m.left_at IS NULL AND m.until > {_settled.PRESENT})
            ELSE true END"""
ON_TEAM = f"""EXISTS (SELECT FROM engagements_member m
                WHERE m.engagement_id = f.engagement_id AND m.person_id = t.actor_id AND m.left_at IS NULL
                  AND m.until > {_settled.PRESENT})"""
FOUND = f"""
        SELECT FROM touched t
        JOIN engagements_auditfinding f ON t.table_name = 'engagements_auditfinding' AND f.id = t.key::bigint
        JOIN inventory_system y ON y.id = f.system_id
        WHERE NOT CASE
            WHEN t.op = 'I' THEN {_settled.is_actor("raised_by_id")} AND {ON_TEAM}
                AND EXISTS (SELECT FROM engagements_covered c
                            WHERE c.engagement_id = f.engagement_id AND c.system_id = f.system_id)
            WHEN t.after->>'state' = 'answered'
                THEN {_settled.is_actor("responded_by_id")} AND {_settled.holds("finding.respond")}
            WHEN t.after->>'state' = 'closed' THEN {_settled.is_actor("verified_by_id")} AND {ON_TEAM}
            ELSE {ON_TEAM} END"""


def frozen(table, columns, constraint, message):
    """A statement that keeps all other columns as they were."""
    return migrations.RunSQL(_guards.frozen(table, columns, constraint, message), migrations.RunSQL.noop)


def kept(table, constraint, message):
    """A statement that keeps the whole row as it was."""
    return migrations.RunSQL(_guards.append_only(table, constraint, message), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    """Governs the tables, freezes what was agreed, and checks who acts."""

    dependencies = [("engagements", "0001_initial"), ("validation", "0026_certifications")]
    operations = [
        Govern("engagements_engagement"),
        Govern("engagements_covered", scope="system"),
        Govern("engagements_member"),
        Govern("engagements_teamright", scope="assignment__system"),
        Govern("engagements_auditfinding", scope="system"),
        Transitions("engagements_engagement", "state", ENGAGEMENT, initial=["planned"]),
        Transitions("engagements_auditfinding", "state", AUDIT_FINDING, initial=["open"]),
        frozen("engagements_engagement", ENGAGEMENT_OPEN, "engagement_frozen", "an audit keeps what it is about"),
        frozen("engagements_auditfinding", FINDING_OPEN, "auditfinding_frozen", "what was found is not rewritten"),
        frozen(
            "engagements_member", ("left_at", "left_reason"), "member_frozen", "who was on a team stays on record"
        ),
        kept("engagements_covered", "covered_append_only", "the scope of an audit stays as it was planned"),
        kept("engagements_teamright", "teamright_append_only", "what a membership gave stays on record"),
        SealCheck(
            "engagement_team_independent",
            tables=("engagements_member", "engagements_covered", "inventory_assignment"),
            violation=TEAM,
            message="who builds a system is not on the team that audits it",
        ),
        SealCheck(
            "engagement_by_actor",
            tables=("engagements_engagement",),
            violation=MOVED,
            message="an audit is planned, reported and ended in ones own name",
        ),
        SealCheck(
            "auditfinding_by_entitled",
            tables=("engagements_auditfinding",),
            violation=FOUND,
            message="the team raises and verifies, the people of the system answer",
        ),
    ]  # fmt: skip
