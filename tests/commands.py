"""Starting the project's own commands the way a person would, in a process of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


def environment(**values: str) -> dict[str, str]:
    """An environment without anything the portal or its tests were told, except `values`."""
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **values}


def manage(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` to its end; `values` are the environment it sees besides the bare essentials."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=PROJECT, env=environment(**values), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@contextmanager
def managing(*arguments: str, **values: str) -> Iterator[subprocess.Popen[str]]:
    """Start `manage.py` and leave it running, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", *arguments], cwd=PROJECT, env=environment(**values),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """Status and text of an address; 0 while nobody answers."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def eventually(url: str, status: int, *, seconds: float = 60, **headers: str) -> str:
    """The text of an address as soon as it answers with `status`; fails with its last answer when it does not."""
    deadline = time.monotonic() + seconds
    while True:
        found, text = fetch(url, **headers)
        if found == status:
            return text
        assert time.monotonic() < deadline, f"{url} still answers {found}: {text}"
        time.sleep(0.1)
