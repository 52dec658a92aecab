"""When approvals end: days of 24 hours, or whole days where the organisation is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from governance.policy.packs import PackInvalid, parse, shipped
from governance.policy.schema import PackDocument
from governance.policy.validity import approval_ends


def pack(days: int, zone: str | None) -> PackDocument:
    line = f"validity_days: {{high: {days}, medium: 365, low: 730}}"
    return parse(
        shipped("baseline").replace(
            "validity_days: {high: 180, medium: 365, low: 730}", line + (f"\n  time_zone: {zone}" if zone else "")
        )
    )


def test_without_a_zone_it_is_so_many_times_24_hours() -> None:
    at = datetime(2026, 3, 27, 9, 30, tzinfo=UTC)
    assert approval_ends(pack(4, None), "high", at) == at + timedelta(days=4)
    assert approval_ends(pack(4, None), "nothing", at) is None


@pytest.mark.parametrize(
    ("at", "days", "zone", "end"),
    [
        # over the switch to summer time in Berlin, 29 March 2026: the last day is 31 March, to its end
        ("2026-03-27T09:30:00+00:00", 4, "Europe/Berlin", "2026-03-31T22:00:00+00:00"),
        # in winter the same day ends an hour later
        ("2026-02-23T09:30:00+00:00", 4, "Europe/Berlin", "2026-02-27T23:00:00+00:00"),
        # back to winter time, 25 October 2026
        ("2026-10-24T12:00:00+00:00", 1, "Europe/Berlin", "2026-10-25T23:00:00+00:00"),
        # late in the evening in UTC it is already the next day in Berlin
        ("2026-06-01T22:30:00+00:00", 1, "Europe/Berlin", "2026-06-03T22:00:00+00:00"),
        # 29 February and New Year
        ("2028-02-28T12:00:00+00:00", 1, "Europe/Berlin", "2028-02-29T23:00:00+00:00"),
        ("2026-12-30T12:00:00+00:00", 1, "America/New_York", "2027-01-01T05:00:00+00:00"),
        # where midnight does not exist on the day the clocks change, the day begins at the change
        ("2026-04-22T12:00:00+00:00", 1, "Africa/Cairo", "2026-04-23T22:00:00+00:00"),
    ],
)
def test_with_a_zone_the_last_day_counts_to_its_end_there(at: str, days: int, zone: str, end: str) -> None:
    ends = approval_ends(pack(days, zone), "high", datetime.fromisoformat(at))
    assert ends == datetime.fromisoformat(end)
    assert ends is not None
    local = (ends - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (23, 59)


def test_a_zone_nobody_knows_is_refused_on_its_line() -> None:
    with pytest.raises(PackInvalid, match=r"line \d+: approvals.time_zone: there is no time zone “Mars/Base”"):
        pack(1, "Mars/Base")
