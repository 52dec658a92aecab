"""When a report falls due: pure arithmetic on calendars and time zones.

Two ways of counting. *exact*: hours run on the clock of the world; days and months keep the local time of day.
*regulation_1182_71*: the day of the event is not counted, the last day counts to its end, an end on a weekend or a
holiday moves to the end of the next working day, and a period of two days or more holds at least two working days
(Regulation (EEC, Euratom) No 1182/71, Art. 3; each row of a pack says whether counsel confirmed it).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """How long, counted how and where."""

    amount: int
    unit: str
    counting: str = "exact"
    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()


def legal_deadline(start: datetime, period: Period) -> datetime:
    """The first instant at which a report that began to run at `start` is late, in UTC.

    Raises ValueError for a start without a zone or an unknown unit.
    """
    if start.tzinfo is None:
        raise ValueError("a start needs its time zone")
    if period.unit == "hours":
        return start.astimezone(UTC) + timedelta(hours=period.amount)
    zone = ZoneInfo(period.zone)
    local = start.astimezone(zone)
    last = _last_day(local.date(), period)
    if period.counting == "exact":
        return datetime.combine(last, local.time(), zone).astimezone(UTC)
    last = _moved(local.date(), last, period)
    return datetime.combine(last + _DAY, time(), zone).astimezone(UTC)


def internal_deadline(start: datetime, period: Period) -> datetime:
    """The stricter instant one works to: n × 24 hours, or the same local time n months on."""
    # Arithmetic on a local time would run on its wall clock, an hour off over a change of the clocks.
    absolute = start.astimezone(UTC)
    if period.unit == "hours":
        own = absolute + timedelta(hours=period.amount)
    elif period.unit == "months":
        own = legal_deadline(start, Period(period.amount, "months", "exact", period.zone))
    else:
        own = absolute + timedelta(hours=24 * period.amount)
    return min(own, legal_deadline(start, period))


def _last_day(first: date, period: Period) -> date:
    if period.unit == "calendar_days":
        return first + period.amount * _DAY
    if period.unit == "working_days":
        day, left = first, period.amount
        while left:
            day += _DAY
            left -= _works(day, period.holidays)
        return day
    if period.unit == "months":
        month = first.month - 1 + period.amount
        year, month = first.year + month // 12, month % 12 + 1
        return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
    raise ValueError(f"{period.unit!r} is no unit of time")


def _moved(first: date, last: date, period: Period) -> date:
    """The last day where it must not fall on a day nobody works, nor leave fewer than two working days."""
    least = 2 if (last - first).days >= 2 else 0
    while not _works(last, period.holidays) or _working_between(first, last, period.holidays) < least:
        last += _DAY
    return last


def _working_between(first: date, last: date, holidays: Collection[date]) -> int:
    return sum(_works(first + number * _DAY, holidays) for number in range(1, min((last - first).days, 14) + 1))


def _works(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays
