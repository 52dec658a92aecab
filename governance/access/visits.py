"""How often one source may set out for the provider: each visit makes a session, and every answer questions there.

Counted in the memory of each process: nothing is decided by it, and a count in the database would cost what it saves.
"""

from __future__ import annotations

import time
from collections import Counter

SECONDS = 60
MOST_SOURCES = 10_000
_ELSEWHERE = "elsewhere"  # stands for every source beyond those


class Visits:
    """The visits of the running minute, by source."""

    def __init__(self) -> None:
        self._minute = -1
        self._counted: Counter[str] = Counter()

    def count(self, source: str, most: int) -> bool:
        """Count one; whether it was within the minute's number."""
        minute = int(time.monotonic() // SECONDS)
        if minute != self._minute:
            self._minute, self._counted = minute, Counter()
        known = source in self._counted or len(self._counted) < MOST_SOURCES
        key = source if known else _ELSEWHERE
        self._counted[key] += 1
        return self._counted[key] <= most


VISITS = Visits()
