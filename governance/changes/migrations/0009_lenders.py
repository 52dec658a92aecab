"""Who may not decide on a change, or verify it, does neither through whom they lent the role."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_guards = import_module("governance.changes.migrations.0003_guards")
_lenders = import_module("governance.validation.migrations.0031_lenders")

_HAND = _guards.has_hand("f.person_id")
_WROTE = "EXISTS (SELECT FROM changes_contribution h WHERE h.change_id = c.id AND h.person_id = f.person_id)"
_LOWERED = f"(c.state = 'approved' AND {_guards.LOWERED} AND c.overridden_by_id = f.person_id)"
DECIDED = f"""{_guards.TOUCHED}
        WHERE ((c.decided_by_id IS NOT NULL AND {_guards.moved("decided_by_id")})
               OR (c.ratified_by_id IS NOT NULL AND {_guards.moved("ratified_by_id")})
               OR (c.overridden_by_id IS NOT NULL AND {_guards.moved("overridden_by_id")} AND {_guards.LOWERED}))
          AND {_lenders.only_for_dependent("change.approve", f"{_HAND} OR {_LOWERED}")}"""
VERIFIED = f"""{_guards.TOUCHED}
        WHERE c.verified_by_id IS NOT NULL AND {_guards.moved("verified_by_id")}
          AND {_lenders.only_for_dependent("change.verify", _WROTE)}"""


class Migration(migrations.Migration):
    """Two more checks of the seal."""

    dependencies = [("changes", "0008_revalidation"), ("validation", "0031_lenders")]
    operations = [
        SealCheck(
            "change_decided_for_dependent",
            tables=("changes_change",),
            violation=DECIDED,
            message="a change is decided in the place of a person who had a hand in it",
        ),
        SealCheck(
            "change_verified_for_dependent",
            tables=("changes_change",),
            violation=VERIFIED,
            message="a change is verified in the place of a person who had a hand in it",
        ),
    ]
