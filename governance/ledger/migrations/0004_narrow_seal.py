"""The seal orders digests, not whole events, and looks for sealed events only where there can be one."""

from django.db import migrations

from governance.ledger.operations import Machinery


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_digests_before_the_lock")]
    operations = [Machinery()]
