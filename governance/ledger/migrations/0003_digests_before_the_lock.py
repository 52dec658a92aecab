"""The seal as it stands now: digests and the checks to run are worked out before the head is locked."""

from django.db import migrations

from governance.ledger.operations import Machinery


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_sealing")]
    operations = [Machinery()]
