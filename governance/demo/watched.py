"""What the demonstration's bank watches: one metric with two weeks of values, the newest of which broke its limit.

All figures here are invented for the demonstration.
"""

from __future__ import annotations

from datetime import timedelta

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from incidents.services.measurements import record_measurements
from incidents.services.plans import plan_monitoring
from inventory.models import System

DOOR = Door.COMMAND
WATCHED = "fraud-scorer"
METRIC = "false-positive-rate"
DAYS, EVERY = 14, timedelta(hours=6)
# Genuine payments declined, in percent, over the four quarters of a day; and what came since yesterday.
QUARTERS = (1.42, 1.21, 1.55, 1.68)
LATELY = (1.81, 1.97, 2.12, 2.26)


def watch(system: System, owner: User, developer: User) -> None:
    """Plan the one metric of the one system, and post its values."""
    if system.slug != WATCHED:
        return
    plan_monitoring(
        actor=owner, system=system, metric=METRIC, kind="performance", unit="%", direction="lower", warning=2.0,
        critical=5.0, source="Hourly job on the card switch", longest_silence_hours=12, breaches_needed=2,
        follows="work", answers=developer, door=DOOR,
    )  # fmt: skip
    count = DAYS * len(QUARTERS)
    first = portal_now().replace(minute=0, second=0, microsecond=0) - EVERY * (count - 1)
    usual = [QUARTERS[number % len(QUARTERS)] + (number * 7 % 5) / 50 for number in range(count - len(LATELY))]
    points = [
        {"system": system.slug, "metric": METRIC, "at": (first + EVERY * number).isoformat(), "value": round(value, 2)}
        for number, value in enumerate([*usual, *LATELY])
    ]
    record_measurements(actor=owner, measurements=points, door=DOOR)
