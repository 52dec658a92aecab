"""Who uses the embedded cluster: every process holds a shared lock, and the last one out stops the server.

A lock held on a file ends with its process whatever kills it, so nobody has to be counted or remembered.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from governance.database.configuration import APP_ROLE, DATABASE, OWNER_ROLE
from governance.database.embedded.account import EmbeddedError
from governance.database.embedded.cluster import ADMINISTRATOR, Cluster

_held: dict[Path, tuple[int, int]] = {}


def join(cluster: Cluster) -> None:
    """Count this process among the users of the cluster until it ends."""
    pid = os.getpid()
    if _held.get(cluster.wanted, (None,))[0] == pid:
        return
    descriptor = cluster.open_beside("users")
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[cluster.wanted] = (pid, descriptor)
    atexit.register(leave, cluster)


def leave(cluster: Cluster) -> None:
    """Stop counting this process, and stop the server if it was the last and nobody asked to keep it."""
    pid, descriptor = _held.get(cluster.wanted, (None, -1))
    if pid != os.getpid():  # a forked child runs its parent's exit hooks
        return
    del _held[cluster.wanted]
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not cluster.beside("keep").exists():
            with cluster.locked():
                cluster.stop()
    except BlockingIOError:
        pass
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
    finally:
        os.close(descriptor)


def ensure(cluster: Cluster) -> None:
    """Have the cluster made, started, and furnished with the portal's roles and database."""
    join(cluster)
    with cluster.locked():
        if cluster.answers():
            return
        cluster.make()
        cluster.start()
        _furnish(cluster)


def keep(cluster: Cluster, *, wanted: bool) -> None:
    """Say whether the server stays up when its last user leaves."""
    if wanted:
        cluster.beside("keep").touch()
    else:
        cluster.beside("keep").unlink(missing_ok=True)


def is_kept(cluster: Cluster) -> bool:
    """Whether the server stays up when its last user leaves."""
    return cluster.beside("keep").exists()


def _furnish(cluster: Cluster) -> None:
    """Make the two roles and the database, as an administrator of any PostgreSQL would (see production.md)."""
    with psycopg.connect(
        host=str(cluster.socket_folder), user=ADMINISTRATOR, dbname="postgres", autocommit=True
    ) as connection:
        for role, right in ((OWNER_ROLE, "CREATEDB"), (APP_ROLE, "NOCREATEDB")):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {}").format(
                        sql.Identifier(role), sql.SQL(right)
                    )
                )
        # The owner may end the runtime's sessions, to replace a database under them; never the other way round.
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_ROLE), sql.Identifier(OWNER_ROLE)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE))
            )
