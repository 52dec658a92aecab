"""The one statement behind a gate answer: who asks, which pack is in force, and every fact, in one snapshot.

It is prepared once per connection: planning would cost more than asking. The cursor is the driver's own and takes the
parameters by number, because Django's binds them on the client's side, and because the driver would look for names in
a text of this length anew at every call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection

from governance.database.clock import portal_now
from governance.gate.answering import PackName
from governance.gate.asking import Question
from governance.policy.facts import Facts, column, read

MOST = 20
PARAMETER = re.compile(r"%\((\w+)\)s")

# Accepted tokens are what `access_usabletoken` holds; no row means 401.
OF_MACHINE = """
token AS MATERIALIZED (
    SELECT t.id AS token_id, t.minted_by_id, t.last_used, u.scopes, m.id AS user_id, m.name AS user_name, m.kind,
           m.sponsor_id
    FROM access_usabletoken u JOIN access_token t ON t.id = u.id JOIN access_user m ON m.id = u.user_id
    WHERE u.digest = %(token)s
)"""
OF_PERSON = """
token AS (
    SELECT NULL::bigint AS token_id, NULL::bigint AS minted_by_id, NULL::timestamptz AS last_used,
           NULL::bigint AS user_id, NULL::text AS user_name, NULL::text AS kind, NULL::bigint AS sponsor_id
)"""
PACK = """
pack AS (
    SELECT p.name, p.version, p.digest FROM policy_pack p
    WHERE p.state = 'adopted' AND p.effective_from <= portal_now()
    ORDER BY p.effective_from DESC, p.id DESC LIMIT 1
)"""
HAS_DIGESTS = """
    r.state <> 'discarded' AND r.id IN (
        SELECT a.release_id FROM inventory_artifact a WHERE a.sha256 = ANY(%(digests)s::text[])
        GROUP BY a.release_id HAVING count(DISTINCT a.sha256) = cardinality(%(digests)s::text[]))"""
NAMED = """
    SELECT s.id AS system_id, r.id AS release_id
    FROM inventory_system s LEFT JOIN inventory_release r ON r.system_id = s.id AND r.version = %(release)s
    WHERE s.slug = %(system)s"""
IN_SYSTEM = f"""
    SELECT s.id AS system_id, r.id AS release_id
    FROM inventory_system s LEFT JOIN inventory_release r ON r.system_id = s.id AND {HAS_DIGESTS}
    WHERE s.slug = %(system)s
    ORDER BY r.id LIMIT {MOST}"""  # noqa: S608  composed of our own text
ANYWHERE = f"""
    SELECT r.system_id, r.id AS release_id FROM inventory_release r
    WHERE {HAS_DIGESTS} AND {{reachable}}
    ORDER BY r.id LIMIT {MOST}"""  # noqa: S608  composed of our own text
CALLER = ", ".join(
    f"token.{name}" for name in ("token_id", "minted_by_id", "user_id", "user_name", "kind", "sponsor_id", "last_used")
)  # as the fields of Caller
REACHABLE = {
    True: "EXISTS (SELECT FROM inventory_tokenreach y WHERE y.digest = %(token)s AND y.system_id = r.system_id "
    "AND y.scope = 'gate:check')",
    False: "r.system_id = ANY(%(systems)s)",
}
# What `inventory_tokenreach` says of one system, from the token row that is at hand already.
SCOPES = {
    True: """(SELECT token.scopes WHERE EXISTS (
        SELECT FROM inventory_tokenlimit l WHERE l.token_id = token.token_id AND l.system_id = target.system_id
        UNION ALL
        SELECT FROM inventory_system y
        JOIN inventory_unitclosure n ON n.descendant_id = y.unit_id
        JOIN inventory_tokenlimit l ON l.unit_id = n.ancestor_id AND l.token_id = token.token_id
        WHERE y.id = target.system_id))""",
    False: "NULL::text[]",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is."""

    token_id: int
    minted_by_id: int
    user_id: int
    name: str
    kind: str
    sponsor_id: int | None
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One release (or a system without it) with what the token may do there."""

    system_id: int
    release_id: int | None
    scopes: frozenset[str]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Row:
    """Everything one statement told. No caller: the token is not accepted (for a token's question)."""

    at: datetime
    caller: Caller | None = None
    pack: PackName | None = None
    found: tuple[Found, ...] = field(default=())


def ask(question: Question, *, token: str | None, systems: tuple[int, ...] = ()) -> Row:
    """Ask the database, for the owner of a token (by the token's digest) or for a person.

    A person's digests are looked for in `systems`. Raises the driver's errors as Django's.
    """
    kind = "named" if question.release else "in_system" if question.system else "anywhere"
    parameters = {
        "token": token, "system": question.system, "release": question.release,
        "digests": list(question.digests), "systems": list(systems),
    }  # fmt: skip
    machine = token is not None
    rows = _fetch(statement(kind, machine=machine), parameters)
    if not rows:
        return Row(portal_now())
    at, *caller, name, version, digest, _system, _release, _scopes, _told = rows[0]
    return Row(
        at=at,
        caller=Caller(*caller) if machine else None,
        pack=PackName(name, version, digest) if digest else None,
        found=tuple(Found(system, release, frozenset(scopes or ()), read(told))
                    for *_, system, release, scopes, told in rows if system is not None),
    )  # fmt: skip


@cache
def statement(kind: str, *, machine: bool) -> str:
    """The SQL for a way of naming what is asked about."""
    targets = {"named": NAMED, "in_system": IN_SYSTEM, "anywhere": ANYWHERE.format(reachable=REACHABLE[machine])}
    return (
        f"WITH {OF_MACHINE if machine else OF_PERSON},{PACK},\ntarget AS ({targets[kind]})\n"
        f"SELECT portal_now() AS at, {CALLER}, pack.*, target.system_id, target.release_id, "
        f"{SCOPES[machine]} AS scopes,\n{column()}\n"
        "FROM token LEFT JOIN pack ON true LEFT JOIN target ON true"
    )


def document_of(digest: str) -> Mapping[str, object] | None:
    """The stored document of a pack, asked for once per process and pack."""
    rows = _fetch("SELECT p.document::text FROM policy_pack p WHERE p.digest = %(digest)s LIMIT 1", {"digest": digest})
    return json.loads(rows[0][0]) if rows else None


def _fetch(sql: str, parameters: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
    """Run a prepared statement; once more on a new connection when the old one turns out to be dead."""
    try:
        return _prepared(sql, parameters)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.connection is None or not connection.connection.closed:
            raise
        connection.close()
        return _prepared(sql, parameters)


def _prepared(sql: str, parameters: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
    """Run it on Django's connection with the driver's own cursor, outside Django's query log."""
    connection.ensure_connection()
    driver = connection.connection
    assert driver is not None  # noqa: S101
    numbered, names = _numbered(sql)
    with connection.wrap_database_errors, psycopg.RawCursor(driver) as cursor:
        cursor.execute(numbered, [parameters[name] for name in names], prepare=True)
        return cursor.fetchall()


@cache
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as PostgreSQL takes it, `%(name)s` as `$1`, with the names in the order of their numbers."""
    names = tuple(dict.fromkeys(PARAMETER.findall(sql)))
    return PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).encode(), names


# One statement, one transaction: it first says who acts, because the ledger refuses a row nobody answers for.
INSERT = """
WITH told AS MATERIALIZED (SELECT set_config('ledger.acting', %(acting)s, true))
INSERT INTO gate_gatecheck (
    at, asked_by_id, token_id, system_id, release_id, submission_id, asked_for, environment, purpose, sha256, nonce,
    decision, enforced, unmet, waived, legacy, pack_id, pipeline)
SELECT %(at)s::timestamptz, %(asked_by)s::bigint, %(token)s::bigint, %(system)s::bigint, %(release)s::bigint,
    %(submission)s::bigint, %(asked_for)s::text, %(environment)s::text, %(purpose)s::text, %(sha256)s::jsonb,
    %(nonce)s::text, %(decision)s::text, %(enforced)s::boolean, %(unmet)s::jsonb, %(waived)s::jsonb,
    %(legacy)s::jsonb,
    (SELECT p.id FROM policy_pack p WHERE p.digest = %(pack)s::text ORDER BY p.id LIMIT 1), %(pipeline)s::jsonb
FROM told
RETURNING id
"""


def insert_check(values: Mapping[str, object]) -> int:
    """Write one row of GateCheck and return its key."""
    return int(_prepared(INSERT, values)[0][0])
