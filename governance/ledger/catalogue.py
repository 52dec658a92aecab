"""The database's catalogue against the declarations: classes, triggers, function bodies, privileges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from governance.ledger import recording, sealing, states
from governance.ledger.tables import OWN, Evidence, Governed, TableClass, declared
from governance.ledger.tables import recording as recording_of
from governance.ledger.triggers import Trigger

TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype, t.tgqual IS NOT NULL, p.proname,
    t.tgargs, t.tgdeferrable AND t.tginitdeferred
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND t.tgname LIKE 'ledger\\_%'
"""
FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, p.proowner = c.relowner, coalesce(p.proconfig::text, '')
FROM pg_proc p, pg_class c
WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\\_%'
    AND c.oid = 'public.ledger_event'::regclass
"""
WRITABLE = """
SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)
    AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'
"""
CHECKS = "SELECT name FROM ledger_sealcheck"
# The guards beside the ledger's own triggers (frozen packages, dated roles …): nothing of them may sleep.
ASLEEP = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)
    AND t.tgname NOT LIKE 'ledger\\_%%' AND t.tgenabled <> 'A' ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What migrations should have made."""

    triggers: list[Trigger]
    bodies: dict[str, str]


def faults(connection: BaseDatabaseWrapper | psycopg.Connection[Any]) -> list[str]:
    """Every way in which the database does not do what is declared; empty when all defences stand."""
    classes = declared()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = {name for (name,) in cursor.fetchall()}
        cursor.execute(TRIGGERS)
        triggers = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
        cursor.execute(FUNCTIONS)
        functions = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(CHECKS)
        checks = {sealing.check_name(name) for (name,) in cursor.fetchall()}
        cursor.execute(WRITABLE, [list(OWN)])
        writable = cursor.fetchall()
        cursor.execute(ASLEEP, [[name for name, kind in classes.items() if isinstance(kind, Governed | Evidence)]])
        asleep = cursor.fetchall()
    expected = expectation(classes)
    return [
        *(f"The table {table} has no class." for table in sorted(tables - classes.keys())),
        *(f"The table {table} is declared, but not there." for table in sorted(classes.keys() - tables)),
        *_trigger_faults(expected.triggers, triggers),
        *_function_faults(expected.bodies, functions, checks),
        *(f"The trigger {name} on {table} is not always enabled." for table, name in asleep),
        *(f"A role may {right} on {table}." for table, right in writable),
    ]


def expectation(classes: dict[str, TableClass]) -> Expected:
    """Every trigger and function body the declarations call for."""
    triggers = sealing.machinery_triggers()
    bodies = dict(sealing.BODIES)
    for table, declaration in classes.items():
        if isinstance(declaration, Governed):
            described = recording_of(apps, table, declaration)
            triggers += recording.governed_triggers(described)
            bodies[recording.record_name(table)] = recording.record_body(described)
            for column, machine in declaration.transitions.items():
                initial = declaration.initial.get(column, ())
                triggers += states.state_triggers(table, column, initial)
                body = states.transitions_body(table, column, machine.pairs(), initial)
                bodies[states.states_name(table, column)] = body
        elif isinstance(declaration, Evidence):
            described = recording_of(apps, table, declaration)
            triggers += recording.evidence_triggers(described)
            bodies[recording.batch_name(table)] = recording.batch_body(described)
    return Expected(triggers, bodies)


def _trigger_faults(expected: list[Trigger], found: dict[tuple[str, str], tuple[object, ...]]) -> Iterator[str]:
    wanted = {(trigger.table, trigger.name): trigger for trigger in expected}
    for table, name in sorted(wanted.keys() - found.keys()):
        yield f"The trigger {name} on {table} is missing."
    for table, name in sorted(found.keys() - wanted.keys()):
        yield f"The trigger {name} on {table} is not declared."
    for place in sorted(wanted.keys() & found.keys()):
        enabled, bits, conditional, function, arguments, deferred = found[place]
        given = bytes(arguments).split(b"\0")[:-1] if isinstance(arguments, bytes | memoryview) else []
        shape = (bits, conditional, function, tuple(argument.decode() for argument in given))
        if enabled != "A":
            yield f"The trigger {place[1]} on {place[0]} is not always enabled."
        if shape != wanted[place].shape() or deferred != wanted[place].constraint:
            yield f"The trigger {place[1]} on {place[0]} is not the declared one."


def _function_faults(expected: dict[str, str], found: dict[str, tuple[object, ...]], checks: set[str]) -> Iterator[str]:
    for name in sorted((expected.keys() | checks) - found.keys()):
        yield f"The function {name} is missing."
    for name in sorted(found.keys() - expected.keys() - checks):
        yield f"The function {name} is not declared."
    for name in sorted(found):
        body, definer, owned, settings = found[name]
        if name in expected and body != expected[name]:
            yield f"The body of the function {name} is not the declared one."
        if not (definer and owned) or "search_path=pg_catalog" not in str(settings):
            yield f"The function {name} does not run as the owner with pinned settings."
