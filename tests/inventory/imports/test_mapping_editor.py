"""A mapping is made from the file in front of one, saved under a name, and read by the command as well."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.verification import verify
from governance.lifecycle import Conflict, Forbidden
from inventory.imports.editing import document_of, drawn, glanced, guessed, meant
from inventory.imports.reader import Limits, Refused, read_table
from inventory.imports.schema import MappingDocument, MappingFault
from inventory.mappings import chosen
from inventory.models import ImportUpload, SavedMapping, System, UnmappedValue
from inventory.services.mappings import save_mapping
from inventory.workbooks import write_workbook
from tests.inventory.scene import Scene, adopt_baseline
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
TEXT = (
    "Model name;Team;Status;What it does;Colour\n"
    "Chätbot;Service;Live;Answers;red\nScorer 2;Cards;In flux;Scores;\nPlanner;Cards;live;Plans;blue\n"
)
ROLES = {"column-0": "system", "column-1": "unit1", "column-2": "value:phase", "column-3": "text:purpose"}


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def handed_in(client: Client, content: bytes, name: str = "our list.csv") -> str:
    answer = client.post("/imports/new/", {"mapping": "", "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def posted(client: Client, where: str, do: str = "save", **more: str) -> Any:
    fields = {
        "delimiter": ";", "reads_as": "", "seen": ":2", "name": "our-list", "title": "Our list", "within": "",
        "column-4": "", "do": do, **ROLES, **more,
    }  # fmt: skip
    return client.post(where, fields)


def test_columns_and_values_are_guessed_and_nothing_is_written_before_it_is_saved(scene: Scene) -> None:
    client = browser(scene.governor)
    where = handed_in(client, TEXT.encode("cp1252"))
    page = client.get(where).content.decode()
    assert "read as cp1252" in page
    assert "Chätbot" in page
    assert page.count('<option value="system" selected>') == 1
    assert page.count('<option value="value:phase" selected>') == 1
    assert page.count('<option value="production" selected>') == 1, "Live and live; In flux goes on the work list"
    assert "1 row with values nobody has read yet" in page
    assert not SavedMapping.objects.exists()


def test_it_is_saved_and_leads_to_the_preview_and_the_import(scene: Scene, tmp_path: Path) -> None:
    client, before = browser(scene.governor), System.objects.count()
    where = handed_in(client, TEXT.encode())
    answer = posted(client, where, **{"value-2-0": "production", "value-2-1": ""})
    assert answer.status_code == 302, answer.content.decode()
    preview = answer["Location"]
    assert "In flux" in client.get(preview).content.decode()
    assert client.post(preview).status_code == 302
    assert System.objects.count() == before + 3
    made = System.objects.get(name="Chätbot")
    assert (made.phase, made.purpose, made.unit.name) == ("production", "Answers", "Service")
    assert made.imported_rows.get().kept == {"colour": "red"}
    assert UnmappedValue.objects.get().written == "In flux"
    file = tmp_path / "again.csv"
    file.write_text(TEXT)
    call_command("import_inventory", str(file), "--mapping", "our-list")
    call_command("import_inventory", str(file), "--mapping", "our-list@1", "--dry-run")
    assert System.objects.count() == before + 3
    assert not verify().differences


def test_each_change_is_a_version_and_the_same_again_is_none(scene: Scene) -> None:
    client = browser(scene.governor)
    where = handed_in(client, TEXT.encode())
    posted(client, where)
    posted(client, where)
    assert [str(each) for each in SavedMapping.objects.all()] == ["our-list@1"]
    page = client.get(where).content.decode()
    assert 'value="our-list"' in page
    assert posted(client, where, **{"column-4": "text:outputs"}).status_code == 302
    assert [str(each) for each in SavedMapping.objects.order_by("version")] == ["our-list@1", "our-list@2"]
    assert "outputs" not in chosen("our-list@1").texts
    assert "outputs" in chosen("our-list").texts
    assert "version 2" in client.get("/imports/new/").content.decode()
    with pytest.raises(MappingFault):
        chosen("our-list@3")
    with pytest.raises(Conflict), acting(Command("x"), door=Door.COMMAND, verb="mapping.save"), transaction.atomic():
        SavedMapping.objects.filter(version=1).update(title="Other")


def test_another_encoding_or_separator_is_chosen_and_shown(scene: Scene) -> None:
    client = browser(scene.governor)
    where = handed_in(client, "Model name;Team\nCafé;Cards\n".encode())
    assert "CafÃ©" in posted(client, where, "show", reads_as="cp1252").content.decode()
    assert "Model name;Team" in posted(client, where, "show", delimiter=",").content.decode()
    wrong = posted(client, where, "show", reads_as="utf-16")
    assert wrong.status_code == 400
    assert "cannot be read so" in wrong.content.decode()
    assert posted(client, where, "show", reads_as="latin-9").status_code == 400
    assert not SavedMapping.objects.exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"column-0": ""}, "names the system"),
        ({"column-1": ""}, "which unit all rows belong to"),
        ({"column-3": "unit1"}, "more than one column"),
        ({"name": "Our List"}, "name"),
        ({"name": "omb-2024"}, "ships with the portal"),
    ],
)
def test_what_is_missing_is_said_and_what_was_chosen_stays(scene: Scene, more: dict[str, str], says: str) -> None:
    client = browser(scene.governor)
    answer = posted(client, handed_in(client, TEXT.encode()), **more)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert says in text
    assert 'value="Our list"' in text
    assert not SavedMapping.objects.exists()


def test_a_unit_for_all_rows_stands_in_for_a_column(scene: Scene) -> None:
    client = browser(scene.governor)
    where = handed_in(client, b"Name\nChatbot\n")
    fields = {"delimiter": ",", "reads_as": "", "seen": ":1", "name": "bare", "title": "", "do": "save",
              "column-0": "system", "within": "Sandbox"}  # fmt: skip
    assert client.post(client.post(where, fields)["Location"]).status_code == 302
    assert System.objects.get(name="Chatbot").unit.name == "Sandbox"


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1\n", b"a,b\n1,\x002\n", b"\x89PNG....", b"PK\x03\x04zip", b"a;b\n", b'a;b\n"1;2', b"a" * 300_000],
)
def test_hostile_files_are_told_apart_on_the_page_and_change_nothing(scene: Scene, content: bytes) -> None:
    client = browser(scene.governor)
    answer = client.post("/imports/new/", {"mapping": "", "file": SimpleUploadedFile("x.csv", content)})
    if answer.status_code == 302:
        assert client.get(answer["Location"]).status_code == 200
        assert client.post(answer["Location"], {"delimiter": ",", "reads_as": "", "seen": ":1"}).status_code == 400
        assert client.get(answer["Location"].replace("mapping/", "")).status_code == 302
    assert not SavedMapping.objects.exists()


def test_duplicate_and_empty_heads_are_read_by_their_place() -> None:
    table = read_table(b"Name,Name,,Unit\nA,B,C,D\n", limits=Limits())
    sketch = guessed(table.header)
    assert sketch.roles == ("system", "", "", "unit1")
    document = document_of(sketch, table.header, name="x", title="X", written={})
    places = [(column.get("position"), column.get("header")) for column in document["columns"]]
    assert places == [(1, None), (2, None), (3, None), (None, "Unit")]
    assert drawn(MappingDocument.model_validate(document), table).roles == sketch.roles


def test_only_plain_meanings_are_guessed() -> None:
    assert [meant("phase", said) for said in ("LIVE", "in production", "perhaps")] == ["production"] * 2 + [""]


def test_a_chosen_encoding_is_read_strictly() -> None:
    with pytest.raises(Refused):
        read_table("é".encode("cp1252"), reads_as="utf-8", limits=Limits())


def test_only_who_may_import_maps_and_only_their_own_file(scene: Scene) -> None:
    where = handed_in(browser(scene.governor), TEXT.encode())
    assert browser(scene.owner).get(where).status_code == 403
    with pytest.raises(Forbidden):
        save_mapping(actor=scene.owner, document={})
    ImportUpload.objects.update(state="queued", mapping="omb-2024")
    assert browser(scene.governor).get(where).status_code == 409


def test_the_same_over_rest(scene: Scene) -> None:
    caller = Caller(scene.governor)
    document = {
        "name": "by-rest", "title": "By REST", "source": "by-rest", "system": "name", "units": ["unit"],
        "columns": [{"name": "name", "header": "Name"}, {"name": "unit", "header": "Unit"}],
    }  # fmt: skip
    made = good(caller.post("import-mappings/", {"document": document}), 201)
    assert (made["name"], made["version"], made["saved_by"]) == ("by-rest", 1, "governor")
    assert good(caller.get("import-mappings/?name=by-rest"))["results"][0]["id"] == made["id"]
    assert good(caller.get(f"import-mappings/{made['id']}/"))["document"]["system"] == "name"
    bad = problem(caller.post("import-mappings/", {"document": {**document, "columns": [], "x": "\u0000"}}), 400)
    assert json.dumps(bad)
    problem(caller.post("import-mappings/", {"document": {**document, "colour": "red"}}), 400)
    problem(Caller(scene.owner).post("import-mappings/", {"document": document}), 403)
    problem(Caller(scene.owner).get("import-mappings/"), 403)
    with pytest.raises(InvalidInput):
        save_mapping(actor=scene.governor, document={**document, "values": {
            "phase": {"column": "name", "values": {"sometime": ["x"]}, "blank": "not_stated", "otherwise": "unknown"}
        }})  # fmt: skip


def test_a_spreadsheet_tells_at_a_glance_what_it_would_bring_and_writes_nothing(scene: Scene) -> None:
    adopt_baseline()
    before = System.objects.count()
    text = b"Name,Unit,Status,Owner\nA,Cards,Live,Ada\nA,Cards,live,\nB,,Idea,\n"
    table = read_table(text, limits=Limits())
    glance = glanced(table, guessed(table.header))
    assert (glance.rows, glance.doubled, glance.unplaced, glance.units, glance.unowned) == (3, 1, 1, 1, 2)
    assert glance.phases == (("production", 2), ("planned", 1))
    client = browser(scene.governor)
    page = client.get(handed_in(client, text)).content.decode()
    assert "1 name more than once" in page
    assert "What the policy would still ask of each of them" in page
    assert "Nobody owns this system now." in page
    assert (System.objects.count(), SavedMapping.objects.count()) == (before, 0)


def test_a_workbook_is_mapped_as_well(scene: Scene) -> None:
    client = browser(scene.governor)
    with write_workbook(["Name", "Unit"], [["Chatbot", "Cards"]]) as sheet:
        where = handed_in(client, sheet.read(), "list.xlsx")
    page = client.get(where).content.decode()
    assert "A workbook: its first sheet is read." in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    fields = {"delimiter": ",", "reads_as": "", "seen": seen[1], "name": "sheet", "title": "", "do": "save",
              "column-0": "system", "column-1": "unit1", "within": ""}  # fmt: skip
    assert client.post(client.post(where, fields)["Location"]).status_code == 302
    assert System.objects.get(name="Chatbot").unit.name == "Cards"
