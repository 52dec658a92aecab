"""Imports come under the ledger; where an unchanged row stands in the latest file is no event."""

from django.db import migrations

from governance.ledger.operations import Govern


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_ledger")]
    operations = [
        Govern("inventory_importrun"),
        Govern("inventory_importedrow", scope="system", volatile=["line", "seen_in"]),
        Govern("inventory_unmappedvalue"),
    ]
