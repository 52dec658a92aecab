"""What a condition promises stays; who answers for it may be somebody else once the account it was asked of is closed."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck

_guards = import_module("governance.validation.migrations.0003_guards")

# The account that answered for it until now is closed.
HANDED_OVER = """
        SELECT FROM touched t
        JOIN validation_condition x ON t.table_name = 'validation_condition' AND t.op = 'U' AND x.id = t.key::bigint
        WHERE t.before->'successor_id' IS DISTINCT FROM t.after->'successor_id'
          AND NOT (x.state <> 'met' AND EXISTS (
              SELECT FROM access_user u WHERE u.closed_at IS NOT NULL
                AND u.id = coalesce((t.before->>'successor_id')::bigint, x.owner_id)))"""


class Migration(migrations.Migration):
    """Opens one column, and says when it may be written."""

    dependencies = [("validation", "0029_attachments")]
    operations = [
        Govern("validation_condition", scope="submission__release__system"),
        migrations.RunSQL(
            _guards.frozen(
                "validation_condition", ("state", "evidence", "claimed_by_id", "confirmed_by_id", "successor_id"),
                "condition_frozen", "a condition keeps what was promised",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "condition_handed_over_when_left",
            tables=("validation_condition",),
            violation=HANDED_OVER,
            message="somebody else answers for a condition only where the account that did is closed",
        ),
    ]  # fmt: skip
