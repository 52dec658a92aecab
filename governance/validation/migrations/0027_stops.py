"""What keeps the gate shut is taken away by nobody who builds the system, whatever other role they hold.

A risk officer may build: the role is none of those that are barred beside a builder's. So holds and suspensions are
judged as exceptions and signatures are. Holds are placed, and lower tiers proposed, by somebody entitled.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_settled = import_module("governance.validation.migrations.0007_reopening")
_late = import_module("governance.validation.migrations.0017_builders_of_late")
_routes = import_module("governance.validation.migrations.0018_shorter_routes")

HOLD = _routes.changed(
    _settled.HOLD, _settled.holds("hold.lift"), f"{_settled.holds('hold.lift')} AND {_late.NOT_BUILDING}"
)
REINSTATED = _routes.changed(
    _settled.REINSTATED,
    _settled.holds("release.reinstate"),
    f"{_settled.holds('release.reinstate')} AND {_settled.INDEPENDENT}",
)
PLACED = f"""
        SELECT FROM touched t
        JOIN validation_hold x ON t.table_name = 'validation_hold' AND t.op = 'I' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE t.actor_id IS NOT NULL AND NOT ({_settled.is_actor("placed_by_id")} AND {_settled.holds("hold.place")})"""
# Governance changes systems by a right over the whole organisation.
PROPOSED = f"""
        SELECT FROM touched t
        JOIN inventory_loweredtier x ON t.table_name = 'inventory_loweredtier' AND t.op = 'I' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE NOT ({_settled.is_actor("proposed_by_id")} AND ({_settled.holds("system.change")} OR EXISTS (
            SELECT FROM access_user u
            JOIN access_user_groups m ON m.user_id = u.id
            JOIN auth_group_permissions g ON g.group_id = m.group_id
            JOIN auth_permission p ON p.id = g.permission_id
            WHERE u.id = t.actor_id AND u.kind = 'human' AND u.is_active AND u.closed_at IS NULL
              AND p.codename = 'system.change')))"""


class Migration(migrations.Migration):
    """Three checks put differently, one more."""

    dependencies = [("validation", "0026_certifications")]
    operations = [
        SealCheck(
            "hold_lifted_by_entitled",
            tables=("validation_hold",),
            violation=HOLD,
            message="a hold is lifted in their own name by somebody entitled who does not build the system",
        ),
        SealCheck(
            "hold_placed_by_entitled",
            tables=("validation_hold",),
            violation=PLACED,
            message="a hold is placed in their own name by somebody entitled",
        ),
        SealCheck(
            "release_reinstated_by_entitled",
            tables=("inventory_release",),
            violation=REINSTATED,
            message="a release is reinstated by somebody entitled who neither suspended nor built it",
        ),
        SealCheck(
            "loweredtier_proposed_by_the_actor",
            tables=("inventory_loweredtier",),
            violation=PROPOSED,
            message="a lower tier is proposed in their own name by somebody who may change the system",
        ),
    ]
