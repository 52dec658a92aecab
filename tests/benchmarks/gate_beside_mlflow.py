"""The gate's rate beside that of an MLflow registry asked for a model by its alias, on the same PostgreSQL.

    MLFLOW=/its/environment/bin/mlflow .venv/bin/python -m pytest -q -s tests/benchmarks/gate_beside_mlflow.py

MLflow (with psycopg) is installed in an environment of its own; it gets a database of its own on the server the portal
uses. Both have two workers. Rounds alternate and the medians count: the machine is small and noisy.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.benchmarks.gate import QUESTION, _real_clock, arrange
from tests.benchmarks.serving import HOST, PATIENCE_SECONDS, free_port, listens, load, served

__all__ = ["_real_clock"]
MLFLOW = os.environ.get("MLFLOW", "mlflow")
MODELS, ALIAS = int(os.environ.get("MODELS", "200")), "champion"
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "5")), float(os.environ.get("SECONDS", "3"))
CONNECTIONS = (8, 32)


@contextmanager
def registry(url: str, folder: Path, port: int) -> Iterator[None]:
    """A registry of MODELS models, each with a version under the alias, served until the end of the block."""
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
        [MLFLOW, "server", "--backend-store-uri", url, "--workers",
         "2", "--host", HOST, "--port", str(port), "--artifacts-destination", str(folder)],
        cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=log,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not listens(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError((folder / "log").read_text()[-2000:])
            time.sleep(0.2)
        for number in range(MODELS):
            name = f"model-{number}"
            post(port, "registered-models/create", {"name": name})
            post(port, "model-versions/create", {"name": name, "source": f"s3://models/{name}"})
            post(port, "registered-models/alias", {"name": name, "alias": ALIAS, "version": "1"})
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def post(port: int, path: str, body: dict[str, Any]) -> None:
    """One call of the registry's API."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/api/2.0/mlflow/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()


def asked(address: str, *headers: str) -> bytes:
    """A request that keeps the connection."""
    return "\r\n".join([f"GET {address} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


@pytest.mark.django_db(transaction=True)
def test_beside_mlflow(
    database_urls: dict[str, str], owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Print a line for each number of connections."""
    _owner, text = arrange()
    name = f"registry_{os.getpid()}"
    owner_connection.execute(f"CREATE DATABASE {name}")
    url = database_urls["DATABASE_OWNER_URL"]
    base, _, database = url.partition("?")[0].rpartition("/")
    theirs = url.replace(f"{base}/{database}", f"{base}/{name}", 1).replace("postgres://", "postgresql://", 1)
    ports = {"gate": free_port(), "MLflow": free_port()}
    lookup = urlencode({"name": f"model-{MODELS // 2}", "alias": ALIAS})
    requests = {
        "gate": asked(f"/api/v1/gate/?{urlencode(QUESTION)}", f"Authorization: Bearer {text}"),
        "MLflow": asked(f"/api/2.0/mlflow/registered-models/alias?{lookup}"),
    }
    try:
        with ExitStack() as servers:
            environment = {**database_urls, "GATE_CALLS_PER_MINUTE": str(10**9)}
            servers.enter_context(served("governance.wsgi:application", environment, ports["gate"]))
            servers.enter_context(registry(theirs, tmp_path, ports["MLflow"]))
            print(f"\n{'connections':>11}{'gate 1/s':>10}{'MLflow 1/s':>12}{'gate / MLflow':>15}{'load':>7}")  # noqa: T201
            for connections in CONNECTIONS:
                rates: dict[str, list[float]] = {each: [] for each in ports}
                for _ in range(ROUNDS + 1):
                    for each, port in ports.items():
                        rates[each].append(load(port, requests[each], connections=connections, seconds=SECONDS)[0])
                ours, other = (median(rates[each][1:]) for each in ("gate", "MLflow"))  # the first round warms up
                print(f"{connections:>11}{ours:>10.0f}{other:>12.0f}{ours / other:>15.1f}{os.getloadavg()[0]:>7.1f}")  # noqa: T201
    finally:
        owner_connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
