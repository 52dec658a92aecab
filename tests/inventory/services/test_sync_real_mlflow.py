"""A real MLflow server with more models than a page holds, in an environment of its own, synced twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from governance.ledger.acting import Command, Door
from governance.ledger.models import Event
from inventory.imports import mlflow
from inventory.models import ImportedRow
from inventory.services.registries import sync_mlflow
from tests.inventory.scene import Scene

pytestmark = [pytest.mark.mlflow, pytest.mark.django_db]

RELEASE = "3.17.2"
HOME = Path(__file__).resolve().parents[3] / ".ci" / "cache" / f"mlflow-{RELEASE}"
MODELS = 125
READY_WITHIN = 90.0


def call(url: str, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request to the server's own API."""
    request = Request(
        f"{url}{mlflow.API}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
    )
    with urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def environment() -> Path:
    """The Python of the server's environment, made once and kept."""
    python = HOME / "bin" / "python"
    if not (HOME / "bin" / "mlflow").exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"mlflow=={RELEASE}"], check=True)
    return python


def answers(url: str) -> bool:
    """Whether the server is up."""
    try:
        with urlopen(f"{url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port of this machine, with its models; up before the test opens its transaction."""
    python, tmp_path = environment(), tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db", "--artifacts-destination", str(tmp_path),
    ]  # fmt: skip
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        )  # fmt: skip
    try:
        ends = time.monotonic() + READY_WITHIN
        while not answers(url):
            assert process.poll() is None, (tmp_path / "server.log").read_text()[-2000:]
            assert time.monotonic() < ends, "the server did not come up"
        fill(url)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def fill(url: str) -> None:
    """The models, one of them with a run, versions and an alias, and a prompt beside them."""

    def model(number: int) -> None:
        call(url, "POST", "registered-models/create", {"name": f"model-{number:03}", "description": f"No. {number}"})
        call(url, "POST", "model-versions/create", {"name": f"model-{number:03}", "source": "s3://models/m"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(model, range(MODELS)))
    run = call(url, "POST", "runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    call(url, "POST", "runs/log-metric", {"run_id": run, "key": "auc", "value": 0.93, "timestamp": 1})
    call(url, "POST", "runs/log-parameter", {"run_id": run, "key": "depth", "value": "3"})
    told = {"name": "model-000", "source": "s3://models/m", "run_id": run}
    call(url, "POST", "model-versions/create", told)
    call(url, "POST", "registered-models/set-tag", {"name": "model-000", "key": "team", "value": "risk"})
    call(url, "POST", "registered-models/alias", {"name": "model-000", "alias": "champion", "version": "1"})
    prompt = {"name": "greeting", "tags": [{"key": mlflow.PROMPT, "value": "true"}]}
    call(url, "POST", "registered-models/create", prompt)


def test_a_real_registry_syncs_completely_and_the_second_time_nothing_changes(
    scene: Scene, server: str, settings: Any
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]

    def sync() -> tuple[int, ...]:
        report = sync_mlflow(actor=Command("sync_mlflow"), url=server, unit=scene.cards, door=Door.COMMAND)
        return report.rows, report.created, report.updated, report.unchanged, report.vanished

    assert sync() == (MODELS, MODELS, 0, 0, 0)
    kept = ImportedRow.objects.get(name="model-000").kept
    assert (kept["alias champion"], kept["tag team"]) == ("1", "risk")
    assert (kept["version 2 metric auc"], kept["version 2 parameter depth"]) == ("0.93", "3")
    assert not ImportedRow.objects.filter(name="greeting").exists()
    events = Event.objects.count()
    assert sync() == (MODELS, 0, 0, MODELS, 0)
    assert Event.objects.count() == events

    system = ImportedRow.objects.get(name="model-001").system_id
    call(server, "POST", "registered-models/rename", {"name": "model-001", "new_name": "model-one"})
    call(server, "DELETE", "registered-models/delete", {"name": "model-002"})
    call(server, "POST", "registered-models/alias", {"name": "model-000", "alias": "champion", "version": "2"})
    assert sync() == (MODELS - 1, 0, 2, MODELS - 3, 1)
    assert ImportedRow.objects.get(name="model-one").system_id == system
    assert ImportedRow.objects.get(name="model-002").gone_since is not None
