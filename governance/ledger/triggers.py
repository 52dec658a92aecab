"""Functions and triggers as the ledger makes them: the owner's, pinned, and always enabled.

All functions are SECURITY DEFINER with pinned settings, and no other role may call them or attach them to a table of
its own. No function reads a setting to stand aside: the one setting they read says who acts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PINNED = """SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET standard_conforming_strings = on"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One always enabled trigger. `when` is its timing up to EXECUTE, with `{table}` in its place."""

    name: str
    table: str
    when: str
    function: str
    arguments: tuple[str, ...] = ()
    constraint: bool = False

    def sql(self) -> str:
        """Statements that (re)create it."""
        head = f"CREATE {'CONSTRAINT ' if self.constraint else ''}TRIGGER {self.name}"
        arguments = ", ".join(f"'{argument}'" for argument in self.arguments)
        return (
            f"DROP TRIGGER IF EXISTS {self.name} ON public.{self.table};\n"
            f"{head} {self.when.format(table=f'public.{self.table}')} "
            f"EXECUTE FUNCTION public.{self.function}({arguments});\n"
            f"ALTER TABLE public.{self.table} ENABLE ALWAYS TRIGGER {self.name};\n"
        )

    def shape(self) -> tuple[int, bool, str, tuple[str, ...]]:
        """What the catalogue says of it: type bits (`pg_trigger.tgtype`), condition or none, function, arguments."""
        words = set(re.findall(r"[A-Z]+", self.when.partition("REFERENCING")[0].partition("WHEN")[0]))
        bits = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32, "BEFORE": 2}
        row = 1 if "FOR EACH ROW" in self.when else 0
        return row + sum(bits[w] for w in words & bits.keys()), "WHEN (" in self.when, self.function, self.arguments


def function(name: str, body: str, *, returns: str = "trigger", arguments: str = "", extra: str = "") -> str:
    """Statements that create the owner's function `name` and keep every other role from calling or attaching it."""
    settings = f"{PINNED}\n{extra}".rstrip()
    return (
        f"CREATE OR REPLACE FUNCTION public.{name}({arguments}) RETURNS {returns}\n"
        f"LANGUAGE plpgsql SECURITY DEFINER\n{settings}\nAS $ledger${body}$ledger$;\n"
        f"REVOKE ALL ON FUNCTION public.{name}({arguments}) FROM PUBLIC;\n"
        f"""DO $ledger$ DECLARE other text; BEGIN
    FOR other IN SELECT DISTINCT a.grantee::regrole::text FROM pg_proc p, aclexplode(p.proacl) a
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname = '{name}' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION public.{name}({arguments}) FROM ' || other;
    END LOOP;
END $ledger$;
"""
    )


def read_only(table: str) -> str:
    """Statements that leave every role but the owner the right to read `table`, and nothing else."""
    return f"""REVOKE ALL ON TABLE public.{table} FROM PUBLIC;
DO $ledger$ DECLARE other text; BEGIN
    FOR other IN SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = '{table}' AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE 'REVOKE ALL ON TABLE public.{table} FROM ' || other;
        EXECUTE 'GRANT SELECT ON TABLE public.{table} TO ' || other;
    END LOOP;
END $ledger$;
"""


def owner_only(table: str) -> str:
    """Statements that leave no role but the owner any right to `table`."""
    return f"""REVOKE ALL ON TABLE public.{table} FROM PUBLIC;
DO $ledger$ DECLARE other text; BEGIN
    FOR other IN SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = '{table}' AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE 'REVOKE ALL ON TABLE public.{table} FROM ' || other;
    END LOOP;
END $ledger$;
"""


REFUSE_BODY = """
BEGIN
    RAISE EXCEPTION '% on % is refused: %', lower(TG_OP), TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = '23514', CONSTRAINT = TG_ARGV[1], TABLE = TG_TABLE_NAME;
END """


def refuse(table: str, name: str, when: str, why: str, constraint: str) -> Trigger:
    """A trigger that refuses an operation outright."""
    return Trigger(name, table, when, "ledger_refuse", (why, constraint))


def frozen(table: str, *, updates: bool = False) -> list[Trigger]:
    """Triggers that keep a table append-only (`updates`: its rows may still change), for its owner too."""
    events = "DELETE" if updates else "UPDATE OR DELETE"
    why = "the ledger is append-only"
    return [
        refuse(table, "ledger_frozen", f"BEFORE {events} ON {{table}} FOR EACH ROW", why, "ledger_append_only"),
        refuse(table, "ledger_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", why, "ledger_append_only"),
    ]
