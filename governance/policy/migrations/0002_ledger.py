"""Policy packs come under the ledger."""

from django.db import migrations

from governance.ledger.operations import Govern


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [Govern("policy_pack")]
