"""A signature given on somebody's behalf stands beside them as their own would: a role, a hand or a move is refused.

Found from the roles the person lent, so that a new role costs no look through every signature there is.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_moves = import_module("governance.validation.migrations.0005_moves")
_routes = import_module("governance.validation.migrations.0018_shorter_routes")
_separation = import_module("governance.validation.migrations.0004_separation")


def signed_for(person: str) -> str:
    """The signatures `s` given on behalf of a person."""
    return f"""JOIN inventory_assignment f ON f.person_id = {person}
        JOIN inventory_assignment lent ON lent.delegated_from_id = f.id
        JOIN validation_signoff s ON s.delegation_id = lent.id"""


BUILDER = _routes.changed(
    _separation.BUILDER_SIGNED, "JOIN validation_signoff s ON s.person_id = a.person_id", signed_for("a.person_id")
)
CONTRIBUTOR = _routes.changed(
    _separation.CONTRIBUTOR_SIGNED,
    "JOIN validation_signoff s ON s.submission_id = b.id AND s.person_id = c.person_id",
    f"{signed_for('c.person_id')} AND s.submission_id = b.id",
)
MOVED = _routes.changed(
    _moves.MOVED,
    "AND a.person_id = s.person_id",
    """AND a.person_id = (
            SELECT f.person_id FROM inventory_assignment lent JOIN inventory_assignment f ON f.id = lent.delegated_from_id
            WHERE lent.id = s.delegation_id)""",
)


class Migration(migrations.Migration):
    """Three checks look at both."""

    dependencies = [("validation", "0033_lenders_of_stops"), ("inventory", "0013_delegations")]
    operations = [
        SealCheck(
            "assignment_beside_signature",
            tables=("inventory_assignment",),
            violation=f"{_separation.BUILDER_SIGNED}\n        UNION ALL{BUILDER}",
            message="a reviewer became a builder of what they signed, or was signed on their behalf",
        ),
        SealCheck(
            "contribution_beside_signature",
            tables=("validation_contribution",),
            violation=f"{_separation.CONTRIBUTOR_SIGNED}\n        UNION ALL{CONTRIBUTOR}",
            message="a reviewer contributed to what they signed, or was signed on their behalf",
        ),
        SealCheck(
            "move_beside_signature",
            tables=("inventory_system", "inventory_unit"),
            columns={"inventory_system": ("unit_id",), "inventory_unit": ("parent_id",)},
            violation=f"{_moves.MOVED}\n        UNION ALL{MOVED}",
            message="by a move a reviewer would become a builder of what they signed, or was signed on their behalf",
        ),
    ]
