"""A risk is accepted by somebody entitled, and in the place of nobody who may not: an acceptance opens the gate."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_lenders = import_module("governance.validation.migrations.0031_lenders")
_settled = import_module("governance.validation.migrations.0007_reopening")

_HANDS = _lenders.is_lender("created_by_id", "assessed_by_id", "owner_id")
ACCEPTED = f"""
        SELECT FROM touched t
        JOIN inventory_risk x ON t.table_name = 'inventory_risk' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE t.after->>'accepted_by_id' IS NOT NULL AND NOT coalesce({_settled.unmoved("accepted_by_id", "accepted_until")}, false)
          AND (NOT {_settled.holds("risk.accept")} OR {_lenders.only_for_dependent("risk.accept", _HANDS)})"""


class Migration(migrations.Migration):
    """One more check of the seal."""

    dependencies = [("validation", "0035_lenders_of_two"), ("inventory", "0013_delegations")]
    operations = [
        SealCheck(
            "risk_accepted_by_entitled",
            tables=("inventory_risk",),
            violation=ACCEPTED,
            message="a risk is accepted by somebody entitled, and for nobody who wrote it down, graded or treats it",
        ),
    ]
