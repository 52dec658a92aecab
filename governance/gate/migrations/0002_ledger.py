"""Gate checks are kept as evidence."""

from django.db import migrations

from governance.ledger.operations import KeepEvidence


class Migration(migrations.Migration):
    dependencies = [
        ("gate", "0001_initial"),
        ("ledger", "0002_sealing"),
        ("inventory", "0003_ledger"),
        ("validation", "0002_ledger"),
    ]
    operations = [KeepEvidence("gate_gatecheck", scope="system")]
