"""How often one person or token may call: counted in the database, exactly, by one statement; never by address."""

from __future__ import annotations

from django.conf import settings
from django.db import InternalError, connection
from rest_framework.exceptions import Throttled

READ_ONLY = "25006"

_COUNT = """
INSERT INTO rest_callcount (subject, minute, calls) VALUES (%(subject)s, date_trunc('minute', portal_now()), %(calls)s)
ON CONFLICT (subject) DO UPDATE SET
    calls = CASE WHEN rest_callcount.minute = excluded.minute THEN rest_callcount.calls + excluded.calls
                 ELSE excluded.calls END,
    minute = excluded.minute
RETURNING calls, ceil(extract(epoch FROM minute + interval '1 minute' - portal_now()))::int
"""


def count_call(subject: str, limit: int | None = None, *, calls: int = 1, reading: bool = False) -> None:
    """Count calls of `subject` (`person:7`, `token:3`). Raises Throttled when the minute's calls are used up.

    While the database takes no writes nothing can be counted; `reading` goes on all the same.
    """
    most = settings.API_CALLS_PER_MINUTE if limit is None else limit
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"subject": subject, "calls": calls})
            counted, wait = cursor.fetchone()
    except InternalError as error:
        if reading and getattr(error.__cause__, "sqlstate", None) == READ_ONLY:
            return
        raise
    if counted > most:
        raise Throttled(wait=max(wait, 1))
