"""What people are told when the database refuses a write of the policy."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden


def register() -> None:
    """Give each constraint its sentence; called once, at start."""
    explain("pack_adopted_by_another", Forbidden, "sod.same_person", "You proposed this pack; another adopts it.")
    explain("pack_effective_from_once", Conflict, "duplicate", "Another pack comes into force at that instant.")
    explain("pack_version_once", Conflict, "duplicate", "This version of the pack is loaded already.")
