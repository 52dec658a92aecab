"""A lower tier and an approval from before the portal are decided on in the place of nobody who may not decide."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_lenders = import_module("governance.validation.migrations.0031_lenders")


def decided(table: str, permission: str, states: str, begun_by: str) -> str:
    """Decisions of two on a system `y` that who began them, or builds it, takes through somebody they lent the right."""
    return f"""
        SELECT FROM touched t
        JOIN {table} x ON t.table_name = '{table}' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE {_lenders.MOVED} AND t.after->>'state' IN ({states})
          AND {_lenders.only_for_dependent(permission, f"{_lenders.BUILDING} OR {_lenders.is_lender(begun_by)}")}"""


class Migration(migrations.Migration):
    """Two more checks of the seal."""

    dependencies = [("validation", "0034_lent_seats"), ("inventory", "0018_legacy_approvals")]
    operations = [
        SealCheck(
            "loweredtier_decided_for_proposer",
            tables=("inventory_loweredtier",),
            violation=decided("inventory_loweredtier", "tier.lower", "'granted', 'refused'", "proposed_by_id"),
            message="a lower tier is decided in the place of a person who proposed it or builds the system",
        ),
        SealCheck(
            "legacyapproval_decided_for_bringer",
            tables=("inventory_legacyapproval",),
            violation=decided(
                "inventory_legacyapproval", "legacy_approval.confirm", "'confirmed', 'refused'", "brought_by_id"
            ),
            message="a legacy approval is decided on in the place of a person who brought it in or builds the system",
        ),
    ]
