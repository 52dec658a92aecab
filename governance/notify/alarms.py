"""Alarms of the portal's own jobs: one row that cannot be handled stops no other, and somebody hears of it.

A job handles each row inside `alone`. What goes wrong there is logged and announced; where incidents are kept, an alert
stands in the inbox until a person has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.db import OperationalError, transaction

from governance.web.announcements import announce

WORDS = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RowNotHandled:
    """A job could not handle a row. The same job and row again are the same trouble, for as long as it goes on."""

    job: str
    row: str
    title: str
    words: str
    system: int | None = None


@contextmanager
def alone(job: str, row: str, title: str, *, system: int | None = None) -> Iterator[None]:
    """Handle one row for itself: an error raises an alarm and ends here, so that the others are handled.

    Raises OperationalError: that is the database, not the row, and the next round takes everything up again.
    """
    try:
        yield
    except OperationalError:
        raise
    except Exception as error:
        log.exception("row_not_handled", job=job, row=row)
        alarm(RowNotHandled(job, row, title, f"{type(error).__name__}: {error}"[:WORDS], system))


def alarm(trouble: RowNotHandled) -> None:
    """Tell whoever keeps alarms. An alarm that cannot be kept stays in the log and stops nothing."""
    try:
        with transaction.atomic():
            announce(trouble)
    except OperationalError:
        raise
    except Exception:
        log.exception("alarm_not_kept", job=trouble.job, row=trouble.row)
