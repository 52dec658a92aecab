"""Certifications under the ledger: a campaign never changes, and who certifies answers for the system."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck, Transitions
from governance.ledger.triggers import function
from governance.validation.lifecycle import CERTIFICATION

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")

GIVEN = f"""
        SELECT FROM touched t
        JOIN validation_certification x
          ON t.table_name = 'validation_certification' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT ({_settled.is_actor("decided_by_id")} AND {_settled.holds("certification.give")})"""
STARTED = f"""
        SELECT FROM touched t
        LEFT JOIN validation_campaign x ON x.id = t.key::bigint
        WHERE t.table_name = 'validation_campaign' AND NOT CASE t.op
            WHEN 'I' THEN {_settled.is_actor("started_by_id")} ELSE {_settled.is_actor("ended_by_id")} END"""
ENDED = ("ended_at", "ended_by_id", "ended_reason")
ONCE = f"""
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        {_guards.refuse("campaign_frozen", "a campaign ends once")}
    END IF;
    RETURN NEW;
END """
OPEN = ("state", "record", "statement", "decided_by_id", "decided_at")


class Migration(migrations.Migration):
    """Governs both tables, freezes what was asked, checks who asks and who answers."""

    dependencies = [("validation", "0025_delegations")]
    operations = [
        Govern("validation_campaign"),
        Govern("validation_certification", scope="system"),
        Transitions("validation_certification", "state", CERTIFICATION, initial=["asked"]),
        migrations.RunSQL(
            _guards.frozen("validation_campaign", ENDED, "campaign_frozen", "a campaign keeps what it asks for"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("validation_campaign_ends", ONCE)
            + _guards.trigger(
                "validation_ends",
                "validation_campaign",
                "BEFORE UPDATE ON {table} FOR EACH ROW",
                "validation_campaign_ends()",
            ),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            _guards.frozen(
                "validation_certification", OPEN, "certification_frozen", "a certification keeps what it is about"
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "campaign_started_by_actor",
            tables=("validation_campaign",),
            violation=STARTED,
            message="a campaign is started and ended in ones own name",
        ),
        SealCheck(
            "certification_given_by_entitled",
            tables=("validation_certification",),
            violation=GIVEN,
            message="a record is certified in their own name by somebody who answers for the system",
        ),
    ]
