"""Control facts come under the ledger; a word on a control never changes."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

KEPT = """
BEGIN
    RAISE EXCEPTION 'a word on a control never changes'
        USING ERRCODE = '23514', CONSTRAINT = 'controlfact_append_only';
END """


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0014_deployments")]
    operations = [
        Govern("inventory_controlfact", scope="system"),
        migrations.RunSQL(
            function("inventory_controlfact_kept", KEPT)
            + Trigger(
                "inventory_controlfact_kept",
                "inventory_controlfact",
                "BEFORE UPDATE ON {table} FOR EACH ROW",
                "inventory_controlfact_kept",
            ).sql(),
            migrations.RunSQL.noop,
        ),
    ]
