"""Taking a guard of the database away, for tests only.

Two uses: arranging a state the guards would refuse, for a test of something that only reads; and proving that a
harness turns red when the guard it is about is missing. Inside a rolled-back test the guards come back by themselves.
"""

from __future__ import annotations

from django.db import connection

from governance.ledger.acting import seal_now

INSTALL = """
CREATE FUNCTION testing.loosen(pattern text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    guard record;
BEGIN
    DELETE FROM public.ledger_sealcheck WHERE name ~ pattern;
    FOR guard IN
        SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relname || '.' || t.tgname ~ pattern
    LOOP
        EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER %I', guard.relname, guard.tgname);
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION testing.loosen(text) TO {app};
"""

STATES = r"\.ledger_(begins|moves)_state$"
EVERYTHING = (
    r"^(assignment_beside|contribution_beside|signoff_)|_(agrees|by_entitled)$|\.validation_|_frozen$"
    r"|\.ledger_(begins|moves)_state$"
)
AGREEMENT = "_agrees$"
SIGNING = r"^signoff_|^validation_signoff\.validation_opens$"


def loosen(*patterns: str) -> None:
    """Take away the seal checks and triggers (`table.trigger`) that one of these regular expressions matches."""
    seal_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT testing.loosen(%s)", ["|".join(patterns)])
