"""Deadlines of reports: in another zone, over a change of the clocks, at the end of February, over a weekend."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.deadlines import Period, internal_deadline, legal_deadline

BRUSSELS, NEW_YORK = ZoneInfo("Europe/Brussels"), ZoneInfo("America/New_York")
LAW = "regulation_1182_71"


def brussels(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BRUSSELS)  # type: ignore[arg-type, misc]


def days(amount: int, counting: str = LAW, *holidays: date) -> Period:
    return Period(amount, "calendar_days", counting, "Europe/Brussels", frozenset(holidays))


@pytest.mark.parametrize(
    ("start", "period", "legal"),
    [
        # The day of awareness is not counted; 15 days on is a Sunday, so the Monday counts to its end.
        (brussels(2026, 11, 21, 10), days(15), brussels(2026, 12, 8)),
        # 22:30 in New York on Friday is Saturday 04:30 in Brussels: the calendar of the duty decides.
        (datetime(2026, 11, 6, 22, 30, tzinfo=NEW_YORK), days(10), brussels(2026, 11, 18)),
        (brussels(2026, 11, 6, 22, 30), days(10), brussels(2026, 11, 17)),
        # Two days from a Friday hold only a weekend: two working days are left, so Tuesday to its end.
        (brussels(2026, 11, 20, 9), days(2), brussels(2026, 11, 25)),
        # A holiday on the Tuesday takes one of the two working days.
        (brussels(2026, 11, 20, 9), days(2, LAW, date(2026, 11, 24)), brussels(2026, 11, 26)),
        # Hours run through the night in which 02:00 is struck twice, and through the one in which it is not struck.
        (brussels(2026, 10, 24, 12), Period(72, "hours"), brussels(2026, 10, 27, 11)),
        (brussels(2027, 3, 27, 12), Period(72, "hours"), brussels(2027, 3, 30, 13)),
        # Exact days keep the local time of day over the change.
        (brussels(2026, 10, 24, 12), days(2, "exact"), brussels(2026, 10, 26, 12)),
        # A month from the last of January ends with February, leap year or not.
        (brussels(2027, 1, 31, 9), Period(1, "months", "exact", "Europe/Brussels"), brussels(2027, 2, 28, 9)),
        (brussels(2028, 1, 31, 9), Period(1, "months", "exact", "Europe/Brussels"), brussels(2028, 2, 29, 9)),
        (brussels(2027, 2, 13, 9), days(15), brussels(2027, 3, 2)),
        (brussels(2028, 2, 14, 9), days(15), brussels(2028, 3, 1)),
        (brussels(2026, 11, 30, 9), Period(13, "months", LAW, "Europe/Brussels"), brussels(2027, 12, 31)),
        (brussels(2026, 11, 20, 9), Period(3, "working_days", "exact", "Europe/Brussels"), brussels(2026, 11, 25, 9)),
    ],
)  # fmt: skip
def test_a_legal_deadline_follows_its_counting_rule(start: datetime, period: Period, legal: datetime) -> None:
    assert legal_deadline(start, period) == legal.astimezone(UTC)
    assert internal_deadline(start, period) <= legal


def test_the_internal_deadline_is_so_many_times_24_hours() -> None:
    start = brussels(2026, 10, 20, 12)  # fifteen days that are an hour longer than 15 × 24
    assert internal_deadline(start, days(15)) == (start.astimezone(UTC) + timedelta(hours=360))


def test_a_start_without_a_zone_and_an_unknown_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        legal_deadline(datetime(2026, 11, 21), Period(1, "hours"))  # noqa: DTZ001  what is refused
    with pytest.raises(ValueError, match="no unit"):
        legal_deadline(brussels(2026, 11, 21), Period(1, "fortnights"))
