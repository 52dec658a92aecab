"""What the runtime role may and may not do."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from psycopg import sql

from governance.database.roles import faults

pytestmark = pytest.mark.django_db(transaction=True)
App = Callable[..., psycopg.Connection[Any]]

REFUSED = (
    "TRUNCATE access_user CASCADE",
    "DROP TABLE django_session",
    "ALTER TABLE access_user ADD COLUMN backdoor text",
    "ALTER TABLE access_user DISABLE TRIGGER ALL",
    "CREATE TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TRIGGER mine BEFORE INSERT ON access_user EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "SET ROLE countersign_owner",
    "SET SESSION AUTHORIZATION countersign_owner",
    "SET session_replication_role = replica",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "COPY access_user TO '/tmp/people'",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_runtime_role_is_refused(statement: str, app_connection: App) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)):
        app_connection(autocommit=True).execute(statement)


def test_the_runtime_role_works_with_rows(app_connection: App) -> None:
    session = app_connection()
    session.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
    session.execute("UPDATE django_session SET session_data = 'other' WHERE session_key = 'key'")
    session.execute("DELETE FROM django_session WHERE session_key = 'key'")


def test_it_inherits_the_right_to_what_the_owner_makes_later(
    owner_connection: psycopg.Connection[Any], app_connection: App
) -> None:
    owner_connection.execute("CREATE TABLE later (id bigserial PRIMARY KEY, word text)")
    app_connection().execute("INSERT INTO later (word) VALUES ('new') RETURNING id")


def test_the_owner_is_no_superuser(owner_connection: psycopg.Connection[Any]) -> None:
    found = owner_connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    assert found.fetchone() == (False, False)


def test_tests_work_as_the_runtime_role() -> None:
    assert faults(connection) == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_owner_would_not_pass_for_a_runtime_role() -> None:
    assert "owns tables" in " ".join(faults(connections["owner"]))


def test_a_role_with_too_many_rights_would_not_pass(owner_connection: psycopg.Connection[Any]) -> None:
    app = sql.Identifier(connections["default"].settings_dict["USER"])
    owner_connection.execute(sql.SQL("GRANT TRUNCATE ON django_session TO {}").format(app))
    assert faults(connection) == [
        f"The runtime role {connections['default'].settings_dict['USER']} may TRUNCATE tables."
    ]


def test_long_waits_end_by_themselves() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == ("30s", "10s")
