"""A webhook receiver for tests: answers as told, remembers what it got."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass
class Receiver:
    """What it will answer, one after the other (200 when nothing is left), and what came."""

    port: int
    answers: list[tuple[int | str, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiving(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine, which the portal is allowed to reach."""
    settings.OUTGOING_NETWORKS = ["127.0.0.1/32"]

    class Handler(BaseHTTPRequestHandler):
        """Takes a request and does as told."""

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            receiver.calls.append(Call(self.path, dict(self.headers.items()), self.rfile.read(length), self.command))
            status, text = receiver.answers.pop(0) if receiver.answers else (200, "")
            if status == "silent":
                receiver.released.wait(30)
            elif status == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not receiver.released.wait(0.05):
                    try:
                        self.wfile.write(b".")
                    except OSError:
                        break
            else:
                self.send_response(int(status))
                if 300 <= int(status) < 400:
                    self.send_header("Location", text)
                    text = ""
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        do_GET = do_PUT = do_POST  # noqa: N815  the library's names

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield receiver
    receiver.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
