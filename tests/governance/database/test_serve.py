"""`serve`: both parts run, the worker comes back, a signal stops everything."""

import os
import signal
import time

import psutil
import psycopg
import pytest
from django.db import connection

from governance.database.tasks import tidy
from tests.commands import eventually, free_port, manage, managing

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_serves_and_stops_on_sigterm_with_all_its_children(database_urls: dict[str, str]) -> None:
    port = free_port()
    with managing("serve", "--port", str(port), "--processes", "1", **database_urls) as server:
        eventually(f"http://127.0.0.1:{port}/readyz", 200)
        family = psutil.Process(server.pid).children(recursive=True)
        assert len(family) >= 3
        server.send_signal(signal.SIGTERM)
        assert server.wait(40) == 0
        psutil.wait_procs(family, timeout=5)
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_children_of_a_killed_server_stop_by_themselves(database_urls: dict[str, str]) -> None:
    port = free_port()
    with managing("serve", "--port", str(port), "--processes", "1", **database_urls) as server:
        eventually(f"http://127.0.0.1:{port}/readyz", 200)
        family = psutil.Process(server.pid).children(recursive=True)
        server.kill()
        server.wait(10)
        _, alive = psutil.wait_procs(family, timeout=40)
        assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def test_a_worker_that_dies_is_started_again(database_urls: dict[str, str]) -> None:
    port = free_port()
    with managing("serve", "--port", str(port), "--processes", "1", **database_urls) as server:
        eventually(f"http://127.0.0.1:{port}/readyz", 200)
        first = _worker(server.pid)
        first.kill()
        psutil.wait_procs([first], timeout=5)
        deadline = time.monotonic() + 30
        while not _workers(server.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _worker(server.pid).pid != first.pid


def _workers(parent: int) -> list[psutil.Process]:
    found = [each for each in psutil.Process(parent).children() if each.status() != psutil.STATUS_ZOMBIE]
    return [each for each in found if "--worker" in each.cmdline()]


def _worker(parent: int) -> psutil.Process:
    (found,) = _workers(parent)
    return found


def test_a_worker_whose_connections_are_cut_goes_on_working(
    database_urls: dict[str, str], owner_connection: psycopg.Connection[object]
) -> None:
    with managing("serve", "--worker", **database_urls) as worker:
        _wait_for_a_finished_job(owner_connection)
        owner_connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        connection.close()
        _wait_for_a_finished_job(owner_connection)
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def _wait_for_a_finished_job(session: psycopg.Connection[object]) -> None:
    """Give the worker a job and wait until it is done."""
    job = tidy.configure().defer(timestamp=0)
    deadline = time.monotonic() + 60
    while session.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job]).fetchone() != (
        "succeeded",
    ):
        assert time.monotonic() < deadline, "the job was not done"
        time.sleep(0.1)


def test_it_refuses_to_start_on_a_database_that_is_not_migrated(
    database_urls: dict[str, str], owner_connection: psycopg.Connection[object]
) -> None:
    owner_connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    done = manage("serve", "--web", "--port", str(free_port()), **database_urls)
    assert done.returncode == 1
    assert "1 migrations are not applied" in done.stderr


def test_it_refuses_to_start_in_the_owners_role(database_urls: dict[str, str]) -> None:
    done = manage("serve", "--web", DATABASE_URL=database_urls["DATABASE_OWNER_URL"])
    assert done.returncode == 1
    assert "owns tables" in done.stderr


def test_it_refuses_a_database_that_is_away() -> None:
    done = manage("serve", DATABASE_URL="postgres://app@127.0.0.1:1/countersign")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert os.linesep + "Traceback" not in done.stderr
