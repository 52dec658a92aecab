"""Approvals from before the portal come under the ledger; who may confirm is judged where independence is."""

from django.db import migrations

from governance.ledger.operations import Govern, Transitions
from inventory.lifecycle import LEGACY


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0017_transparency")]
    operations = [
        Govern("inventory_legacyapproval", scope="system"),
        Transitions("inventory_legacyapproval", "state", LEGACY, initial=["brought_in"]),
    ]
