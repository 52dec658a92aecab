"""Webhooks come under the ledger: where the portal sends what happens is a governed choice."""

from django.db import migrations

from governance.ledger.operations import Govern


class Migration(migrations.Migration):
    dependencies = [("notify", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [Govern("notify_endpoint", secret=("credential", "seed", "url"))]
