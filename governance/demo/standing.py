"""What is known of the demonstration's systems besides their releases: controls, value, decisions of two people.

All figures and texts here are invented for the demonstration.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from inventory.models import Asset, System
from inventory.services.controls import record_controls
from inventory.services.legacy import bring_in_approval, move_legacy
from inventory.services.lowering import move_lowered, propose_lower_tier
from inventory.services.values import record_values

DOOR = Door.COMMAND
CONTROLLED, GUARDED, HELD_BEFORE, LOWERED = "fraud-scorer", "payment-features", "cash-forecast", "collections-priority"
WIKI = "https://wiki.bank.example/controls/"
# Control, how it stands, how it is done.
CONTROLS = (
    ("encryption-at-rest", "yes", "Disks and backups, with keys of the bank's own."),
    ("encryption-in-transit", "yes", "Between all services, with certificates of ninety days."),
    ("access-control", "yes", "The payments risk team; granted for a quarter at a time."),
    ("anonymisation", "partly", "Card numbers are replaced; merchant names are not yet."),
    ("disposal", "no", "Scores older than two years are not deleted yet."),
    ("staff-training", "yes", "Two hours a year, with a test."),
)
OF_DATA = (
    ("encryption-at-rest", "yes", "The warehouse encrypts every table."),
    ("consent", "not_applicable", "Fraud prevention rests on legitimate interest."),
)
# First day of a quarter: stopped fraud in percent of its value (expected, actual), cost, saving in EUR.
QUARTERS: tuple[tuple[date, str, str | None, str, str | None, str, str | None], ...] = (
    (date(2025, 7, 1), "80", "78.5", "210000", "232000", "900000", "861000"),
    (date(2025, 10, 1), "80", "81.2", "210000", "205000", "950000", "978000"),
    (date(2026, 1, 1), "83", "82.9", "190000", "188000", "1000000", "1012000"),
    (date(2026, 4, 1), "83", "85.4", "190000", "196000", "1050000", "1139000"),
    (date(2026, 7, 1), "85", "84.1", "190000", "201000", "1100000", "1087000"),
    (date(2026, 10, 1), "85", None, "190000", None, "1150000", None),
)


def controls(system: System, developer: User, governance: User) -> None:
    """Say how the controls of one system and of the data below it stand."""
    if system.slug != CONTROLLED:
        return
    record_controls(actor=developer, subject=system, facts=[_fact(*one) for one in CONTROLS], door=DOOR)
    data = Asset.objects.get(slug=GUARDED)
    record_controls(actor=governance, subject=data, facts=[_fact(*one) for one in OF_DATA], door=DOOR)


def value(system: System, owner: User) -> None:
    """Record what one system was expected to bring and brought."""
    if system.slug != CONTROLLED:
        return
    names = (
        "starts_on", "expected_outcome", "actual_outcome", "expected_cost", "actual_cost", "expected_saving",
        "actual_saving",
    )  # fmt: skip
    usual = {"period": "quarter", "currency": "EUR", "outcome_unit": "Fraud stopped, in % of its value"}
    periods: list[dict[str, Any]] = [{**usual, **dict(zip(names, row, strict=True))} for row in QUARTERS]
    record_values(actor=owner, system=system, periods=periods, door=DOOR)


def decisions(system: System, people: dict[str, User]) -> None:
    """An approval from before the portal that ends, and a tier held lower for a time."""
    now = portal_now()
    if system.slug == HELD_BEFORE:
        approval = bring_in_approval(
            actor=people["governance"], system=system, version="4.2.0", approved_on=date(2025, 3, 31),
            approved_by="Treasury model committee", reference="Minutes of 31 March 2025, item 4",
            until=now + timedelta(days=120), door=DOOR,
        )  # fmt: skip
        move_legacy(
            "confirm", actor=people["approver"], approval=approval, reason="The minutes say so; the file was read.",
            door=DOOR,
        )  # fmt: skip
    if system.slug == LOWERED:
        lowered = propose_lower_tier(
            actor=people["owner"], system=system, tier="low", review_at=now + timedelta(days=60), door=DOOR,
            reason="A pilot on two hundred accounts; every call is decided by an agent.",
        )  # fmt: skip
        move_lowered(
            "grant", actor=people["riskofficer"], lowered=lowered, door=DOOR,
            reason="For the pilot only; the full roll-out is medium again.",
        )  # fmt: skip


def _fact(control: str, state: str, note: str) -> dict[str, Any]:
    shown = {"url": f"{WIKI}{control}"} if state == "yes" else {}
    return {"control": control, "state": state, "note": note, "stated_on": portal_now().date(), **shown}
