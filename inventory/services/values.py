"""What a system was expected to bring and brought, period by period: recorded, never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from inventory.models import System, ValuePeriod
from inventory.services.permitted import require

MOST = 200
MEASURES = ("outcome", "cost", "saving", "return")
AMOUNTS = tuple(f"{side}_{measure}" for measure in MEASURES for side in ("expected", "actual"))
FIELDS = ("period", "starts_on", "currency", "outcome_unit", *AMOUNTS, "note")
_CURRENCY = re.compile(r"[A-Z]{3}")
_FIRST_MONTHS = {"month": frozenset(range(1, 13)), "quarter": frozenset({1, 4, 7, 10}), "year": frozenset({1})}


def record_values(
    *, actor: User, system: System, periods: Sequence[Mapping[str, object]], door: Door = Door.WEB
) -> list[ValuePeriod]:
    """Say what a system was expected to bring and brought, all periods or none; what was said before stays.

    Each has `period` (month, quarter or year), `starts_on` (its first day), `currency` and at least one amount. All of
    a system stand in one currency. Raises InvalidInput naming `periods.<position>.<field>`, Forbidden.
    """
    with acting(actor, door=door, verb="value.record"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.SYSTEM_CHANGE, locked)
        checks = Checks()
        if not periods or len(periods) > MOST:
            checks.refuse("periods", f"Must hold 1 to {MOST} periods.")
        checks.done()
        known = ValuePeriod.objects.filter(system=locked).values_list("currency", flat=True).first()
        lines = [_cleaned(checks.below(f"periods.{place}"), one) for place, one in enumerate(periods)]
        usual = known or lines[0]["currency"]
        for place, line in enumerate(lines):
            if line["currency"] and line["currency"] != usual:
                checks.refuse(f"periods.{place}.currency", f"The amounts of this system stand in {usual}.")
        checks.done()
        now = portal_now()
        rows = [ValuePeriod(system=locked, recorded_by=actor, recorded_at=now, **line) for line in lines]
        return ValuePeriod.objects.bulk_create(rows)


def _cleaned(checks: Checks, given: Mapping[str, object]) -> dict[str, Any]:
    for unknown in sorted({str(name)[:60] for name in given} - set(FIELDS)):
        checks.refuse(unknown, "Is no field of a period.")
    period = checks.choice("period", given.get("period"), ValuePeriod.Period.values)
    currency = given.get("currency")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        checks.refuse("currency", "Must be three capital letters, like EUR.")
        currency = ""
    amounts = {name: _amount(checks, name, given.get(name)) for name in AMOUNTS}
    if all(given.get(name) in (None, "") for name in AMOUNTS):
        checks.refuse("actual_outcome", "Give at least one amount.")
    return {
        "period": period, "starts_on": _first_day(checks, period, given.get("starts_on")), "currency": currency,
        "outcome_unit": checks.text("outcome_unit", given.get("outcome_unit") or "", limit=200), **amounts,
        "note": checks.text("note", given.get("note") or "", limit=4000, lines=True),
    }  # fmt: skip


def _first_day(checks: Checks, period: str, value: object) -> date | None:
    day = checks.day("starts_on", value)
    if day is None:
        if value is None:
            checks.refuse("starts_on", "Is required.")
    elif period and (day.day != 1 or day.month not in _FIRST_MONTHS[period]):
        checks.refuse("starts_on", f"Must be the first day of a {period}.")
    return day


def _amount(checks: Checks, name: str, value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value)) if isinstance(value, int | float | str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        checks.refuse(name, "Must be a number below 1,000,000,000,000,000.")
        return None
    return number.quantize(Decimal("0.0001"))
