"""Servers for benchmarks, as `serve` starts them, and a client with several connections that never waits between."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60
HOST = "127.0.0.1"
AS_SERVE_DOES = (
    "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1", "--no-ws", "--log-level", "warning",
)  # fmt: skip


@contextmanager
def served(application: str, environment: dict[str, str], port: int) -> Iterator[None]:
    """A WSGI application served until the end of the block. Raises TimeoutError when nobody listens."""
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *AS_SERVE_DOES, "--port", str(port), application],
        cwd=ROOT, env={**os.environ, **environment}, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not listens(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"{application} does not answer")
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Caller(asyncio.Protocol):
    """One connection that sends the same request again as soon as the answer is complete."""

    def __init__(self, request: bytes, until: float) -> None:
        self.request, self.until = request, until
        self.taken: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        """Ask once."""
        self.received, self.started = b"", perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count a complete answer; anything but 200 ends the benchmark."""
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < length(head):
            return
        now = perf_counter()
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(self.received.decode()))
            self.transport.close()
            return
        self.taken.append(now - self.started)
        if now < self.until:
            self.send()
        else:
            self.transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that breaks is a failure."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))


def length(head: bytes) -> int:
    """The length of the body that follows."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def load(port: int, request: bytes, *, connections: int, seconds: float) -> tuple[float, list[float]]:
    """Requests a second, and how long each took."""

    async def run() -> tuple[float, list[float]]:
        loop, started = asyncio.get_running_loop(), perf_counter()
        callers = [
            (await loop.create_connection(lambda: Caller(request, started + seconds), HOST, port))[1]
            for _ in range(connections)
        ]
        await asyncio.gather(*(caller.done for caller in callers))
        taken = [each for caller in callers for each in caller.taken]
        return len(taken) / (perf_counter() - started), taken

    return asyncio.run(run())
