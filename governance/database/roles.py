"""The two database roles: the owner migrates and owns everything, the runtime role works with what it is granted."""

from __future__ import annotations

from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

# What the owner makes from now on, the runtime role may use: rows yes, structure no, and no TRUNCATE.
GRANTS = """
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, USAGE ON SEQUENCES TO {app};
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {app};
"""


def grant(connection: BaseDatabaseWrapper, app_role: str) -> None:
    """Let the runtime role work with everything the owner will make; done by the owner before the first migration.

    Only default privileges are set, so a table from which a migration took a right keeps being without it.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(GRANTS).format(app=sql.Identifier(app_role)))


class _Role(NamedTuple):
    """What the database says about the role of a connection, in the order FAULTS selects it."""

    name: str
    is_superuser: bool
    owns: bool
    is_owner: bool
    creates: bool
    truncates: bool


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """What is wrong with the role this connection works as; empty when it is a proper runtime role."""
    with connection.cursor() as cursor:
        cursor.execute(FAULTS)
        row = _Role(*cursor.fetchone())
    role = row.name
    sentences = {
        "is_superuser": f"The runtime role {role} is a superuser of the database.",
        "owns": f"The runtime role {role} owns tables; the migrations' role must own them.",
        "is_owner": f"The runtime role {role} is, or can become, a role that owns the portal's tables.",
        "creates": f"The runtime role {role} may create objects in the schema public.",
        "truncates": f"The runtime role {role} may TRUNCATE tables.",
    }
    return [sentence for fault, sentence in sentences.items() if getattr(row, fault)]


FAULTS = """
WITH tables AS (
    SELECT oid, relowner FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
)
SELECT current_user AS role,
       (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS is_superuser,
       EXISTS (SELECT FROM tables WHERE relowner = session_user::regrole) AS owns,
       EXISTS (SELECT FROM tables WHERE pg_has_role(session_user, relowner, 'MEMBER')
               AND relowner <> session_user::regrole) AS is_owner,
       has_schema_privilege(session_user, 'public', 'CREATE') AS creates,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
               AND has_table_privilege(session_user, oid, 'TRUNCATE')) AS truncates
"""
