"""Decisions to lower a tier come under the ledger; who may decide is judged where independence is."""

from django.db import migrations

from governance.ledger.operations import Govern, Transitions
from inventory.lifecycle import LOWERED


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0011_failure_modes")]
    operations = [
        Govern("inventory_loweredtier", scope="system"),
        Transitions("inventory_loweredtier", "state", LOWERED, initial=["proposed"]),
    ]
