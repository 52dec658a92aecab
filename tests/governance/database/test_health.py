"""What supervisors and monitoring systems are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.checks import run_checks
from django.db import connection
from django.test import Client

from governance.database import health, metrics

HEARTBEAT = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')"


def beat(ago: timedelta = timedelta()) -> None:
    """A job worker showed itself."""
    with connection.cursor() as cursor:
        cursor.execute(HEARTBEAT, [ago.total_seconds()])


def test_the_process_answers_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_it_is_ready_when_everything_is_there(client: Client) -> None:
    beat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["conditions"].values()) == {"ok"}


@pytest.mark.django_db
def test_it_is_not_ready_without_a_job_worker(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "No job worker has started" in answer.json()["conditions"]["worker"]


@pytest.mark.django_db
def test_a_silent_job_worker_is_missed(client: Client) -> None:
    beat(timedelta(minutes=10))
    assert "600 seconds" in client.get("/readyz").json()["conditions"]["worker"]


@pytest.mark.django_db
def test_a_clock_that_is_off_is_said() -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=10), tick=False):
        assert "seconds apart" in health.clock().fault


@pytest.mark.django_db(transaction=True)
def test_a_runtime_role_with_too_many_rights_is_said(client: Client, owner_connection: psycopg.Connection[Any]) -> None:
    beat()
    owner_connection.execute(f"GRANT TRUNCATE ON django_session TO {connection.settings_dict['USER']}")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "TRUNCATE" in answer.json()["conditions"]["role"]


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_is_said(
    owner_connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    owner_connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert health.migrations().fault == "1 migrations are not applied: run `manage.py migrate`."


@pytest.mark.django_db
def test_figures_are_read_from_the_database(client: Client) -> None:
    beat(timedelta(seconds=30))
    text = client.get("/metrics").content.decode()
    assert "countersign_worker_silence_seconds 3" in text
    assert "countersign_database_connections" in text


@pytest.mark.django_db
def test_figures_do_not_exist_for_other_machines(client: Client, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    settings.METRICS_TOKEN = "a-long-word-of-the-monitoring"
    assert client.get("/metrics").status_code == 404
    bearer = {"Authorization": "Bearer a-long-word-of-the-monitoring"}
    assert client.get("/metrics", headers=bearer, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_figure_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        metrics.register(metrics.Gauge("jobs", "", ""))


@pytest.mark.django_db
def test_the_deployment_check_asks_the_database() -> None:
    found = {each.id for each in run_checks(tags=["security"], include_deployment_checks=True)}
    assert not found & {"database.E001", "database.E002", "database.E003", "database.E004"}


@pytest.mark.django_db(transaction=True)
def test_the_deployment_check_refuses_a_role_with_too_many_rights(owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute(f"GRANT TRUNCATE ON django_session TO {connection.settings_dict['USER']}")
    found = {each.id for each in run_checks(tags=["security"], include_deployment_checks=True)}
    assert "database.E002" in found


@pytest.mark.django_db(transaction=True)
def test_a_trigger_switched_off_is_said_by_probe_and_check(
    client: Client, owner_connection: psycopg.Connection[Any]
) -> None:
    beat()
    owner_connection.execute("ALTER TABLE inventory_system DISABLE TRIGGER USER")
    assert "inventory_system" in client.get("/readyz").json()["conditions"]["ledger"]
    found = {each.id for each in run_checks(tags=["security"], include_deployment_checks=True)}
    assert "database.E005" in found
