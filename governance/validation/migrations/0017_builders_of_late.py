"""Who built until yesterday does not grant an exception today: the same facts as for a signature count.

An exception hangs on a system, so it is judged by the releases it may open the gate to: those in draft, under review,
approved or suspended. Whoever had a hand in one, or owned or developed the system since the oldest was begun, is none
to decide, nor is whoever builds the system now.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_settled = import_module("governance.validation.migrations.0007_reopening")
_waivers = import_module("governance.validation.migrations.0010_waivers")

LIVE = "('draft', 'in_review', 'approved', 'suspended')"
NOT_BUILDING = f"""NOT EXISTS (
                SELECT FROM validation_contribution c JOIN inventory_release r ON r.id = c.release_id
                WHERE r.system_id = y.id AND r.state IN {LIVE} AND c.person_id = t.actor_id)
            AND NOT EXISTS (
                SELECT FROM inventory_assignment a
                WHERE a.person_id = t.actor_id AND a.role IN ('owner', 'deputy_owner', 'developer')
                  AND a.since <= {_settled.PRESENT}
                  AND (a.until IS NULL OR a.until > {_settled.PRESENT} OR (a.until > a.since AND a.until > (
                       SELECT min(r.created_at) FROM inventory_release r
                       WHERE r.system_id = y.id AND r.state IN {LIVE})))
                  AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure c
                       WHERE c.ancestor_id = a.unit_id AND c.descendant_id = y.unit_id)))"""
DECIDED = _waivers.DECIDED.replace(_waivers.NOT_BUILDING, NOT_BUILDING)


class Migration(migrations.Migration):
    """Replaces one check of the seal."""

    dependencies = [("validation", "0016_failure_modes")]
    operations = [
        SealCheck(
            "waiver_decided_by_entitled",
            tables=("validation_waiver",),
            violation=DECIDED,
            message="an exception is decided in their own name by somebody entitled who does not build the system",
        ),
    ]
