"""One embedded PostgreSQL cluster: where it lives, whether it answers, starting and stopping it.

Nothing listens on the network. The data folder has mode 0700 and holds the socket, so the folder's mode is the
authentication; whether the server lives is asked of the socket, never of a process id, which zombies and reuse falsify.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from governance.database.embedded.account import (
    Account,
    EmbeddedError,
    binaries,
    other_account,
    private_folder,
)

ADMINISTRATOR = "countersign_admin"
LONGEST_SOCKET_PATH = 100
START_SECONDS = 60
ORPHAN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Cluster:
    """The embedded cluster kept at `wanted` (or, for root below a private home, at a stand-in for it)."""

    wanted: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        account = other_account()
        if account is None or account.can_traverse(_existing(self.wanted.parent)):
            return self.wanted
        return private_folder("data", self.wanted, mode=0o711) / self.wanted.name

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket: the data folder, unless its path is too long for a socket."""
        data = self.data
        if len(os.fsencode(str(data / ".s.PGSQL.5432"))) < LONGEST_SOCKET_PATH:
            return data
        return private_folder("socket", data, mode=0o711, parent=Path(tempfile.gettempdir())) / "s"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.data / "server.log"

    @property
    def exists(self) -> bool:
        """Whether the cluster has been made."""
        return (self.data / "PG_VERSION").exists()

    def answers(self) -> bool:
        """Whether a server accepts connections on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket_folder / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def beside(self, suffix: str) -> Path:
        """A small file of ours beside the data folder."""
        return self.wanted.with_name(f"{self.wanted.name}.{suffix}")

    def open_beside(self, suffix: str) -> int:
        """Open such a file to lock it. Raises EmbeddedError when it is another account's."""
        path = self.beside(suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise EmbeddedError(
                f"{path} belongs to another account; use that account or set PORTAL_DATA to another place."
            ) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the right to start, stop or make this cluster; one process at a time."""
        descriptor = self.open_beside("lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def make(self) -> None:
        """Make the cluster if there is none. The caller holds the lock."""
        data = self.data
        if self.exists:
            return
        account = other_account()
        if data != self.wanted:
            sys.stderr.write(f"{account and account.name} cannot reach {self.wanted}; the database lives in {data}.\n")
        making = data.with_name(f"{data.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        _own_folder(making, account)
        self._run(
            "initdb", "-D", str(making), "-U", ADMINISTRATOR, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        if data.exists():
            data.rmdir()
        making.rename(data)

    def start(self) -> None:
        """Start the server if it does not answer. The caller holds the lock."""
        if self.answers():
            return
        folder = self.socket_folder
        if folder != self.data:
            _own_folder(folder, other_account())
        self._clear_after_crash()
        self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-t", str(START_SECONDS), "-l", str(self.log),
            "-o", f"-c listen_addresses='' -c timezone=UTC -c log_timezone=UTC -c max_connections=200 -k '{folder}'",
            "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server if it runs, ending its connections. The caller holds the lock."""
        if self.answers():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-t", str(START_SECONDS), "-m", "fast", "stop")

    def remove(self) -> None:
        """Stop the server and remove its data for good. The caller holds the lock."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        if self.data.exists():
            raise EmbeddedError(f"{self.data} could not be removed.")

    def _clear_after_crash(self) -> None:
        """Remove the lock files a killed server left behind, once the last of its processes is gone.

        PostgreSQL itself takes a zombie for a live server, and in a container a zombie may stay.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + ORPHAN_SECONDS
        while _working_in(self.data):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Processes of a killed server still use {self.data}; end them first.")
            time.sleep(0.05)
        if not _is_live_postgres(pid):
            pid_file.unlink(missing_ok=True)
            (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the right account; its output goes to a file, never a pipe.

        A server started by the program inherits its output and would keep a pipe open for ever.
        """
        account = other_account()
        command = [str(binaries(account) / program), *arguments]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 (our own binaries and paths)
                command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
                env=environment, timeout=3 * START_SECONDS,
                user=account.uid if account else None, group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip
            if done.returncode:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise EmbeddedError(f"{program} failed: {said}\n{self._end_of_log()}".strip())

    def _end_of_log(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        return ""


def _existing(folder: Path) -> Path:
    """The nearest folder at or above `folder` that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _own_folder(folder: Path, account: Account | None) -> None:
    """Make `folder` with mode 0700, belonging to the account that runs PostgreSQL."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _working_in(data: Path) -> list[int]:
    """Live processes whose working folder is the data folder: a server's, or orphans of a killed one."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        if process.info["cwd"] == str(data) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def _is_live_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    except psutil.NoSuchProcess:
        return False
