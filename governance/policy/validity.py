"""When an approval ends: computed once, when it is given, and stored as an instant. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from governance.policy.schema import PackDocument


def approval_ends(document: PackDocument, tier: str, at: datetime) -> datetime | None:
    """The end of an approval given at an instant; None for a tier without validity.

    Without a time zone in the pack it is that many times 24 hours later. With one, the last day counts to its end
    where the organisation is: the approval ends with the first instant of the day after, whatever the clocks did
    in between.
    """
    days = document.approvals.validity_days.get(tier)
    if days is None:
        return None
    name = document.approvals.time_zone
    if name is None:
        return at + timedelta(days=days)
    zone = ZoneInfo(name)
    day_after = at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day_after, time.min, tzinfo=zone).astimezone(UTC)
