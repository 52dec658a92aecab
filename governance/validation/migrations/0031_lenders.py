"""What a lender may not settle, the delegate does not settle in their place: findings, conditions and exceptions.

As with a signature: a right that is only lent counts where somebody who lent it may use it themselves.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_late = import_module("governance.validation.migrations.0017_builders_of_late")
_settled = import_module("governance.validation.migrations.0007_reopening")


def only_for_dependent(permission: str, hands: str) -> str:
    """Whether who acts has the right on system `y` only as lent, and by people `f` with `hands` in the matter alone."""
    here = f"""FROM inventory_standing g
                JOIN access_rolepermission h ON h.role = g.role JOIN auth_permission p ON p.id = h.permission_id
                LEFT JOIN inventory_assignment f ON f.id = g.delegated_from_id
                WHERE g.person_id = t.actor_id AND p.codename = '{permission}'
                  AND (g.system_id = y.id OR g.unit_id = y.unit_id)"""
    return f"""(EXISTS (SELECT {here})
            AND NOT EXISTS (SELECT {here} AND (g.delegated_from_id IS NULL OR NOT ({hands}))))"""


def is_lender(*columns: str) -> str:
    """Whether one of the columns names the lender `f`."""
    return " OR ".join(f"coalesce((t.after->>'{column}')::bigint = f.person_id, false)" for column in columns)


BUILT = f"NOT ({_settled.INDEPENDENT.replace('t.actor_id', 'f.person_id')})"
BUILDING = f"NOT ({_late.NOT_BUILDING.replace('t.actor_id', 'f.person_id')})"
MOVED = "t.before->>'state' IS DISTINCT FROM t.after->>'state'"
VERIFIED = only_for_dependent("finding.verify", f"{BUILT} OR {is_lender('responded_by_id')}")
ACCEPTED = only_for_dependent("finding.accept", f"{BUILT} OR {is_lender('responded_by_id', 'raised_by_id')}")
FINDING = f"""{_settled.moved("validation_finding", "x.release_id", "r.system_id")}
        WHERE {MOVED} AND CASE t.after->>'state' WHEN 'closed' THEN {VERIFIED} WHEN 'accepted' THEN {ACCEPTED}
            ELSE false END"""
CONDITION = f"""{_settled.moved(
        "validation_condition",
        "(SELECT b.release_id FROM validation_submission b WHERE b.id = x.submission_id)",
        "r.system_id",
    )}
        WHERE {MOVED} AND t.after->>'state' = 'met'
          AND {only_for_dependent("condition.confirm", f"{BUILT} OR {is_lender('claimed_by_id')}")}"""
WAIVER = f"""
        SELECT FROM touched t
        JOIN validation_waiver x ON t.table_name = 'validation_waiver' AND t.op = 'U' AND x.id = t.key::bigint
        JOIN inventory_system y ON y.id = x.system_id
        WHERE {MOVED} AND t.after->>'state' IN ('granted', 'refused')
          AND {only_for_dependent("waiver.grant", f"{BUILDING} OR {is_lender('requested_by_id')}")}"""


class Migration(migrations.Migration):
    """Three more checks of the seal."""

    dependencies = [("validation", "0030_successors"), ("inventory", "0013_delegations")]
    operations = [
        SealCheck(
            "finding_settled_for_builder",
            tables=("validation_finding",),
            violation=FINDING,
            message="a finding is settled in the place of a person who had a hand in the release",
        ),
        SealCheck(
            "condition_confirmed_for_builder",
            tables=("validation_condition",),
            violation=CONDITION,
            message="a condition is confirmed in the place of a person who had a hand in the release",
        ),
        SealCheck(
            "waiver_decided_for_builder",
            tables=("validation_waiver",),
            violation=WAIVER,
            message="an exception is decided in the place of a person who builds the system",
        ),
    ]
