"""The template database of the suite and the clones tests work on."""

from __future__ import annotations

import hashlib
import importlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from governance.access import keys
from governance.ledger.fingerprint import record_fingerprint
from tests import clocks, loosening

TEMPLATE = "test_template_"
RUN = "test_run_"


class Clones:
    """One template, named by the migrations it was built from, and one clone of it for this run."""

    def __init__(self) -> None:
        self.template = ""
        self.clone = f"{RUN}{os.getpid()}"
        self._server: psycopg.Connection[Any] | None = None
        self._written = ""

    def prepare(self) -> None:
        """Build the template unless an earlier run left the same one, and clone it.

        A run holds a shared lock on its template until it ends, so another run of other migrations lets it be.
        """
        self.template = TEMPLATE + _digest()
        self._server = server = self._maintenance()
        server.execute("SELECT pg_advisory_lock(hashtext('countersign test template'))")
        names = {name for (name,) in server.execute("SELECT datname FROM pg_database")}
        for name in names:
            if _is_left_over(name) or (
                name.startswith(TEMPLATE) and name != self.template and _is_unused(server, name)
            ):
                _drop(server, name)
        server.execute("SELECT pg_advisory_lock_shared(hashtext(%s))", [self.template])
        if self.template not in names:
            self._build(server)
        self._make_clone(server)
        server.execute("SELECT pg_advisory_unlock(hashtext('countersign test template'))")
        self._use(self.clone)

    def renew(self) -> None:
        """Replace the clone by a fresh one, unless the server wrote nothing at all since it was made.

        Every connection to the old one is ended.
        """
        connections.close_all()
        assert self._server is not None
        if self._written == _position(self._server):
            return
        _drop(self._server, self.clone)
        self._make_clone(self._server)

    def remove(self) -> None:
        """Drop the clone."""
        connections.close_all()
        if self._server is not None:
            _drop(self._server, self.clone)
            self._server.close()

    def parameters(self, alias: str) -> dict[str, Any]:
        """What psycopg needs to connect to the clone in the role of `alias`."""
        wanted = connections[alias].get_connection_params()
        kept = ("dbname", "user", "password", "host", "port", "options")
        return {key: wanted[key] for key in kept if key in wanted}

    def url(self, alias: str) -> str:
        """The address of the clone in the role of `alias`, as DATABASE_URL takes it."""
        wanted = self.parameters(alias)
        secret = f":{quote(wanted['password'])}" if wanted.get("password") else ""
        port = f"&port={wanted['port']}" if wanted.get("port") else ""
        return f"postgres://{wanted['user']}{secret}@/{wanted['dbname']}?host={wanted['host']}{port}"

    def _build(self, server: psycopg.Connection[Any]) -> None:
        building = f"{RUN}{os.getpid()}_template"
        _drop(server, building)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        self._use(building)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        app = sql.Identifier(connections["default"].settings_dict["USER"])
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql.SQL(clocks.INSTALL).format(app=app))
            cursor.execute(sql.SQL(loosening.INSTALL).format(app=app))
        # The suite's own clock is part of what the template is: from here on it is what verification expects.
        record_fingerprint(connections["owner"])
        connections.close_all()
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(self.template))
        )

    def _make_clone(self, server: psycopg.Connection[Any]) -> None:
        names = {"clone": sql.Identifier(self.clone), "template": sql.Identifier(self.template)}
        server.execute(sql.SQL("CREATE DATABASE {clone} TEMPLATE {template} STRATEGY wal_log").format(**names))
        self._written = _position(server)

    def _use(self, name: str) -> None:
        connections.close_all()
        for alias in ("default", "owner"):
            connections[alias].settings_dict["NAME"] = name

    def _maintenance(self) -> psycopg.Connection[Any]:
        """A connection beside the test databases, as the owner, through the engine that starts the server."""
        owner = connections["owner"]
        with owner._nodb_cursor() as cursor:  # starts an embedded server that is not up
            cursor.execute("SELECT 1")
        return psycopg.connect(**{**self.parameters("owner"), "dbname": "postgres"}, autocommit=True)


def _digest() -> str:
    """A digest of everything the template depends on."""
    seen = hashlib.sha256()
    for source in (Path(__file__), Path(clocks.__file__), Path(loosening.__file__)):
        seen.update(source.read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda each: each.label):
        folder = Path(config.path)
        for source in sorted(folder.glob("migrations/*.py")):
            seen.update(source.name.encode() + source.read_bytes())
    for name in ("governance.database", "governance.ledger", "governance.access"):
        folder = Path(importlib.import_module(name).__path__[0])
        for source in sorted(folder.rglob("*.py")):
            seen.update(source.read_bytes())
    seen.update(keys.current().fingerprint.encode())
    return seen.hexdigest()[:16]


def _is_left_over(name: str) -> bool:
    """Whether a clone belongs to a run that has ended without removing it."""
    pid = name.removeprefix(RUN).split("_", 1)[0]
    return name.startswith(RUN) and pid.isdigit() and (int(pid) == os.getpid() or not psutil.pid_exists(int(pid)))


def _position(server: psycopg.Connection[Any]) -> str:
    """How far the server's write-ahead log has come: it moves with every write to any of its databases."""
    found = server.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    return str(found and found[0])


def _is_unused(server: psycopg.Connection[Any], template: str) -> bool:
    """Whether no run holds the template; if so it is ours to drop."""
    found = server.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [template]).fetchone()
    return found == (True,)


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    """Drop a database with whoever is connected; an owner without a right to end them waits for them to go."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        server.execute(statement + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        server.execute(statement)
