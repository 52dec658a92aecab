"""Evidence comes under the ledger: what a file is and where it is attached is written once."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

KEPT = """
BEGIN
    RAISE EXCEPTION 'evidence never changes' USING ERRCODE = '23514', CONSTRAINT = 'evidence_append_only';
END """
EACH = "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
GUARDS = (
    ("inventory_evidencefile_kept", "inventory_evidencefile"),
    ("inventory_evidencelink_kept", "inventory_evidencelink"),
)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_kept")]
    operations = [
        Govern("inventory_evidencefile"),
        Govern("inventory_evidencelink", scope="system"),
        *[
            migrations.RunSQL(function(name, KEPT) + Trigger(name, table, EACH, name).sql(), migrations.RunSQL.noop)
            for name, table in GUARDS
        ],
    ]
