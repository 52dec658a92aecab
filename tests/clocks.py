"""Moving the portal's clock: in the test database portal_now() reads a table the runtime role may change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

INSTALL = """
CREATE SCHEMA testing;
CREATE TABLE testing.clock (shift interval NOT NULL, frozen timestamptz);
INSERT INTO testing.clock VALUES (interval '0', NULL);
GRANT USAGE ON SCHEMA testing TO {app};
GRANT SELECT, UPDATE ON testing.clock TO {app};
CREATE OR REPLACE FUNCTION public.portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT coalesce(frozen, pg_catalog.statement_timestamp()) + shift FROM testing.clock';
"""


class Clock:
    """The portal's clock under the hands of a test; inside a rolled-back test the change is rolled back too."""

    def now(self) -> datetime:
        """The present, as the portal sees it."""
        instant = self._execute("SELECT portal_now()")
        assert isinstance(instant, datetime)
        return instant

    def move(self, by: timedelta) -> datetime:
        """Move the present; it goes on from there. Negative moves back."""
        self._execute("UPDATE testing.clock SET shift = shift + %s RETURNING portal_now()", by)
        return self.now()

    def set(self, instant: datetime) -> datetime:
        """Make it `instant`; time goes on from there."""
        self._execute("UPDATE testing.clock SET frozen = NULL, shift = %s - statement_timestamp() RETURNING 1", instant)
        return self.now()

    def freeze(self, instant: datetime | None = None) -> datetime:
        """Stop the clock, at `instant` or now: two readings are then equal; `move` still moves it."""
        self._execute(
            "UPDATE testing.clock SET frozen = coalesce(%s, portal_now()), shift = interval '0' RETURNING 1", instant
        )
        return self.now()

    def _execute(self, statement: str, *values: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]
