"""Evaluation results come under the ledger; a result never changes."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

KEPT = """
BEGIN
    RAISE EXCEPTION 'a result never changes' USING ERRCODE = '23514', CONSTRAINT = 'evaluation_append_only';
END """


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0009_risks")]
    operations = [
        Govern("inventory_evaluation", scope="release__system"),
        migrations.RunSQL(
            function("inventory_evaluation_kept", KEPT)
            + Trigger(
                "inventory_evaluation_kept",
                "inventory_evaluation",
                "BEFORE UPDATE ON {table} FOR EACH ROW",
                "inventory_evaluation_kept",
            ).sql(),
            migrations.RunSQL.noop,
        ),
    ]
