"""A hold is lifted, and a suspended release reinstated, in the place of nobody who may not do it themselves.

As with findings, conditions and exceptions: whoever placed the hold, suspended the release or built what is stopped
lends the right to nobody who would take the stop away for them.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_lenders = import_module("governance.validation.migrations.0031_lenders")
_settled = import_module("governance.validation.migrations.0007_reopening")

_SUSPENDED = "coalesce((t.before->>'suspended_by_id')::bigint = f.person_id, false)"
HOLD = f"""{_settled.moved("validation_hold", "x.release_id", "x.system_id")}
        WHERE {_lenders.MOVED} AND t.after->>'state' = 'lifted'
          AND {_lenders.only_for_dependent("hold.lift", f"{_lenders.BUILDING} OR {_lenders.is_lender('placed_by_id')}")}"""
REINSTATED = f"""{_settled.moved("inventory_release", "x.id", "x.system_id")}
        WHERE t.before->>'state' = 'suspended' AND t.after->>'state' = 'approved'
          AND {_lenders.only_for_dependent("release.reinstate", f"{_lenders.BUILT} OR {_SUSPENDED}")}"""


class Migration(migrations.Migration):
    """Two more checks of the seal."""

    dependencies = [("validation", "0032_controls")]
    operations = [
        SealCheck(
            "hold_lifted_for_builder",
            tables=("validation_hold",),
            violation=HOLD,
            message="a hold is lifted in the place of the person who placed it or builds the system",
        ),
        SealCheck(
            "release_reinstated_for_builder",
            tables=("inventory_release",),
            violation=REINSTATED,
            message="a release is reinstated in the place of a person who suspended it or had a hand in it",
        ),
    ]
