"""The check of moves beside signatures wakes only when a system or a unit was really moved.

It had run under the head lock at every change of any system's record, and everybody's commit waited for it.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

MOVED = import_module("governance.validation.migrations.0005_moves").MOVED


class Migration(migrations.Migration):
    """One check, woken by less."""

    dependencies = [("validation", "0007_reopening"), ("ledger", "0003_digests_before_the_lock")]
    operations = [
        SealCheck(
            "move_beside_signature",
            tables=("inventory_system", "inventory_unit"),
            columns={"inventory_system": ("unit_id",), "inventory_unit": ("parent_id",)},
            violation=MOVED,
            message="by a move a reviewer would become a builder of what they signed",
        ),
    ]
