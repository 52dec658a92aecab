"""Views for reporting tools in a schema of their own: joined, so that nobody writes through them, and granted to nobody.

Every column carries its meaning as a comment; governance/docs/reporting.md lists the same.
"""

from django.db import migrations

Columns = tuple[tuple[str, str, str], ...]

# name → (what a row is, from where, (column, expression, meaning)…)
VIEWS: dict[str, tuple[str, str, Columns]] = {
    "systems": (
        "One registered system.",
        "inventory_system s JOIN inventory_unit u ON u.id = s.unit_id",
        (
            ("system_id", "s.id", "Number of the system; other views join on it."),
            ("slug", "s.slug", "Its short name, as addresses and pipelines use it."),
            ("name", "s.name", "Its name."),
            ("unit", "u.slug", "Business unit that has it."),
            ("phase", "s.phase", "planned, development, pilot, production or retired."),
            ("origin", "s.origin", "in-house, vendor or mixed."),
            ("vendor", "s.vendor", "Supplier; empty for none."),
            ("tier", "s.tier", "Materiality by the policy; empty until the questionnaire is answered."),
            ("impact", "s.impact", "Declared impact on rights and safety."),
            ("own_role", "s.own_role", "provider or deployer."),
            ("personal_data", "s.personal_data", "Whether personal data is processed."),
            ("created_at", "s.created_at", "When it was registered."),
        ),
    ),
    "assignments": (
        "One role a person was given on a system or a unit.",
        "inventory_assignment a JOIN access_user p ON p.id = a.person_id "
        "LEFT JOIN inventory_unit u ON u.id = a.unit_id",
        (
            ("system_id", "a.system_id", "System, where the role is on one."),
            ("unit", "u.slug", "Unit, where the role is on one; it covers the units below."),
            ("person", "p.username", "Username."),
            ("role", "a.role", "The role."),
            ("since", "a.since", "From when on."),
            ("until", "a.until", "Until when, not included; empty: no end."),
        ),
    ),
    "releases": (
        "One version of a system offered for use.",
        "inventory_release r JOIN inventory_system s ON s.id = r.system_id",
        (
            ("release_id", "r.id", "Number of the release."),
            ("system_id", "r.system_id", "Its system."),
            ("version", "r.version", "Its version."),
            ("state", "r.state", "draft, in_review, approved, suspended, revoked, rejected, retired or discarded."),
            ("created_at", "r.created_at", "When it was offered."),
        ),
    ),
    "submissions": (
        "One package of a release put up for review.",
        "validation_submission n JOIN inventory_release r ON r.id = n.release_id",
        (
            ("submission_id", "n.id", "Number of the submission in the portal."),
            ("release_id", "n.release_id", "Its release."),
            ("system_id", "r.system_id", "Its system."),
            ("number", "n.number", "First, second … submission of the release."),
            ("route", "n.route", "full, light or envelope."),
            ("state", "n.state", "open, approved, returned, rejected, withdrawn or superseded."),
            ("digest", "n.digest", "SHA-256 of the frozen package."),
            ("submitted_at", "n.submitted_at", "When it was put up."),
            ("closed_at", "n.closed_at", "When it was decided."),
            ("valid_until", "n.valid_until", "Until when the approval counts."),
        ),
    ),
    "sign_offs": (
        "One person's decision on one stage of a submission.",
        "validation_signoff o JOIN validation_review v ON v.id = o.review_id "
        "JOIN access_user p ON p.id = o.person_id",
        (
            ("submission_id", "o.submission_id", "Its submission."),
            ("stage", "v.stage", "The stage that was signed."),
            ("person", "p.username", "Username of who signed."),
            ("role", "o.role", "The role that person signed in."),
            ("decision", "o.decision", "What was decided."),
            ("signed_at", "o.signed_at", "When."),
        ),
    ),
    "findings": (
        "One defect a reviewer raised.",
        "validation_finding f JOIN inventory_release r ON r.id = f.release_id",
        (
            ("finding_id", "f.id", "Number of the finding."),
            ("release_id", "f.release_id", "Its release."),
            ("system_id", "r.system_id", "Its system."),
            ("title", "f.title", "In words."),
            ("severity", "f.severity", "Severity of the policy."),
            ("category", "f.category", "What it concerns."),
            ("blocking", "f.blocking", "Whether it stands against an approval."),
            ("state", "f.state", "open, answered, closed, accepted or withdrawn."),
            ("raised_at", "f.raised_at", "When it was raised."),
            ("due", "f.due", "When it falls due."),
        ),
    ),
    "conditions": (
        "One promise attached to an approval.",
        "validation_condition c JOIN validation_submission n ON n.id = c.submission_id "
        "JOIN inventory_release r ON r.id = n.release_id",
        (
            ("condition_id", "c.id", "Number of the condition."),
            ("submission_id", "c.submission_id", "Its submission."),
            ("system_id", "r.system_id", "Its system."),
            ("text", "c.text", "What was promised."),
            ("state", "c.state", "open, claimed or met."),
            ("due", "c.due", "By when."),
        ),
    ),
    "exceptions": (
        "One exception from a requirement (waiver).",
        "validation_waiver w JOIN inventory_system s ON s.id = w.system_id",
        (
            ("exception_id", "w.id", "Number of the exception."),
            ("system_id", "w.system_id", "Its system."),
            ("requirement", "w.requirement", "The requirement it is from."),
            ("environment", "w.environment", "Where; empty: everywhere."),
            ("state", "w.state", "requested, granted, refused, withdrawn or revoked."),
            ("requested_at", "w.requested_at", "When it was asked for."),
            ("decided_at", "w.decided_at", "When it was decided."),
            ("until", "w.until", "Until when it counts."),
        ),
    ),
    "holds": (
        "One stop placed on a system or a release.",
        "validation_hold h JOIN inventory_system s ON s.id = h.system_id",
        (
            ("hold_id", "h.id", "Number of the hold."),
            ("system_id", "h.system_id", "Its system."),
            ("release_id", "h.release_id", "Its release; empty: the whole system."),
            ("state", "h.state", "placed or lifted."),
            ("placed_at", "h.placed_at", "When it was placed."),
            ("lifted_at", "h.lifted_at", "When it was lifted."),
        ),
    ),
    "changes": (
        "One change request.",
        "changes_change c JOIN inventory_system s ON s.id = c.system_id",
        (
            ("change_id", "c.id", "Number of the change."),
            ("system_id", "c.system_id", "Its system."),
            ("title", "c.title", "In words."),
            ("kind", "c.kind", "Kind of the policy."),
            ("materiality", "c.materiality", "How material it is by the policy."),
            ("emergency", "c.emergency", "Whether it was carried out before its approval."),
            ("state", "c.state", "Where it stands."),
            ("created_at", "c.created_at", "When it was raised."),
            ("decided_at", "c.decided_at", "When it was decided."),
            ("implemented_at", "c.implemented_at", "When it was carried out."),
            ("verified_at", "c.verified_at", "When it was verified."),
        ),
    ),
    "risks": (
        "One entry of the risk register.",
        "inventory_risk k JOIN inventory_system s ON s.id = k.system_id",
        (
            ("risk_id", "k.id", "Number of the risk."),
            ("system_id", "k.system_id", "Its system."),
            ("title", "k.title", "In words."),
            ("area", "k.area", "Area of impact."),
            ("state", "k.state", "Where it stands."),
            ("level", "k.level", "Level by likelihood and consequence."),
            ("residual_level", "k.residual_level", "Level after treatment."),
            ("treatment", "k.treatment", "accept, transfer, mitigate or avoid."),
            ("due", "k.due", "By when it is treated."),
            ("review_at", "k.review_at", "When it is looked at again."),
        ),
    ),
    "incidents": (
        "One incident.",
        "incidents_incident i JOIN inventory_system s ON s.id = i.system_id "
        "LEFT JOIN access_user c ON c.id = i.commander_id",
        (
            ("incident_id", "i.id", "Number of the incident: INC-<number>."),
            ("system_id", "i.system_id", "Its system."),
            ("title", "i.title", "In words."),
            ("type", "i.type", "Type of the policy."),
            ("impact", "i.impact", "Impact, a level of the policy."),
            ("urgency", "i.urgency", "Urgency, a level of the policy."),
            ("severity", "i.severity", "Severity by impact and urgency."),
            ("state", "i.state", "reported, triaged, contained, resolved, closed, dismissed or duplicate."),
            ("led_by", "c.username", "Username of who leads it; empty: nobody yet."),
            ("status_line", "i.status_line", "Where it stands, in one sentence."),
            ("occurred_at", "i.occurred_at", "When it began, where that is known."),
            ("aware_at", "i.aware_at", "When somebody noticed."),
            ("reported_at", "i.reported_at", "When it was reported here."),
            ("resolved_at", "i.resolved_at", "When service returned."),
            ("closed_at", "i.closed_at", "When it was closed."),
        ),
    ),
    "incident_actions": (
        "One thing an incident left to do.",
        "incidents_actionitem a JOIN incidents_incident i ON i.id = a.incident_id "
        "JOIN access_user p ON p.id = a.owner_id",
        (
            ("action_id", "a.id", "Number of the action item."),
            ("incident_id", "a.incident_id", "Its incident."),
            ("system_id", "i.system_id", "Its system."),
            ("text", "a.text", "What is to be done."),
            ("owner", "p.username", "Username of who does it."),
            ("playbook", "a.playbook", "Playbook it is a step of; empty for what is left to do."),
            ("due", "a.due", "By when."),
            ("done_at", "a.done_at", "When it was done."),
        ),
    ),
    "regulator_clocks": (
        "One report owed, or once owed, to an authority.",
        "incidents_regulatorclock c JOIN incidents_incident i ON i.id = c.incident_id",
        (
            ("incident_id", "c.incident_id", "Its incident."),
            ("system_id", "i.system_id", "Its system."),
            ("clock", "c.clock", "Clock of the policy."),
            ("title", "c.title", "Which duty."),
            ("binding", "c.binding", "Whether the duty had begun."),
            ("since", "c.since", "Since when it runs."),
            ("internal_deadline", "c.internal_deadline", "The stricter deadline people work to."),
            ("deadline", "c.deadline", "The legal deadline."),
            ("reported_at", "c.reported_at", "When the report was made."),
            ("dropped_at", "c.dropped_at", "When it was found to be no duty."),
        ),
    ),
    "metrics": (
        "One line of a monitoring plan.",
        "incidents_monitoringplan m JOIN inventory_system s ON s.id = m.system_id",
        (
            ("plan_id", "m.id", "Number of the line."),
            ("system_id", "m.system_id", "Its system."),
            ("metric", "m.metric", "The metric."),
            ("slice", "m.slice", "Slice of the data; empty: all."),
            ("kind", "m.kind", "What the metric tells about."),
            ("unit", "m.unit", "Unit of its values."),
            ("direction", "m.direction", "higher or lower: which way is better."),
            ("warning", "m.warning", "Warning limit."),
            ("critical", "m.critical", "Critical limit."),
            ("created_at", "m.created_at", "Since when it is watched."),
            ("ended_at", "m.ended_at", "Until when it was watched."),
        ),
    ),
    "measurements": (
        "One measured value.",
        "incidents_measurement v JOIN inventory_system s ON s.id = v.system_id",
        (
            ("system_id", "v.system_id", "Its system."),
            ("metric", "v.metric", "The metric; with system and slice it joins to metrics."),
            ("slice", "v.slice", "Slice of the data; empty: all."),
            ("at", "v.at", "When it was measured."),
            ("value", "v.value", "The value."),
        ),
    ),
    "alerts": (
        "One episode of an alert that names a system.",
        "incidents_alert a JOIN inventory_system s ON s.id = a.system_id",
        (
            ("alert_id", "a.id", "Number of the alert."),
            ("system_id", "a.system_id", "Its system."),
            ("incident_id", "a.incident_id", "The incident it led to; empty: none."),
            ("source", "a.source", "Who noticed."),
            ("name", "a.name", "Name of the alert."),
            ("level", "a.level", "info, warning or critical."),
            ("starts_at", "a.starts_at", "When it began."),
            ("ends_at", "a.ends_at", "When it ended; empty: it goes on."),
            ("handled_at", "a.handled_at", "When somebody handled it."),
        ),
    ),
}  # fmt: skip


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def created() -> str:
    """Statements that make the schema and its views."""
    parts = [
        "CREATE SCHEMA reporting;",
        f"COMMENT ON SCHEMA reporting IS {quoted('Read-only views for reporting tools.')};",
    ]
    for name, (meaning, source, columns) in VIEWS.items():
        chosen = ", ".join(f'{expression} AS "{column}"' for column, expression, _ in columns)
        parts.append(f"CREATE VIEW reporting.{name} AS SELECT {chosen} FROM {source};")
        parts.append(f"COMMENT ON VIEW reporting.{name} IS {quoted(meaning)};")
        parts += [f'COMMENT ON COLUMN reporting.{name}."{column}" IS {quoted(words)};' for column, _, words in columns]
    return "\n".join(parts)


class Migration(migrations.Migration):
    """The schema and its views."""

    dependencies = [("incidents", "0010_room_ledger")]
    operations = [migrations.RunSQL(created(), "DROP SCHEMA reporting CASCADE")]
