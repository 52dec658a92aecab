"""Acts as a view: the report of independence is read from what people did, never from rights or from a list kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# When the row came to say so: the event is the act's own trace, and rows keep no instant of every step.
_SINCE = """coalesce((SELECT max(e.at) FROM ledger_event e WHERE e.table_name = '{table}' AND e.key = x.id::text
        AND e.after->>'state' = '{state}' AND e.before->>'state' IS DISTINCT FROM '{state}'), {fallback})"""


def _act(kind: str, table: str, what: str, at: str, person: str, source: str, release: str = "r.id") -> str:
    system = "x.system_id" if release == "x.release_id" or release.startswith("NULL") else "r.system_id"
    return (
        f"SELECT '{kind}:{table}:' || x.id AS id, {at} AS at, {system} AS system_id, {release} AS release_id, "
        f"{person} AS person_id, '{kind}' AS kind, {what} AS what, '{table}' AS table_name, x.id AS key FROM {source}"
    )


_OF_RELEASE = "JOIN inventory_release r ON r.id = x.release_id"
_OF_PACKAGE = "JOIN validation_submission b ON b.id = x.submission_id JOIN inventory_release r ON r.id = b.release_id"
ACTS = "CREATE VIEW validation_act AS\n" + "\nUNION ALL\n".join(
    [
        _act("edited", "validation_contribution", "replace(x.kind, '_', ' ')", "x.at", "x.person_id",
             f"validation_contribution x {_OF_RELEASE} WHERE x.kind <> 'submission'"),
        _act("submitted", "validation_submission", "'package ' || x.number", "x.submitted_at", "x.submitter_id",
             f"validation_submission x {_OF_RELEASE}"),
        _act("signed", "validation_signoff", "w.title || ': ' || replace(x.decision, '_', ' ')", "x.signed_at",
             "x.person_id", f"validation_signoff x {_OF_PACKAGE} JOIN validation_review w ON w.id = x.review_id"),
        _act("verified", "validation_finding", "'finding: ' || x.title",
             _SINCE.format(table="validation_finding", state="closed", fallback="x.raised_at"), "x.verified_by_id",
             f"validation_finding x {_OF_RELEASE} WHERE x.verified_by_id IS NOT NULL"),
        _act("verified", "validation_condition", "'condition: ' || left(x.text, 200)",
             _SINCE.format(table="validation_condition", state="met", fallback="b.submitted_at"), "x.confirmed_by_id",
             f"validation_condition x {_OF_PACKAGE} WHERE x.confirmed_by_id IS NOT NULL"),
        _act("granted", "validation_finding", "'risk of a finding: ' || x.title",
             _SINCE.format(table="validation_finding", state="accepted", fallback="x.raised_at"), "x.accepted_by_id",
             f"validation_finding x {_OF_RELEASE} WHERE x.accepted_by_id IS NOT NULL"),
        _act("granted", "validation_waiver", "'exception: ' || x.title", "x.decided_at", "x.decided_by_id",
             "validation_waiver x WHERE x.state IN ('granted', 'revoked') AND x.decided_by_id IS NOT NULL",
             "NULL::bigint"),
        _act("lifted", "validation_hold", "'hold: ' || left(x.reason, 200)", "x.lifted_at", "x.lifted_by_id",
             "validation_hold x WHERE x.lifted_by_id IS NOT NULL", "x.release_id"),
    ]
)  # fmt: skip


class Migration(migrations.Migration):
    """One view."""

    dependencies = [
        ("validation", "0019_reviewers"),
        ("inventory", "0002_units_and_standing"),
        ("ledger", "0002_sealing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunSQL(ACTS, "DROP VIEW validation_act"),
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(choices=[("edited", "Edited"), ("submitted", "Submitted"), ("signed", "Signed"), ("verified", "Verified"), ("granted", "Granted"), ("lifted", "Lifted a hold")], max_length=9)),
                ("what", models.TextField()),
                ("table_name", models.CharField(max_length=63)),
                ("key", models.BigIntegerField()),
            ],
            options={"managed": False},
        ),
    ]
