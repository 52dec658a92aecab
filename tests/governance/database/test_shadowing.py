"""What the runtime role makes in its own temporary schema never stands in for ours, least of all as the owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

PINNED_LAST = """
SELECT p.proname FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = (
        SELECT relowner FROM pg_class WHERE oid = 'public.ledger_event'::regclass)
    AND (p.prosecdef OR p.prorettype = 'trigger'::regtype) AND p.proname !~ '^procrastinate_'
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c (setting)
        WHERE c.setting ~ '^search_path=pg_catalog, (public, )?pg_temp$')
"""
SHADOW = """
CREATE TEMP TABLE inventory_unitclosure (ancestor_id bigint, descendant_id bigint);
GRANT ALL ON pg_temp.inventory_unitclosure TO PUBLIC;
CREATE FUNCTION pg_temp.climb() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'ALTER TABLE public.ledger_event DISABLE TRIGGER ledger_frozen';
    RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION pg_temp.climb() TO PUBLIC;
CREATE TRIGGER climb AFTER INSERT ON pg_temp.inventory_unitclosure FOR EACH ROW EXECUTE FUNCTION pg_temp.climb();
"""


@pytest.mark.django_db
def test_every_function_of_the_owner_looks_into_temporary_schemas_last() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PINNED_LAST)
        assert cursor.fetchall() == []


def test_a_temporary_table_lets_nobody_act_as_the_owner(app_connection: Callable[..., psycopg.Connection[Any]]) -> None:
    with app_connection() as raw, raw.transaction():
        raw.execute(SHADOW)
        acting = {"actor_id": None, "actor_kind": "system", "actor_name": "x", "door": "command", "verb": "unit.create"}
        raw.execute("SELECT set_config('ledger.acting', %s, true)", [json.dumps(acting)])
        raw.execute("INSERT INTO public.inventory_unit (slug, name) VALUES ('shadow', 'Shadow')")
        row = raw.execute(
            "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'ledger_frozen' "
            "AND tgrelid = 'public.ledger_event'::regclass"
        ).fetchone()
        assert row == ("A",)
        spread = raw.execute(
            "SELECT count(*) FROM public.inventory_unitclosure c "
            "JOIN public.inventory_unit u ON u.id = c.descendant_id WHERE u.slug = 'shadow'"
        ).fetchone()
        assert spread == (1,)
