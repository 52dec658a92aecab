"""How the demonstration's high-tier systems fail, as their people wrote it down."""

from __future__ import annotations

from governance.access.models import User
from governance.ledger.acting import Door
from inventory.models import System
from inventory.services.failure_modes import write_failure_mode

DOOR = Door.COMMAND
# System → what goes wrong, who, when, how one copes.
FAILINGS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "fraud-scorer": (
        (
            "Honest payments are refused.", "Customers who travel, and those without another means to pay.",
            "At the start of holidays, when payments from abroad double.",
            "Refusals by country are watched hourly; the on-call team raises the threshold within ten minutes.",
        ),
        (
            "A new kind of fraud passes.", "Organised groups who test with small payments.",
            "In the weeks after a release, until labels arrive.",
            "Chargebacks by merchant are compared daily; a rule bridges the gap until the next release.",
        ),
    ),
    "credit-risk": (
        (
            "Newcomers are scored too low.", "People with a short history in the country.",
            "When an application holds fewer than six months of records.",
            "A credit officer decides alone in these cases; appeals are counted by length of history.",
        ),
    ),
    "aml-monitor": (
        (
            "Alerts swamp the investigators.", "Investigators, and customers whose transfers wait.",
            "After a change of the sanctions lists.",
            "The queue's age is watched; a second shift is called when it passes two days.",
        ),
    ),
    "property-valuation": (
        (
            "Homes are valued too high.", "Borrowers who owe more than the home brings, and the bank.",
            "Where few homes were sold, above all by the sea.",
            "Fewer than five sales nearby ask for a surveyor; every tenth value is checked against one.",
        ),
    ),
}  # fmt: skip


def failings(system: System, developer: User) -> None:
    """Write them down."""
    for what, who, when, how in FAILINGS.get(system.slug, ()):
        write_failure_mode(
            actor=developer, system=system, what=what, who=who, when=when, how=how, door=DOOR
        )  # fmt: skip
