"""The machinery of the ledger: sealing, refusals, denials, frozen tables."""

from django.db import migrations

from governance.ledger.operations import Machinery


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [Machinery()]
