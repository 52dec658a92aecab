"""Views for reporting tools: each column documented, read-only for everybody, granted to nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.clocks import Clock
from tests.conftest import clones

PAGE = Path(__file__).parents[2] / "governance" / "docs" / "reporting.md"
App = Callable[..., psycopg.Connection[Any]]
COLUMNS = """
SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'reporting'::regnamespace ORDER BY c.relname, a.attnum
"""
SECRET = re.compile(r"password|secret|token|key$|email|salt|proof|credential|seed|last_login")

pytestmark = pytest.mark.django_db(transaction=True)


def documented() -> list[tuple[str, str, str]]:
    found = []
    for part in PAGE.read_text().split("\n## ")[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", part, re.MULTILINE)
        found += [(part.split("\n")[0], column, meaning) for column, meaning in rows]
    return found


def test_every_column_is_documented_and_none_is_secret(owner_connection: psycopg.Connection[Any]) -> None:
    columns = owner_connection.execute(COLUMNS).fetchall()
    assert sorted(columns) == sorted(documented())
    assert len(columns) > 100
    assert [column for _, column, _ in columns if SECRET.search(column)] == []


def test_nobody_writes_through_them_and_the_runtime_role_does_not_even_read(
    owner_connection: psycopg.Connection[Any], app_connection: App, clock: Clock
) -> None:
    updatable = owner_connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace "
        "AND (relkind <> 'v' OR pg_relation_is_updatable(oid, true) <> 0)"
    ).fetchall()
    assert updatable == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection(autocommit=True).execute("SELECT FROM reporting.systems")


def test_the_documented_grant_lets_a_role_read_every_view_and_write_none(
    owner_connection: psycopg.Connection[Any], app_connection: App
) -> None:
    """The runtime role stands in for the tool's: it writes the tables below, and still not through the views."""
    role = clones.parameters("default")["user"]
    (granted,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    owner_connection.execute(granted.replace("countersign_reporting", f'"{role}"'))
    session = app_connection(autocommit=True)
    for view in {view for view, _, _ in documented()}:
        session.execute(f"SELECT * FROM reporting.{view}")
        for statement in (f"DELETE FROM reporting.{view}", f"INSERT INTO reporting.{view} DEFAULT VALUES"):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
                session.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("CREATE TABLE reporting.mine (id int)")
