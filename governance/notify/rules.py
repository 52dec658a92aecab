"""When a message may go out, and when a failed one is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to be told: hours are those of his zone; quiet hours may go over midnight."""

    daily: bool = False
    digest_hour: int = 7
    quiet_from: int | None = None
    quiet_until: int | None = None
    zone: str = "UTC"


def moment(wish: Wish, now: datetime) -> datetime:
    """The first moment from `now` on that suits the person."""
    here = now.astimezone(ZoneInfo(wish.zone))
    if wish.daily:
        here = _next(here, wish.digest_hour)
    elif _is_quiet(wish, here.hour):
        here = _next(here, wish.quiet_until or 0)
    else:
        return now
    return here.astimezone(now.tzinfo)


def pause(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is enough."""
    if attempts >= MOST_ATTEMPTS:
        return None
    pause: timedelta = _FIRST_PAUSE * 4 ** max(attempts - 1, 0)
    return min(pause, _LONGEST_PAUSE)


def _is_quiet(wish: Wish, hour: int) -> bool:
    begin, end = wish.quiet_from, wish.quiet_until
    if begin is None or end is None or begin == end:
        return False
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def _next(here: datetime, hour: int) -> datetime:
    day = here.date() if here.hour < hour else here.date() + timedelta(days=1)
    return datetime.combine(day, time(hour), here.tzinfo)
