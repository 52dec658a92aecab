"""The portal's one clock: the database's, through the SQL function portal_now()."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class PortalNow(Func):
    """`portal_now()` as a query expression."""

    function = "portal_now"
    template = "%(function)s()"
    output_field = DateTimeField()


def portal_now() -> datetime:
    """The instant the portal works with (UTC)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101
    return now
