"""A production installation refuses values it must not run with, and says why."""

from typing import Any

import pytest

from governance.settings import guard
from tests.commands import manage

SAFE: dict[str, Any] = {
    "debug": False,
    "secret_key": "w8Qz!t3n-Lk5#Pf7r$Vx9&Ha2*Jd4(Gm6)Bc1_Ye0+Su%Io",
    "allowed_hosts": ["portal.example"],
    "portal_url": "https://portal.example",
    "database_named": True,
}
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "governance.settings.production",
    "SECRET_KEY": "w8Qz!t3n-Lk5#Pf7r-Vx9&Ha2*Jd4(Gm6)Bc1_Ye0+Su%Io5Ng8",
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "DATABASE_URL": "postgres://countersign_app:word@127.0.0.1:1/countersign",
}


def test_safe_values_are_not_refused() -> None:
    assert guard.faults(**{**SAFE, "secret_key": ENVIRONMENT["SECRET_KEY"]}) == []


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("debug", True, "DEBUG is on"),
        ("secret_key", "", "SECRET_KEY is not set"),
        ("secret_key", guard.DEVELOPMENT_KEY, "SECRET_KEY is not set"),
        ("secret_key", "django-insecure-" + "abcdefghijklm" * 5, "SECRET_KEY is not set"),
        ("secret_key", "short-but-varied-0123", "SECRET_KEY is weak"),
        ("secret_key", "ab" * 40, "SECRET_KEY is weak"),
        ("proof_key", "short-but-varied-0123", "PROOF_KEY is weak"),
        ("allowed_hosts", [], "ALLOWED_HOSTS is not set"),
        ("allowed_hosts", ["*"], "ALLOWED_HOSTS names every host"),
        ("portal_url", "http://portal.example", "PORTAL_URL must begin with https://"),
        ("portal_url", "", "PORTAL_URL must begin with https://"),
        ("database_named", False, "DATABASE_URL is not set"),
    ],
)
def test_an_unsafe_value_is_refused_with_its_reason(name: str, value: object, reason: str) -> None:
    found = guard.faults(**{**SAFE, "secret_key": ENVIRONMENT["SECRET_KEY"], name: value})
    assert len(found) == 1
    assert found[0].startswith(reason)


def test_the_start_names_every_fault_at_once_and_shows_no_traceback() -> None:
    done = manage("check", DJANGO_SETTINGS_MODULE="governance.settings.production", DEBUG="on")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    for word in ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "PORTAL_URL", "DATABASE_URL"):
        assert word in done.stderr


@pytest.mark.django_db(transaction=True)
def test_safe_values_pass_the_deployment_check_without_a_warning(database_urls: dict[str, str]) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **{**ENVIRONMENT, **database_urls})
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_settings_start_no_server(tmp_path: Any) -> None:
    done = manage("help", "migrate", PORTAL_DATA=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "data").exists()
