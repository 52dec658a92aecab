"""In the browser an import is seen before it is made, by those who may, and what it left open is decided there."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access.models import User
from governance.ledger.acting import Command, Door
from inventory.exports import SYSTEM_COLUMNS
from inventory.imports.reader import Limits
from inventory.imports.schema import load, parse
from inventory.imports.workbook import read_workbook
from inventory.models import ImportRun, ImportUpload, System, UnmappedValue
from inventory.services.imports import import_inventory
from inventory.tasks import take_upload
from tests.inventory.imports.test_import_inventory import FIRST, MAPPING
from tests.inventory.scene import Scene

HEADER = ",".join(str(column.header) for column in load("omb-2024-raw").columns)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def file(name: str = "Chatbot", phase: str = "Retired", end: str = "\r\n") -> SimpleUploadedFile:
    cells = [name, "Ministry", "MIN", "Office", *[""] * 5, phase, "Neither", *[""] * 51]
    text = HEADER + "\r\n" + ",".join(f'"{cell}"' for cell in cells) + end
    return SimpleUploadedFile("edition.csv", text.encode("utf-8-sig"))


def hand_in(client: Client, content: SimpleUploadedFile) -> str:
    answer = client.post(reverse("inventory:import_new"), {"mapping": "omb-2024-raw", "file": content})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def test_a_file_is_seen_then_taken_in(scene: Scene) -> None:
    client = browser(scene.governor)
    preview = hand_in(client, file(name="<script>alert(1)</script>"))
    before = System.objects.count()
    page = client.get(preview)
    assert "Import 1 rows" in page.content.decode()
    assert System.objects.count() == before
    done = client.post(preview)
    run = ImportRun.objects.get()
    assert (done.status_code, done["Location"]) == (302, reverse("inventory:import_detail", args=[run.pk]))
    assert (run.person, System.objects.count()) == (scene.governor, before + 1)
    assert not ImportUpload.objects.exists()
    assert client.get(done["Location"]).status_code == 200
    assert "edition.csv" in client.get(reverse("inventory:import_list")).content.decode()
    assert "<script>alert" not in client.get(reverse("inventory:system_list")).content.decode()


def test_a_damaged_file_says_which_line_and_why(scene: Scene) -> None:
    client = browser(scene.governor)
    preview = hand_in(client, file(end=""))
    upload = ImportUpload.objects.get()
    ImportUpload.objects.filter(pk=upload.pk).update(content=bytes(upload.content)[:-9])
    assert "Line 2" in client.get(preview).content.decode()
    answer = client.post(preview)
    assert (answer.status_code, "Line 2" in answer.content.decode()) == (400, True)
    assert not ImportRun.objects.exists()


def test_a_file_belongs_to_whoever_handed_it_in(scene: Scene) -> None:
    preview = hand_in(browser(scene.governor), file())
    assert browser(scene.owner).get(preview).status_code == 403
    assert browser(scene.governor).get(reverse("inventory:import_preview", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["import_list", "import_new"])
def test_others_are_refused(scene: Scene, name: str) -> None:
    address = reverse(f"inventory:{name}")
    assert browser(scene.owner).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert browser(scene.governor).get(address).status_code == 200


def test_an_open_value_is_decided_on_the_page(scene: Scene) -> None:
    client = browser(scene.governor)
    client.post(hand_in(client, file(phase="Dormant")))
    value = UnmappedValue.objects.get()
    assert "Dormant" in client.get(reverse("inventory:import_list")).content.decode()
    assert "Dormant" in client.get("/").content.decode()
    address = reverse("inventory:unmapped_resolve", args=[value.pk])
    assert client.post(address, {"meaning": "asleep"}).status_code == 400
    assert browser(scene.owner).post(address, {"meaning": "pilot"}).status_code == 403
    assert client.post(address, {"meaning": "pilot"}).status_code == 302
    value.refresh_from_db()
    assert (value.state, value.meaning, value.decided_by) == ("resolved", "pilot", scene.governor)


def test_a_run_tells_what_was_kept_and_what_vanished(scene: Scene) -> None:
    def take(content: str) -> None:
        import_inventory(
            actor=Command("test"), content=content.encode(), file_name="s.csv", door=Door.COMMAND,
            mapping=parse(MAPPING, name="small"),
        )  # fmt: skip

    take(FIRST)
    System.objects.filter(purpose="Answers").update(purpose="Helps citizens")
    take(FIRST.replace("Answers", "Replies").replace("Alone,Agency,,Waits,,red\n", ""))
    client = browser(scene.governor)
    page = client.get(reverse("inventory:import_detail", args=[ImportRun.objects.first().pk])).content.decode()  # type: ignore[union-attr]
    assert "Helps citizens" in page
    assert "Replies" in page
    assert "Vanished" in page
    assert client.get(reverse("inventory:import_detail", args=[10**9])).status_code == 404


def test_the_imported_record_shows_every_cell_under_its_title_and_odd_dates_with_what_is_odd(scene: Scene) -> None:
    client = browser(scene.governor)
    columns = [column.name for column in load("omb-2024-raw").columns]
    cells = dict.fromkeys(columns, "") | {
        "use_case_name": "Chatbot", "agency": "Ministry", "bureau": "Office", "dev_stage": "In mission",
        "date_initiated": "7/15/1905", "code_access": "<b>No</b>",
    }  # fmt: skip
    text = HEADER + "\r\n" + ",".join(f'"{cells[column]}"' for column in columns) + "\r\n"
    client.post(hand_in(client, SimpleUploadedFile("edition.csv", text.encode("utf-8-sig"))))
    page = client.get(reverse("inventory:system_detail", args=["chatbot"]) + "?tab=imported").content.decode()
    assert all(str(column.header) in page for column in load("omb-2024-raw").columns)
    assert "The year may be 2023." in page
    assert "In mission" in page
    assert "&lt;b&gt;No&lt;/b&gt;" in page


def test_the_list_costs_the_same_for_few_and_for_many(scene: Scene) -> None:
    client = browser(scene.governor)
    client.post(hand_in(client, file(phase="Dormant")))
    run = ImportRun.objects.get()

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("inventory:import_list")).status_code == 200
        return len(queries)

    statements()
    few = statements()
    for number in range(60):
        UnmappedValue.objects.create(source="s", field="phase", written=str(number), rows=1, first_seen_in=run)
        ImportRun.objects.create(
            source="s", mapping="m", mapping_version="1", file_name="f", file_sha256="0" * 64, file_bytes=1,
            encoding="utf-8", rows=1, created=1, updated=0, unchanged=0, vanished=0, at=run.at, person=scene.governor,
        )  # fmt: skip
    assert statements() == few


@pytest.fixture
def by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.views.imports.AWAITED", 10)


@pytest.mark.usefixtures("by_job")
def test_a_large_file_is_taken_in_by_a_job_once(scene: Scene) -> None:
    client = browser(scene.governor)
    preview = hand_in(client, file())
    assert client.post(preview)["Location"] == preview
    assert client.post(preview).status_code == 409
    assert "Being taken in" in client.get(preview).content.decode()
    upload = ImportUpload.objects.get()
    take_upload(upload=str(upload.pk))
    take_upload(upload=str(upload.pk))
    run = ImportRun.objects.get()
    assert client.get(preview, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert client.get(preview)["Location"] == reverse("inventory:import_detail", args=[run.pk])
    assert (run.person, bytes(ImportUpload.objects.get().content)) == (scene.governor, b"")


@pytest.mark.usefixtures("by_job")
def test_a_job_that_cannot_says_why(scene: Scene) -> None:
    client = browser(scene.governor)
    preview = hand_in(client, file())
    client.post(preview)
    scene.governor.groups.clear()
    upload = ImportUpload.objects.get()
    take_upload(upload=str(upload.pk))
    upload.refresh_from_db()
    assert (upload.state, "right to import" in upload.errors[0]["message"]) == ("refused", True)
    assert not ImportRun.objects.exists()


def test_the_governance_team_sees_runs_rows_and_open_values_and_decides_there_too(scene: Scene) -> None:
    client = browser(scene.governor)
    client.post(hand_in(client, file(phase="Dormant")))
    value, run = UnmappedValue.objects.get(), ImportRun.objects.get()
    row = System.objects.get(slug="chatbot").imported_rows.get()
    for path in ("importrun/", f"importrun/{run.pk}/change/", "importedrow/", f"importedrow/{row.pk}/change/"):
        assert client.get(f"/admin/inventory/{path}").status_code == 200
    address = f"/admin/inventory/unmappedvalue/{value.pk}/resolve/"
    assert client.post(address, {"meaning": "asleep"}).status_code == 400
    assert client.post(address, {"meaning": "pilot"}).status_code == 302
    value.refresh_from_db()
    assert value.meaning == "pilot"
    assert client.post(f"/admin/inventory/importrun/{run.pk}/change/", {"rows": 1}).status_code == 403


def test_the_list_exports_exactly_what_it_shows(scene: Scene) -> None:
    answer = browser(scene.viewer).get(reverse("inventory:system_export"))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert lines[0].count(",") == len(SYSTEM_COLUMNS) - 1


def test_workbook_and_json_hold_exactly_the_filtered_rows_a_person_may_see(scene: Scene) -> None:
    everything = browser(scene.viewer).get(reverse("inventory:system_export_json"))
    assert [row["System"] for row in json.loads(b"".join(everything.streaming_content))] == ["scorer"]  # type: ignore[attr-defined]
    none = browser(scene.viewer).get(reverse("inventory:system_export_xlsx"), {"phase": "retired"})
    table = read_workbook(b"".join(none.streaming_content), limits=Limits())  # type: ignore[attr-defined]
    assert (len(table.rows), none["Content-Disposition"][-6:]) == (0, '.xlsx"')
