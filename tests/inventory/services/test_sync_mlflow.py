"""A registry is synced whole or not at all; a second sync says nothing; what is hostile is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Forbidden
from governance.notify import outgoing
from governance.notify.models import Notice
from governance.notify.outgoing import Answer
from inventory.imports.mlflow import LONGEST_SOURCE, PROMPT, Bounds, Unfit, Unreachable, source_of
from inventory.models import ImportedRow, ImportRun, Release, System
from inventory.registries import unapproved_aliases
from inventory.services.imports import ImportReport
from inventory.services.registries import sync_mlflow
from tests.governance.access.people import appoint
from tests.inventory.scene import Scene
from tests.loosening import AGREEMENT, STATES, loosen

pytestmark = pytest.mark.django_db
URL = "https://models.example.org"


class Server:
    """An MLflow registry that answers from lists, two entries a page."""

    def __init__(self) -> None:
        self.models = [self.model("credit", 1, alias="1"), self.model("fraud", 2), self.model("churn", 3)]
        self.models.append(self.model("greeting", 4, tags=[{"key": PROMPT, "value": "true"}]))
        self.versions = [{"name": "credit", "version": number, "run_id": "r1", "status": "READY"} for number in "12"]
        self.data = {"metrics": [{"key": "auc", "value": 0.93}], "params": [{"key": "depth", "value": "3"}]}

    @staticmethod
    def model(name: str, made: int, alias: str = "", **more: Any) -> dict[str, Any]:
        aliases = [{"alias": "champion", "version": alias}] if alias else []
        return {"name": name, "creation_timestamp": 1_700_000_000_000 + made, "aliases": aliases, **more}

    def __call__(self, method: str, url: str, **how: Any) -> Answer:
        parts = urlsplit(url)
        if parts.path.endswith("runs/get"):
            return self.told({"run": {"data": self.data}})
        noun = parts.path.split("/")[-2]
        listed = self.models if noun == "registered-models" else self.versions
        start = int(parse_qs(parts.query).get("page_token", ["0"])[0])
        answer = {noun.replace("-", "_"): listed[start : start + 2]}
        return self.told(answer | ({"next_page_token": str(start + 2)} if start + 2 < len(listed) else {}))

    @staticmethod
    def told(data: object) -> Answer:
        return Answer(200, json.dumps(data).encode())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(outgoing, "send", server)
    return server


def sync(**more: Any) -> ImportReport:
    asked: dict[str, Any] = {"actor": Command("sync_mlflow"), "url": URL, "door": Door.COMMAND} | more
    return sync_mlflow(**asked)


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.vanished


def row(name: str) -> ImportedRow:
    return ImportedRow.objects.select_related("system").get(name=name)


def test_every_page_is_read_prompts_aside_and_a_second_sync_writes_nothing(scene: Scene, server: Server) -> None:
    assert figures(sync(dry_run=True)) == (3, 0, 0, 0)
    assert not ImportedRow.objects.exists()
    assert figures(sync(unit=scene.cards)) == (3, 0, 0, 0)
    credit = row("credit")
    assert credit.system.unit == scene.cards
    assert credit.kept["alias champion"] == "1"
    assert (credit.kept["version 2 metric auc"], credit.kept["version 2 parameter depth"]) == ("0.93", "3")
    events = Event.objects.count()
    assert figures(sync(unit=scene.cards)) == (0, 0, 3, 0)
    assert (Event.objects.count(), ImportRun.objects.count()) == (events, 1)


def test_a_renamed_model_stays_its_system_and_a_deleted_one_is_marked_and_kept(scene: Scene, server: Server) -> None:
    sync()
    system = row("fraud").system_id
    server.models = [model for model in server.models if model["name"] not in ("fraud", "churn")]
    server.models.append(server.model("fraud-cards", 2))
    assert figures(sync()) == (0, 1, 1, 1)
    assert (row("fraud-cards").system_id, row("fraud-cards").system.name) == (system, "fraud-cards")
    assert row("churn").gone_since is not None
    assert System.objects.filter(name="churn").exists()


def test_an_alias_moved_onto_an_unapproved_version_waits_for_its_owner(scene: Scene, server: Server) -> None:
    sync()
    system = row("credit").system
    now = system.created_at
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        appoint(scene.owner, Role.OWNER, system=system)
    assert [item.title for item in unapproved_aliases(scene.owner)] == ["credit: alias champion"]
    server.models[0] = server.model("credit", 1, alias="2")
    sync()
    notice = Notice.objects.get(topic="alias.moved")
    assert notice.people == [scene.owner.pk]
    assert "version 2" in next(iter(unapproved_aliases(scene.owner))).about
    assert not list(unapproved_aliases(scene.viewer))

    release = Release.objects.create(
        system=system, version="v2", created_by=scene.developer, created_at=now, updated_at=now
    )
    loosen(STATES, AGREEMENT)
    for state in ("in_review", "approved"):
        Release.objects.filter(pk=release.pk).update(state=state)
    assert not list(unapproved_aliases(scene.owner))


HOSTILE: dict[str, tuple[Callable[[str], Answer], type[Exception], str]] = {
    "a page": (lambda url: Answer(200, b"<html>sign in</html>"), Unreachable, "no JSON"),
    "an error": (lambda url: Answer(503, b""), Unreachable, "status 503"),
    "no end": (lambda url: Server.told({"registered_models": [], "next_page_token": "x"}), Unfit, "same next page"),
    "new pages": (lambda url: Server.told({"next_page_token": url[-40:] + "1"}), Unfit, "more than 20 pages"),
    "a list": (lambda url: Server.told([]), Unfit, "no object"),
    "a shape": (lambda url: Server.told({"registered_models": [3]}), Unfit, "no list"),
    "nesting": (lambda url: Answer(200, b"[" * 200_000), Unreachable, "no JSON"),
    "a name": (lambda url: Server.told({"registered_models": [{"name": {}}]}), Unfit, "name"),
    "size": (lambda url: Answer(200, b" " * 17_000_000), Unfit, "more than may be read"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_server_is_refused_by_name_and_changes_nothing(
    kind: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, fault, sentence = HOSTILE[kind]
    monkeypatch.setattr(outgoing, "send", lambda method, url, **how: answer(url))
    events = Event.objects.count()
    with pytest.raises(fault, match=sentence):
        sync(bounds=Bounds(pages=20))
    assert Event.objects.count() == events


def test_the_time_for_all_questions_is_bounded(scene: Scene, server: Server) -> None:
    with pytest.raises(Unreachable, match="took more than"):
        sync(bounds=Bounds(seconds=0))


def test_the_command_answers_in_the_words_programs_rely_on(scene: Scene, server: Server) -> None:
    out = StringIO()
    call_command("sync_mlflow", URL, "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "rows": 3, "created": 3, "updated": 0, "unchanged": 0, "vanished": 0, "errors": [],
    }  # fmt: skip


def test_a_private_address_is_refused_without_the_setting(scene: Scene) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("sync_mlflow", "http://127.0.0.1:1", "--json", stdout=out)
    assert left.value.code == 1
    assert "no public address" in json.loads(out.getvalue())["errors"][0]["message"]


def test_only_who_may_import_syncs(scene: Scene, server: Server) -> None:
    person: User = scene.viewer
    with pytest.raises(Forbidden):
        sync(actor=person, door=Door.WEB)


def test_registers_that_differ_only_at_the_end_of_a_long_address_are_two() -> None:
    long = f"https://{'registry.' * 7}example.com/mlflow"
    named = [source_of(f"{long}/{end}") for end in ("cards", "loans")]
    assert len({*named}) == 2
    assert all(len(name) <= LONGEST_SOURCE for name in named)
    assert source_of("https://mlflow.example.com/a/") == "mlflow:mlflow.example.com/a"
