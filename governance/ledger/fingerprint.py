"""A fingerprint of the schema's defence: functions, triggers, views, constraints, unique indexes, rules and grants.

Whoever owns the tables can replace a check of the seal or the clock, and put everything back afterwards. After every
`migrate` the catalogue is therefore compared with what the ledger last recorded, and what differs is written as one
event (`op` S of the table name `catalogue`): each object by name with a digest of its definition, None for one that is
gone. Verification folds these events and compares them with the live catalogue. Nothing that a migration did not do
stays unnoticed, and what a migration did is on record.

Definitions are what the catalogue itself prints, so another major version of PostgreSQL may print some otherwise: run
`migrate` after such an upgrade; its event says which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from governance.ledger.differences import Difference
from governance.ledger.shapes import ARM, WRITE

CATALOGUE = "catalogue"
DIGITS = 32
Objects = dict[str, str]

_HERE = "'public'::regnamespace"
_RELATION_ACL = (
    """coalesce(c.relacl, acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relowner))"""
)


def _named(role: str) -> str:
    """SQL: the owner by their part, other roles by name."""
    owner = "(SELECT o.relowner FROM pg_class o WHERE o.oid = 'public.ledger_event'::regclass)"
    return f"CASE {role} WHEN 0 THEN 'everybody' WHEN {owner} THEN 'owner' ELSE {role}::regrole::text END"


def _grants(acl: str) -> str:
    """SQL: who may do what, in a fixed order."""
    return f"""(SELECT string_agg(g.may, ', ' ORDER BY g.may COLLATE "C") FROM (
        SELECT {_named("a.grantee")} || ' ' || a.privilege_type || CASE WHEN a.is_grantable THEN ' on' ELSE '' END may
        FROM aclexplode({acl}) a) g)"""


# Each part: kind, name, and everything of the definition that matters, as one row of the catalogue.
PARTS = {
    "function": f"""
SELECT p.oid::regprocedure::text, jsonb_build_array(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
    pg_get_function_result(p.oid), l.lanname, p.prosecdef, p.proisstrict, p.provolatile, p.proconfig, p.probin,
    {_named("p.proowner")}, {_grants("coalesce(p.proacl, acldefault('f', p.proowner))")})
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = {_HERE} AND p.prokind <> 'a'""",
    "trigger": f"""
SELECT t.tgname || ' on ' || c.relname, jsonb_build_array(pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = {_HERE}""",
    "constraint": f"""
SELECT k.conname || ' on ' || c.relname, jsonb_build_array(pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable,
    k.condeferred, (SELECT string_agg(t.tgenabled::text, '' ORDER BY t.tgtype, t.tgrelid = k.conrelid, t.tgfoid)
        FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = {_HERE} AND k.contype IN ('c', 'f', 'p', 'u', 'x')""",
    "index": f"""
SELECT c.relname, jsonb_build_array(pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = {_HERE} AND (i.indisunique OR i.indisexclusion)""",
    "view": f"""
SELECT c.relname, jsonb_build_array(pg_get_viewdef(c.oid), c.reloptions)
FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = {_HERE}""",
    "rule": f"""
SELECT r.rulename || ' on ' || c.relname, jsonb_build_array(pg_get_ruledef(r.oid), r.ev_enabled)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN' AND c.relnamespace = {_HERE}""",
    "policy": f"""
SELECT p.polname || ' on ' || c.relname, jsonb_build_array(p.polcmd, p.polpermissive,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = {_HERE}""",
    "relation": f"""
SELECT c.relname, jsonb_build_array(c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
    {_named("c.relowner")},
    {_grants(_RELATION_ACL)},
    (SELECT jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid), {_grants("a.attacl")}) ORDER BY a.attname)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'))
FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relnamespace = {_HERE}""",
    "event trigger": """
SELECT e.evtname, jsonb_build_array(e.evtevent, e.evtenabled, e.evtfoid::regprocedure::text) FROM pg_event_trigger e""",
    "check of the seal": "SELECT s.name, s.tables FROM public.ledger_sealcheck s",
}
RECORDED = "SELECT id, after FROM public.ledger_event WHERE table_name = 'catalogue' AND op = 'S' ORDER BY id"
BLOCK = "SELECT block_id FROM public.ledger_link WHERE event_id = %s"
NAMES = "SELECT current_setting('search_path'), set_config('search_path', %s, true)"


def include(kind: str, query: str) -> None:
    """Have rows fingerprinted that migrations write and rules depend on: a query of name and jsonb definition."""
    PARTS[kind] = query


def objects(connection: BaseDatabaseWrapper) -> Objects:
    """Every object of the defence with the digest of its definition, as the catalogue has them now."""
    statement = "\nUNION ALL\n".join(
        f"SELECT '{kind} ' || x.name, encode(sha256(convert_to(x.definition::text, 'UTF8')), 'hex') "
        f"FROM ({part}) x (name, definition)"
        for kind, part in PARTS.items()
    )
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(NAMES, ["pg_catalog"])  # so that every name is printed with its schema, whoever asks
        (before, _) = cursor.fetchone() or ("", "")
        cursor.execute(statement)
        found = {str(name): str(digest)[:DIGITS] for name, digest in cursor.fetchall()}
        cursor.execute(NAMES, [before])
    return dict(sorted(found.items()))


def digest(found: Objects) -> str:
    """One digest over all objects."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def recorded(connection: BaseDatabaseWrapper) -> tuple[int | None, Objects]:
    """What the ledger says they should be, and the last event that says so."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDED)
        events = cursor.fetchall()
    found: dict[str, str | None] = {}
    for _, after in events:
        found |= (json.loads(after) if isinstance(after, str) else after)["objects"]
    standing = {name: value for name, value in sorted(found.items()) if value is not None}  # None: gone since
    return (events[-1][0] if events else None), standing


def record_fingerprint(connection: BaseDatabaseWrapper) -> None:
    """Write what changed since the last event; nothing when nothing did."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        (last, before), now = recorded(connection), objects(connection)
        if last is not None and before == now:
            return
        changed = {
            name: now.get(name) for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)
        }
        was = json.dumps({"digest": digest(before)}) if last is not None else None
        cursor.execute(WRITE, [CATALOGUE, was, json.dumps({"digest": digest(now), "objects": changed})])
        cursor.execute(ARM)


def differences(connection: BaseDatabaseWrapper) -> Iterator[Difference]:
    """Every object that is not what the last recorded fingerprint says. One that was never recorded is a difference."""
    with transaction.atomic(using=connection.alias):
        (last, expected), found = recorded(connection), objects(connection)
        with connection.cursor() as cursor:
            cursor.execute(BLOCK, [last])
            (block,) = cursor.fetchone() or (None,)
    if last is None:
        yield Difference(None, CATALOGUE, "", "digest", "a recorded fingerprint", None)
        return
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield Difference(block, CATALOGUE, name, "definition", expected.get(name), found.get(name))
