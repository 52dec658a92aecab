"""Days as people say them, of the instants periods end at: periods are half-open and kept in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def last_day(end: datetime) -> date:
    """The last day of a period that ends at this instant: where that is midnight, the day before."""
    return (end.astimezone(UTC) - timedelta(microseconds=1)).date()


def is_midnight(instant: datetime) -> bool:
    """Whether a day ends at this instant."""
    return last_day(instant) != instant.astimezone(UTC).date()
