"""What people are told when the database refuses a write of the policy."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden


def register() -> None:
    """Give each constraint its sentence; called once, at start."""
    explain("pack_adopted_by_another", Forbidden, "sod.same_person", "You proposed this pack; another adopts it.")
    explain("pack_adopted_by_two", Forbidden, "forbidden", "Two people of governance bring a pack into force.")
    explain("pack_effective_from_once", Conflict, "duplicate", "Another pack comes into force at that instant.")
    explain("pack_proposer_stands", Forbidden, "sod.same_person", "Who proposed a pack stays named with it.")
    explain("pack_version_once", Conflict, "duplicate", "This version of the pack is loaded already.")
    explain("pack_frozen", Conflict, "frozen", "What a pack says, and when it comes into force, never changes.")
    explain("pack_in_force", Conflict, "in_force", "A pack that has come into force is not withdrawn.")
    explain("pack_not_backwards", Conflict, "past", "A pack comes into force now or later, never backwards.")
