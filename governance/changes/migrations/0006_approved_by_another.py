"""A release takes a shorter way only for changes somebody without a hand in it approved, or ratified.

A change can be pointed at another release after its approval, and an emergency change is carried out before any:
neither stands for the approval a shorter way leans on.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_routes = import_module("governance.changes.migrations.0004_shorter_routes")
_changed = import_module("governance.validation.migrations.0018_shorter_routes").changed

UNASKED = _changed(
    _routes.UNASKED,
    "AND (c.materiality = 'material' OR",
    """AND (c.ratification IN ('due', 'refused')
                  OR EXISTS (SELECT FROM validation_contribution h WHERE h.release_id = b.release_id
                               AND h.person_id IN (c.decided_by_id, c.ratified_by_id, c.overridden_by_id))
                  OR c.materiality = 'material' OR""",
)


class Migration(migrations.Migration):
    """One check put differently."""

    dependencies = [("changes", "0005_follow_ups"), ("validation", "0018_shorter_routes")]
    operations = [
        SealCheck(
            "submission_of_a_change",
            tables=("validation_submission",),
            violation=UNASKED,
            message="a release takes a shorter way without an approved change it is open to",
        ),
    ]
