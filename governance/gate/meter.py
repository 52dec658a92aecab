"""How often one token or person may ask the gate: counted here, settled with the database every few calls.

Counting each call in the database would turn every question into a write, and every write makes the call it happens
in one of the slow ones; a worker therefore settles after a hundredth of the limit (`ONE_IN`), at most `MOST` calls, so
that the limit is exceeded by no more than that per worker.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from rest_framework.exceptions import Throttled

from governance.rest.limits import count_call

ONE_IN, MOST = 100, 300
MINUTE = 60.0


@dataclass(slots=True)
class Tally:
    """Calls not yet settled, since when, and until when the subject is refused."""

    calls: int = 0
    since: float = 0.0
    refused_until: float = 0.0


class Meter:
    """Tallies by token or person."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._lock = threading.Lock()

    def count(self, subject: str) -> None:
        """Count one call of a token or person. Raises Throttled while the minute's calls are used up."""
        now, enough = time.monotonic(), max(1, min(MOST, settings.GATE_CALLS_PER_MINUTE // ONE_IN))
        with self._lock:
            tally = self._tallies.setdefault(subject, Tally(since=now))
            if now < tally.refused_until:
                raise Throttled(wait=tally.refused_until - now)
            if now - tally.since >= MINUTE:
                tally.calls, tally.since = 0, now
            tally.calls += 1
            calls = tally.calls
            if calls >= enough:
                tally.calls = 0
        if calls >= enough:
            self._settle(subject, calls)

    def _settle(self, subject: str, calls: int) -> None:
        try:
            count_call(f"gate:{subject}", settings.GATE_CALLS_PER_MINUTE, calls=calls)
        except Throttled as error:
            with self._lock:
                self._tallies[subject].refused_until = time.monotonic() + float(getattr(error, "wait", None) or 1)
            raise


METER = Meter()
