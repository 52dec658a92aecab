"""The demonstration: what it tells, that it repeats, and that it ends."""

import json
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from governance.database.embedded.cluster import Cluster
from governance.demo import seed, story
from governance.demo.accounts import set_up
from governance.demo.management.commands.demo import RUNNING
from governance.validation.models import SignOff
from governance.validation.services import sign_offs
from inventory.models import Release
from tests.commands import eventually, free_port, manage, managing

USERNAMES = ["owner", "developer", "validator", "validator2", "auditor", "approver", "riskofficer", "incidents"]
USERNAMES += ["governance", "governance2", "examiner", "tester", "outsider", "superuser"]
PASSWORD = "harbour and vale"


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder of its own, that the account which runs PostgreSQL can reach."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-demo-"))
    folder.chmod(0o755)
    yield folder
    cluster = Cluster(folder / "postgres")
    with cluster.locked():
        cluster.stop()
    shutil.rmtree(folder)


@pytest.mark.django_db(transaction=True)
def test_it_answers_one_line_repeats_itself_and_is_found_out_when_tampered_with(
    database_urls: dict[str, str],
) -> None:
    command = ("demo", "--no-serve", "--json", "--into-database-url")
    first = manage(*command, DEMO_PASSWORD=PASSWORD, **database_urls)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("\n") == 1
    told = json.loads(first.stdout)
    assert set(told) == {"url", "password", "accounts", "token", "systems"}
    assert told["password"] == PASSWORD
    assert [each["username"] for each in told["accounts"]] == USERNAMES
    assert all(set(each) == {"username", "role", "name"} for each in told["accounts"])
    assert len(told["systems"]) >= 12
    assert {release["state"] for system in told["systems"] for release in system["releases"]} >= {"approved", "draft"}
    again = manage(*command, **database_urls)
    assert again.returncode == 0, again.stderr
    repeated = json.loads(again.stdout)
    assert repeated["systems"] == told["systems"]
    assert repeated["password"] != PASSWORD
    assert repeated["token"] != told["token"]
    assert manage("verify_ledger", **database_urls).returncode == 0
    tampered = manage("demo", "--tamper", "--into-database-url", **database_urls)
    table, row, field = re.findall(r"tables: (\w+), row (\d+), (\w+):", tampered.stdout)[0]
    found = manage("verify_ledger", "--json", **database_urls)
    assert found.returncode == 1
    (difference,) = json.loads(found.stdout)["differences"]
    assert (difference["table"], str(difference["key"]), difference["field"]) == (table, row, field)


@pytest.mark.django_db(transaction=True)
def test_a_second_one_on_the_same_data_says_that_the_firsts_password_ends(
    database_urls: dict[str, str], app_connection: Callable[..., psycopg.Connection[Any]]
) -> None:
    command = ("demo", "--no-serve", "--json", "--into-database-url")
    alone = manage(*command, **database_urls)
    assert (alone.returncode, alone.stderr) == (0, "")
    running = app_connection(autocommit=True)
    running.execute("SELECT pg_advisory_lock_shared(%s)", [RUNNING])
    second = manage(*command, **database_urls)
    assert second.returncode == 0, second.stderr
    assert "Another demonstration runs on this data" in second.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("signatures", [0, 1, 4])
def test_killed_while_it_tells_the_story_it_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, signatures: int
) -> None:
    people = set_up(PASSWORD)
    sign, left = sign_offs.sign_off, iter(range(signatures))

    def killed(**given: Any) -> SignOff:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return sign(**given)

    monkeypatch.setattr(seed, "sign_off", killed)
    with pytest.raises(KeyboardInterrupt):
        seed.seed(people)
    monkeypatch.setattr(seed, "sign_off", sign)
    seed.seed(people)
    told = {(system.slug, release.version) for system in story.SYSTEMS for release in system.releases}
    assert set(Release.objects.values_list("system__slug", "version")) == told
    half = [release for release in Release.objects.filter(state="in_review") if not release.submissions.exists()]
    assert half == []
    outcomes = {"draft": "draft", "returned": "draft", "rejected": "rejected", "suspended": "suspended"}
    for system in story.SYSTEMS:
        for release in system.releases:
            found = Release.objects.get(system__slug=system.slug, version=release.version)
            assert found.state == outcomes.get(release.outcome, found.state), found
            if release.outcome.startswith("approved"):
                assert found.state == "approved", found


def test_it_serves_from_an_empty_folder_and_stops_everything_on_sigterm(home: Path) -> None:
    port = free_port()
    with managing("demo", "--port", str(port), PORTAL_DATA=str(home), DEMO_PASSWORD=PASSWORD) as demo:
        eventually(f"http://127.0.0.1:{port}/readyz", 200, seconds=120)
        assert "csrfmiddlewaretoken" in eventually(f"http://127.0.0.1:{port}/accounts/login/", 200)
        eventually(f"http://127.0.0.1:{port}/static/admin/css/base.css", 200)
        family = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGTERM)
        text, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0
        assert PASSWORD in text
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    assert not Cluster(home / "postgres").answers()


def test_a_database_of_ones_own_is_not_seeded_unless_told() -> None:
    done = manage("demo", "--no-serve", DATABASE_URL="postgres://app@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "--into-database-url" in done.stderr


def test_reset_removes_only_the_embedded_database() -> None:
    done = manage("demo", "--reset", "--no-serve", "--into-database-url", DATABASE_URL="postgres://app@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "embedded" in done.stderr


def test_production_settings_refuse_it() -> None:
    done = manage(
        "demo",
        DJANGO_SETTINGS_MODULE="governance.settings.production",
        SECRET_KEY="w8Qz!t3n-Lk5#Pf7r-Vx9&Ha2*Jd4(Gm6)Bc1_Ye0+Su%Io5Ng8",
        ALLOWED_HOSTS="portal.example",
        PORTAL_URL="https://portal.example",
        EMBEDDED_DATABASE="on",
    )
    assert done.returncode == 1
    assert "does not run with production settings" in done.stderr
