"""The production page, followed block by block on a server that knows nothing of the portal yet."""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.commands import PROJECT, eventually, free_port, manage, managing
from tests.governance.docs.servers import Server, embedded, newest_programs, stock

PAGE = (PROJECT / "governance" / "docs" / "production.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PLACE = "db.example.com:5432/countersign?sslmode=verify-full"
HERE = re.compile(r"http://127\.0\.0\.1:8000")

DONE = ["migrate", "collectstatic", "bootstrap", "check", "serve", "healthz", "readyz", "checkpoint", "verify_ledger"]

Start = Callable[[Path], AbstractContextManager[Server]]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder the account that runs PostgreSQL can reach."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-page-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class Reader:
    """Somebody who does what the page says, on this server, with values of their own where it gives examples."""

    def __init__(self, server: Server, home: Path, stack: ExitStack) -> None:
        self.server, self.home, self.stack = server, home, stack
        self.port = free_port()
        self.own = {
            "the-owner-password": secrets.token_urlsafe(12),
            "the-runtime-password": secrets.token_urlsafe(12),
            "at-least-fifty-random-characters-that-stay-the-same-for-ever": secrets.token_urlsafe(64),
            PLACE: server.place,
        }
        self.environment = {"PORTAL_DATA": str(home), "STATIC_ROOT": str(home / "static")}
        self.done: list[str] = []

    def follow(self, language: str, text: str) -> None:
        """Do one block; a block in a language the page only shows is read."""
        for example, own in self.own.items():
            text = text.replace(example, own)
        match language:
            case "sql":
                with self.server.connect() as connection:
                    for statement in filter(None, map(str.strip, text.split(";\n"))):
                        connection.execute(statement.encode())
            case "ini":
                self.environment |= dict(line.split("=", 1) for line in text.splitlines())
            case "sh":
                for line in text.splitlines():
                    self.run(line)
            case _:
                assert language == "text"

    def run(self, line: str) -> None:
        """Run one line of a shell; installing is what made this test run."""
        if line.startswith("python3 -m venv"):
            return
        words = shlex.split(line)
        values = {}
        while "=" in words[0]:
            name, values[name] = words.pop(0).split("=", 1)
        if words[0] == "curl":
            eventually(HERE.sub(f"http://127.0.0.1:{self.port}", words[-1]), 200)
            self.done.append(words[-1].rsplit("/", 1)[-1])
            return
        assert words[:2] == [".venv/bin/python", "manage.py"], line
        arguments, environment = words[2:], {**self.environment, **values}
        if arguments[0] == "serve":
            arguments = [str(self.port) if word == "8000" else word for word in arguments]
            self.stack.enter_context(managing(*arguments, **environment))
        else:
            ended = manage(*arguments, **environment)
            assert ended.returncode == 0, f"{line}\n{ended.stdout}\n{ended.stderr}"
        self.done.append(arguments[0])


@pytest.mark.parametrize(
    "start",
    [
        embedded,
        pytest.param(
            stock, marks=pytest.mark.skipif(newest_programs() is None, reason="no PostgreSQL 15 or newer installed")
        ),
    ],
)
def test_following_the_page_ends_in_a_portal_that_answers(start: Start, home: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(start(home))
        reader = Reader(server, home, stack)
        for language, text in BLOCK.findall(PAGE):
            reader.follow(language, text)
        assert reader.done == DONE
        assert manage("bootstrap", "--governance", "a:A:a@b.example", **reader.environment).returncode == 1
        _runtime_role_is_held(reader)


def _runtime_role_is_held(reader: Reader) -> None:
    """With the runtime's password alone nobody changes a table or history."""
    with psycopg.connect(reader.environment["DATABASE_URL"], autocommit=True) as found:
        for statement in (
            "DELETE FROM ledger_event",
            "TRUNCATE ledger_event",
            "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
            "SET ROLE countersign_owner",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.Error):
                found.execute(statement)


def test_every_value_the_page_names_is_read_by_the_settings() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)`", PAGE, re.MULTILINE))
    settings = "".join(path.read_text() for path in (PROJECT / "governance" / "settings").glob("*.py"))
    settings += (PROJECT / "governance" / "database" / "configuration.py").read_text()
    assert named
    assert {name for name in named if f'"{name}"' not in settings} == set()
