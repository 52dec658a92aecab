"""A real Prometheus and Alertmanager on this machine, fed by an exporter whose one number a test sets.

The programs are those of Debian's packages, which `.ci/run` installs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeVar

from tests.commands import eventually, free_port

PATIENCE = 60.0

T = TypeVar("T")


@dataclass(slots=True)
class Exporter:
    """What a model's own process would tell: the PSI of one feature."""

    psi: float = 0.02


@dataclass(frozen=True, slots=True)
class Alerting:
    """Both tools at work."""

    exporter: Exporter
    prometheus: str
    alertmanager: str


def program(name: str) -> str:
    """Where a program is; fails where there is none."""
    found = shutil.which(name)
    assert found, f"{name} is missing; .ci/run installs it"
    return found


def until(look: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """What `look` finds as soon as it finds something; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)
    return found


@contextmanager
def exporting() -> Iterator[tuple[Exporter, int]]:
    """The exporter and its port."""
    exporter = Exporter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = f'model_feature_psi{{model="scorer",feature="PAY_0"}} {exporter.psi}\n'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: object) -> None:
            """Nothing of it belongs on the screen."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield exporter, server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(folder: Path, command: list[str], ready: str) -> Iterator[None]:
    """A server, from when it is ready to the end of the block."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        )  # fmt: skip
    try:
        try:
            eventually(ready, 200, seconds=30)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text()[-2000:]}") from error
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def alerting(folder: Path, webhook: str, token: str) -> Iterator[Alerting]:
    """Prometheus with two rules on the exporter's number, and Alertmanager that tells the webhook."""
    ports = free_port(), free_port()
    watching, telling = (f"http://127.0.0.1:{port}" for port in ports)
    with exporting() as (exporter, exported):
        _write(folder, webhook, token, exported, ports[1])
        manager = [
            program("prometheus-alertmanager"), "--config.file=alertmanager.yml", "--storage.path=told",
            f"--web.listen-address=127.0.0.1:{ports[1]}", "--cluster.listen-address=",
        ]  # fmt: skip
        server = [
            program("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=watched",
            f"--web.listen-address=127.0.0.1:{ports[0]}", "--rules.alert.resend-delay=1s",
        ]  # fmt: skip
        with running(folder, manager, f"{telling}/-/ready"), running(folder, server, f"{watching}/-/ready"):
            yield Alerting(exporter, watching, telling)


def _write(folder: Path, webhook: str, token: str, exported: int, manager: int) -> None:
    """The settings of both; JSON is YAML too."""

    def rule(name: str, above: float, severity: str) -> dict[str, object]:
        summary = "PSI of {{ $labels.feature }} on {{ $labels.model }} is {{ $value }}"
        return {
            "alert": name, "expr": f"model_feature_psi > {above}", "labels": {"severity": severity},
            "annotations": {"summary": summary, "runbook_url": "https://runbooks.example/drift"},
        }  # fmt: skip

    settings = {
        "alertmanager.yml": {
            "route": {
                "receiver": "portal", "group_by": ["model"], "group_wait": "1s", "group_interval": "2s",
                "repeat_interval": "2s",
            },
            "receivers": [
                {
                    "name": "portal",
                    "webhook_configs": [
                        {"url": webhook, "http_config": {"authorization": {"type": "Bearer", "credentials": token}}}
                    ],
                }
            ],
            "inhibit_rules": [
                {
                    "source_matchers": ['severity="critical"'], "target_matchers": ['severity="warning"'],
                    "equal": ["model", "feature"],
                }
            ],
        },
        "prometheus.yml": {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "model", "static_configs": [{"targets": [f"127.0.0.1:{exported}"]}]}],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]},
        },
        "rules.yml": {
            "groups": [
                {
                    "name": "drift",
                    "rules": [rule("FeatureDrift", 0.1, "warning"), rule("FeatureDriftCritical", 0.25, "critical")],
                }
            ]
        },
    }  # fmt: skip
    for name, value in settings.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
