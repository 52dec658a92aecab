"""The embedded PostgreSQL: made, started, shared, healed and stopped."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from governance.database.embedded.account import Account, EmbeddedError, other_account, private_folder
from governance.database.embedded.cluster import Cluster
from tests.commands import PROJECT, environment, manage

pytestmark = pytest.mark.usefixtures("no_leftovers")
Users = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder an ordinary account can reach, as pytest's own below /tmp/pytest-of-root is not."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-test-"))
    folder.chmod(0o755)
    yield folder
    cluster = Cluster(folder / "postgres")
    with cluster.locked():
        cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def no_leftovers(home: Path) -> Iterator[None]:
    """No PostgreSQL of this test is alive after it."""
    yield
    cluster = Cluster(home / "postgres")
    with cluster.locked():
        cluster.stop()
    assert not [each for each in psutil.process_iter(["cwd"]) if each.info["cwd"] == str(cluster.data)]


@pytest.fixture
def user_process() -> Iterator[Users]:
    """Starts processes that use the database and then wait to be told to end; the test's end ends them anyway."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, code: str = "input()") -> subprocess.Popen[str]:
        script = (
            "import django; django.setup()\n"
            "from django.db import connection\n"
            "connection.cursor().execute('SELECT 1'); print('in', flush=True)\n" + code
        )
        started.append(
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", script], cwd=PROJECT, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment(PORTAL_DATA=str(folder), DJANGO_SETTINGS_MODULE="governance.settings.base"),
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _enter(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"


def _leave(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def test_a_command_that_needs_it_starts_it_and_stops_it_again(home: Path, user_process: Users) -> None:
    cluster = Cluster(home / "postgres")
    _leave(user_process(home))
    assert cluster.exists
    assert not cluster.answers()


def test_the_last_one_out_stops_it(home: Path, user_process: Users) -> None:
    cluster = Cluster(home / "postgres")
    first, second = user_process(home), user_process(home)
    _enter(first)
    _enter(second)
    _leave(first)
    assert cluster.answers()
    _leave(second)
    assert not cluster.answers()


def test_many_at_once_on_a_cold_folder_share_one_server(home: Path, user_process: Users) -> None:
    processes = [user_process(home) for _ in range(4)]
    for process in processes:
        _enter(process)
    assert len(_postmasters(home)) == 1
    for process in processes:
        _leave(process)
    assert not Cluster(home / "postgres").answers()


def _postmasters(home: Path) -> list[int]:
    """The servers on the data folder: its processes whose parent is not one of them."""
    data = str(Cluster(home / "postgres").data)
    found = {each.pid: each.info["ppid"] for each in psutil.process_iter(["cwd", "ppid"]) if each.info["cwd"] == data}
    return [pid for pid, parent in found.items() if parent not in found]


def test_a_killed_user_is_forgotten(home: Path, user_process: Users) -> None:
    killed, other = user_process(home), user_process(home)
    _enter(killed)
    _enter(other)
    killed.kill()
    killed.communicate()
    _leave(other)
    assert not Cluster(home / "postgres").answers()


def test_a_killed_server_comes_back_with_the_next_connection(home: Path, user_process: Users) -> None:
    code = "input()\nconnection.close(); connection.cursor().execute('SELECT 1'); print('again', flush=True); input()"
    process = user_process(home, code)
    _enter(process)
    postmaster = int((Cluster(home / "postgres").data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "again\n"
    _leave(process)


def test_it_starts_by_hand_stays_and_stops(home: Path, user_process: Users) -> None:
    cluster = Cluster(home / "postgres")
    assert "has not been made" in manage("db", "status", PORTAL_DATA=str(home)).stdout
    assert manage("db", "start", PORTAL_DATA=str(home)).returncode == 0
    assert cluster.answers()
    assert "answers" in manage("db", "status", PORTAL_DATA=str(home)).stdout
    _leave(user_process(home))
    assert cluster.answers()
    assert manage("db", "stop", PORTAL_DATA=str(home)).returncode == 0
    assert not cluster.answers()


def test_reset_asks_unless_told(home: Path, user_process: Users) -> None:
    _leave(user_process(home))
    cluster = Cluster(home / "postgres")
    refused = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "db", "reset"], cwd=PROJECT, input="no\n", text=True,
        env=environment(PORTAL_DATA=str(home)), capture_output=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert cluster.exists
    assert manage("db", "reset", "--yes", PORTAL_DATA=str(home)).returncode == 0
    assert not cluster.exists


def test_a_server_of_somebody_else_is_not_started_or_stopped() -> None:
    done = manage("db", "stop", DATABASE_URL="postgres://app@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "server of your own" in done.stderr


def test_nothing_listens_and_the_folder_is_private(home: Path, user_process: Users) -> None:
    process = user_process(home)
    _enter(process)
    cluster = Cluster(home / "postgres")
    assert cluster.data.stat().st_mode & 0o777 == 0o700
    with psycopg.connect(host=str(cluster.socket_folder), user="countersign_owner", dbname="countersign") as session:
        assert session.execute("SHOW listen_addresses").fetchone() == ("",)
    _leave(process)


def test_a_path_too_long_for_a_socket_still_works(home: Path, user_process: Users) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    _leave(user_process(deep))
    cluster = Cluster(deep / "postgres")
    assert cluster.exists
    assert cluster.socket_folder != cluster.data
    shutil.rmtree(cluster.socket_folder.parent)


def _python_for(account: Account) -> str | None:
    """A Python of the version under test that `account` may run: this one, or the system's."""
    for candidate in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        if Path(candidate).exists() and account.can_traverse(Path(candidate).resolve().parent):
            return candidate
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_it_works_for_a_plain_account(home: Path) -> None:
    account = other_account()
    assert account is not None
    os.chown(home, account.uid, account.gid)
    python = _python_for(account)
    if python is None or not account.can_traverse(PROJECT):
        pytest.skip("the checkout or every Python of this version is private to root")
    packages = str(Path(psycopg.__file__).parents[1])
    done = subprocess.run(
        [python, "-W", "ignore", "-B", "manage.py", "db", "start"], cwd=PROJECT, text=True,
        capture_output=True, check=False, user=account.uid, group=account.gid, extra_groups=[],
        env=environment(PORTAL_DATA=str(home), HOME="/nonexistent", PYTHONPATH=packages),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (home / "postgres").stat().st_uid == account.uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")
def test_root_with_a_private_folder_opens_no_parent(home: Path, user_process: Users) -> None:
    home.chmod(0o700)
    cluster = Cluster(home / "postgres")
    _leave(user_process(home))
    assert home.stat().st_mode & 0o777 == 0o700
    assert cluster.data != home / "postgres"
    assert cluster.exists
    shutil.rmtree(cluster.data.parent)


def test_a_folder_of_somebody_else_in_a_shared_place_is_refused(home: Path) -> None:
    target = home / "elsewhere"
    target.mkdir()
    made = private_folder("data", home / "wanted", mode=0o711, parent=home)
    made.rmdir()
    made.symlink_to(target)
    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        private_folder("data", home / "wanted", mode=0o711, parent=home)
