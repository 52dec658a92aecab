"""Changes come under the ledger."""

from django.db import migrations

from governance.changes.lifecycle import CHANGE
from governance.ledger.operations import Govern, Transitions


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [
        Govern("changes_affectedasset", scope="change__system", removable=True),
        Govern("changes_change", scope="system"),
        Govern("changes_contribution", scope="change__system"),
        Govern("changes_opinion", scope="system"),
        Transitions("changes_change", "state", CHANGE, initial=["draft"]),
    ]
