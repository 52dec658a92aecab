"""The risk register comes under the ledger; who accepts a risk is who acts."""

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck, Transitions
from inventory.lifecycle import RISK

ACCEPTED = """
        SELECT FROM touched t
        WHERE t.table_name = 'inventory_risk' AND t.after->>'accepted_by_id' IS NOT NULL
          AND t.after->>'accepted_by_id' IS DISTINCT FROM t.before->>'accepted_by_id'
          AND (t.after->>'accepted_by_id')::bigint IS DISTINCT FROM t.actor_id"""


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0008_assets")]
    operations = [
        Govern("inventory_risk", scope="system"),
        Transitions("inventory_risk", "state", RISK, initial=["identified"]),
        SealCheck(
            "risk_accepted_by_the_actor",
            tables=("inventory_risk",),
            violation=ACCEPTED,
            message="a risk is accepted by the person who acts",
        ),
    ]
