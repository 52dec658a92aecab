"""A real OpenID provider in a process of its own, on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

import pytest

PATIENCE = 30


class _Here(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Stay, so that where the provider sends the browser can be read."""


class Provider:
    """The provider, and what a person does at it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def knows(self, subject: str, **claims: Any) -> None:
        """An account there, with what it says of whom it belongs to."""
        body = json.dumps(claims).encode()
        request = Request(
            f"{self.issuer}/users/{subject}", data=body, method="PUT", headers={"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 204

    def approve(self, address: str, subject: str) -> str:
        """Sign in there as somebody; returns the path and query the browser is sent back to."""
        opener = build_opener(_Here(), HTTPCookieProcessor(CookieJar()))
        with pytest.raises(HTTPError) as answer:
            opener.open(Request(address, data=urlencode({"sub": subject}).encode()), timeout=PATIENCE)
        with answer.value as sent:
            assert sent.code in {302, 303}
            back = urlsplit(sent.headers["Location"])
        return f"{back.path}?{back.query}"


def asked(address: str) -> dict[str, str]:
    """What an address of the provider asks."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def provider() -> Iterator[Provider]:
    """Start it, wait until it answers, end it."""
    if os.environ.get("CI_FULL") != "1":
        pytest.importorskip("oidc_provider_mock")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(process, port)
        yield Provider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        assert process.poll() is None, "the provider did not start"
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        process_wait(process)
    raise AssertionError("the provider does not answer")


def process_wait(process: subprocess.Popen[bytes]) -> None:
    """A tenth of a second, or less if it ended."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return
