"""What systems brought comes under the ledger; a word on a period never changes."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

KEPT = """
BEGIN
    RAISE EXCEPTION 'a word on a period never changes'
        USING ERRCODE = '23514', CONSTRAINT = 'valueperiod_append_only';
END """


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0015_controls")]
    operations = [
        Govern("inventory_valueperiod", scope="system"),
        migrations.RunSQL(
            function("inventory_valueperiod_kept", KEPT)
            + Trigger(
                "inventory_valueperiod_kept",
                "inventory_valueperiod",
                "BEFORE UPDATE ON {table} FOR EACH ROW",
                "inventory_valueperiod_kept",
            ).sql(),
            migrations.RunSQL.noop,
        ),
    ]
