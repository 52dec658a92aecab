"""Monitoring plans, measurements and alerts come under the ledger, and what was once said of them stays."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, KeepEvidence

guards = import_module("incidents.migrations.0003_guards")
ALERT_OPEN = (
    "ends_at", "last_heard", "heard", "system_id", "plan_id", "level", "severity", "summary", "follows", "incident_id",
    "trouble", "handled_at", "handled_by_id", "handling",
)  # fmt: skip
PLAN_OPEN = (
    "kind", "unit", "warning", "critical", "source", "prometheus", "promql", "alert_name", "longest_silence_hours", "breaches_needed",
    "cooldown_minutes", "follows", "incident_type", "impact", "urgency", "answers_id", "updated_at", "ended_at",
    "end_reason",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_clock_ledger")]
    operations = [
        Govern("incidents_alert", scope="system", volatile=["last_heard", "heard"]),
        KeepEvidence("incidents_measurement", scope="system"),
        Govern("incidents_monitoringplan", scope="system"),
        migrations.RunSQL(guards.frozen("incidents_alert", ALERT_OPEN, "alert_frozen", "an alert stays what it was")),
        migrations.RunSQL(
            guards.frozen("incidents_monitoringplan", PLAN_OPEN, "monitoringplan_frozen", "a plan keeps its metric")
        ),
    ]
