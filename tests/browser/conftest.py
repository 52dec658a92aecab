"""A real browser against the running portal; anything it complains about on its console is a failure.

Chromium comes from the system (CHROMIUM names another), the driver from the e2e extra.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


class Visitor:
    """One signed-in person at one window."""

    def __init__(self, window: Any, address: str) -> None:
        self.window, self.address = window, address
        self.complaints: list[str] = []
        window.on("console", self._heard)
        window.on("pageerror", lambda error: self.complaints.append(f"{window.url}: {error}"))

    def _heard(self, message: Any) -> None:
        # The browser reports the status of a refusal page as an error of its own; the status is checked elsewhere.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.window.url}: {message.text}")

    def sign_in(self, username: str, password: str) -> None:
        """Through the sign-in page, as a person would."""
        self.window.goto(f"{self.address}/accounts/login/")
        self.window.fill("[name=login]", username)
        self.window.fill("[name=password]", password)
        self.window.click("form button.btn-primary")
        self.window.wait_for_url(f"{self.address}/")

    def open(self, path: str) -> int:
        """Go to a page of the portal; returns its status."""
        answer = self.window.goto(f"{self.address}{path}")
        return int(answer.status) if answer else 0

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it stands, by rule and place."""
        session = self.window.context.new_cdp_session(self.window)
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        session.detach()
        found = self.window.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{self.window.url} {rule['id']}: {node['target']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]


@pytest.fixture
def visitor(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """A window on the running portal, with the strict content security policy of every answer in force."""
    sync_api = pytest.importorskip("playwright.sync_api") if os.environ.get("CI_FULL") != "1" else _driver()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    assert settings.CONTENT_SECURITY_POLICY
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        window = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        try:
            yield Visitor(window, live_server.url)
        finally:
            # The driver runs an event loop in this thread, for which Django keeps connections of its own: nobody else
            # closes them, and the next such test would find them ended with the database of this one.
            connections.close_all()
            browser.close()


def _driver() -> Any:
    """The driver, whose absence is a failure where everything is asked for."""
    return __import__("playwright.sync_api", fromlist=["sync_playwright"])
