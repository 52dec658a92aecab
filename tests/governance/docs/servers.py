"""PostgreSQL servers a test may treat as somebody's own: the embedded one as a stand-in, and a stock one."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from governance.database.embedded.account import other_account
from governance.database.embedded.cluster import ADMINISTRATOR, Cluster
from tests.commands import free_port

OLDEST = 15


@dataclass(frozen=True)
class Server:
    """A running server: how its administrator signs in, and what stands in an address after the password."""

    administrator: dict[str, Any]
    place: str

    def connect(self) -> psycopg.Connection[Any]:
        """A connection as the administrator, committing by itself."""
        return psycopg.connect(**self.administrator, autocommit=True)


@contextmanager
def embedded(home: Path) -> Iterator[Server]:
    """The embedded server, empty, as any other PostgreSQL."""
    cluster = Cluster(home / "postgres")
    with cluster.locked():
        cluster.make()
        cluster.start()
    folder = str(cluster.socket_folder)
    try:
        yield Server({"host": folder, "user": ADMINISTRATOR, "dbname": "postgres"}, f"/countersign?host={folder}")
    finally:
        with cluster.locked():
            cluster.stop()


@contextmanager
def stock(home: Path) -> Iterator[Server]:
    """A server of the system's own PostgreSQL, with passwords and TCP as on a server of its own."""
    programs = newest_programs()
    assert programs is not None
    account, port = other_account(), free_port()
    data, secret = home / "data", home / "secret"
    secret.write_text("the-administrator")
    if account is not None:
        home.chmod(0o755)
        data.mkdir(mode=0o700)
        for path in (data, secret):
            path.chmod(0o700)
            os.chown(path, account.uid, account.gid)

    def run(program: str, *arguments: str) -> None:
        with (home / "output").open("a") as output:
            subprocess.run(
                [programs / program, "-D", data, *arguments], check=True, stdout=output, stderr=output, cwd="/",
                user=account.uid if account else None, group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip

    run("initdb", "-U", "administrator", "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8", "--locale=C")
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", f"-p {port} -k {data} -c listen_addresses=127.0.0.1", "start")
    administrator = {"host": "127.0.0.1", "port": port, "user": "administrator", "password": "the-administrator"}
    try:
        yield Server({**administrator, "dbname": "postgres"}, f"127.0.0.1:{port}/countersign")
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")


def newest_programs() -> Path | None:
    """The folder of the system's newest PostgreSQL that is new enough, if there is one."""
    found = [
        (int(folder.parent.name), folder)
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if re.fullmatch(r"\d+", folder.parent.name) and (folder / "initdb").exists()
    ]
    recent = [pair for pair in found if pair[0] >= OLDEST]
    return max(recent)[1] if recent else None
