"""The inventory comes under the ledger."""

from django.db import migrations

from governance.ledger.operations import Govern, Transitions
from inventory.lifecycle import RELEASE, SYSTEM


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_units_and_standing"), ("ledger", "0002_sealing")]
    operations = [
        Govern("inventory_artifact", scope="release__system", removable=True),
        Govern("inventory_assignment", scope="system"),
        Govern("inventory_document", scope="system"),
        Govern("inventory_documentrevision", scope="document__system"),
        Govern("inventory_externalid", scope="system"),
        Govern("inventory_release", scope="system"),
        Govern("inventory_system", scope="", volatile=["search"]),
        Govern("inventory_tokenlimit", scope="system"),
        Govern("inventory_unit"),
        Transitions("inventory_release", "state", RELEASE, initial=["draft"]),
        Transitions("inventory_system", "phase", SYSTEM),
    ]
