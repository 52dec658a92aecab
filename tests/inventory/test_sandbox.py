"""A spreadsheet dropped into a sandbox is judged by the policy and is no system anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from governance.ledger.models import Event
from inventory.models import ImportUpload, Sandbox, SandboxRow, System, Unit
from inventory.services import sandboxes
from inventory.tasks import judge_spreadsheet
from inventory.workbooks import write_workbook
from tests.inventory.scene import ANSWERS, Scene, adopt_baseline
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
HEAD = ["Model name", "Team", "Status", "System owner", *ANSWERS]
SAYS = list(ANSWERS.values())
ROWS = [
    ["Zebra scorer", "Cards", "Live", "Ada Lovelace", *SAYS],
    ["Zebra chatbot", "Service", "live", "tbd", "A person usually follows it", *SAYS[1:]],
    ["Zebra planner", "Cards", "Pilot", "", *SAYS[:-1], ""],
    ["Zebra guesser", "Cards", "Pilot", "Bo", "perhaps", *SAYS[1:]],
    ["Zebra relic", "Cards", "Retired", "Ada Lovelace", *SAYS],
]
TEXT = "\n".join(",".join(row) for row in [HEAD, *ROWS]) + "\n"


@pytest.fixture
def ruled(scene: Scene) -> Scene:
    adopt_baseline()
    return scene


def browser(scene: Scene, who: str = "governor") -> Client:
    client = Client()
    client.force_login(getattr(scene, who), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def dropped(client: Client, content: bytes = TEXT.encode(), name: str = "our list.csv") -> Sandbox:
    """Handed in at the page, its columns as they were guessed, and put into a sandbox from there."""
    handed = client.post("/imports/new/", {"mapping": "", "file": SimpleUploadedFile(name, content)})
    assert handed.status_code == 302, handed.content
    page = client.get(handed["Location"])
    columns = {f"column-{column['at']}": column["role"] for column in page.context["columns"]}
    fields = {
        "delimiter": ",",
        "reads_as": "",
        "seen": page.context["seen"],
        "name": "our-list",
        "title": "",
        "within": "",
    }
    answer = client.post(handed["Location"], {**fields, **columns, "column-1": "unit1", "do": "sandbox"})
    assert answer.status_code == 302, answer.content
    sandbox = Sandbox.objects.get()
    assert answer["Location"] == f"/imports/sandboxes/{sandbox.pk}/"
    return sandbox


def judged(client: Client, **more: Any) -> Sandbox:
    sandbox = dropped(client, **more)
    assert "Being judged" in client.get(f"/imports/sandboxes/{sandbox.pk}/").content.decode()
    judge_spreadsheet(sandbox=str(sandbox.pk))
    judge_spreadsheet(sandbox=str(sandbox.pk))
    sandbox.refresh_from_db()
    assert sandbox.state == "done", sandbox.errors
    return sandbox


def handed(caller: Caller, body: dict[str, Any], key: str = "") -> Any:
    """A file posted by a program."""
    return caller.client.post("/api/v1/sandboxes/", body, headers={"Idempotency-Key": key} if key else {})


def workbook() -> bytes:
    with write_workbook(HEAD, ROWS) as file:
        return file.read()


@pytest.mark.parametrize("content", [TEXT.encode, workbook])
def test_a_dropped_spreadsheet_shows_tiers_missing_owners_and_what_is_owed(
    ruled: Scene, content: Callable[[], bytes]
) -> None:
    client = browser(ruled)
    sandbox = judged(client, content=content())
    whole = sandbox.figures
    assert (whole["rows"], whole["unowned"], whole["units"]) == (5, 2, 2)
    assert whole["tiers"] == {"high": 0, "medium": 3, "low": 0, "unknown": 2}
    assert whole["duties"]["owner"]["medium"] == {"met": 1, "unmet": 1, "unknown": 0}
    assert whole["duties"]["tier"]["unknown"] == {"met": 0, "unmet": 2, "unknown": 0}
    assert whole["duties"]["release-approval"]["medium"]["unknown"] == 2
    rows = {row.name: row for row in SandboxRow.objects.all()}
    assert rows["Zebra planner"].tier_reason.startswith("Not answered: ")
    assert "“perhaps” is no answer to" in rows["Zebra guesser"].tier_reason
    assert rows["Zebra relic"].duties == {}
    page = client.get(f"/imports/sandboxes/{sandbox.pk}/").content.decode()
    assert "judged by baseline" in page
    found = client.get(f"/imports/sandboxes/{sandbox.pk}/?duty=owner&tier=medium&status=unmet").content.decode()
    assert "Zebra chatbot" in found
    assert "Zebra scorer" not in found
    assert "Zebra planner" in client.get(f"/imports/sandboxes/{sandbox.pk}/?owner=nobody").content.decode()
    for strange in ("duty=none&status=met", "tier=x", "owner=x", "colour=red", "duty=owner&status=x"):
        assert client.get(f"/imports/sandboxes/{sandbox.pk}/?{strange}").status_code == 400


def test_without_columns_for_the_questionnaire_every_tier_is_unknown_and_says_what_is_asked(ruled: Scene) -> None:
    client = browser(ruled)
    sandbox = judged(client, content=b"Model name,Team,Status\nZebra,Cards,Live\n")
    assert sandbox.figures["tiers"]["unknown"] == 1
    page = client.get(f"/imports/sandboxes/{sandbox.pk}/").content.decode()
    assert "<code>decision-role</code>" in page
    assert "no column names owners" in page


def test_nothing_in_a_sandbox_is_known_to_any_list_figure_export_or_gate(ruled: Scene) -> None:
    client = browser(ruled)
    systems, units, events = System.objects.count(), Unit.objects.count(), Event.objects.count()
    caller = Caller(ruled.governor)
    addresses = ("/", "/systems/", "/systems/export/json/", "/gaps/", "/units/", "/committee/", "/ledger/")
    before = {where: client.get(where).status_code for where in addresses}
    judged(client)
    assert (System.objects.count(), Unit.objects.count()) == (systems, units)
    new = Event.objects.order_by("id")[events:]
    assert {event.table_name for event in new} <= {"inventory_savedmapping"}
    for where, status in before.items():
        answer = client.get(where)
        content = b"".join(answer) if answer.streaming else answer.content
        assert (answer.status_code, b"Zebra" in content) == (status, False), where
    assert "Zebra" not in client.get("/systems/?q=zebra").context["slice"].rows
    problem(caller.get("gate/?system=zebra-scorer&release=1&environment=production"), 404)
    out = StringIO()
    call_command("gap_report", "--json", stdout=out)
    table = json.loads(out.getvalue())
    assert sum(sum(counts.values()) for counts in table["owner"].values()) == systems


def test_only_who_may_import_sees_a_sandbox(ruled: Scene) -> None:
    sandbox = judged(browser(ruled))
    for who in ("owner", "viewer"):
        assert browser(ruled, who).get(f"/imports/sandboxes/{sandbox.pk}/").status_code == 403
        problem(Caller(getattr(ruled, who)).get(f"sandboxes/{sandbox.pk}/"), 403, "forbidden")
        assert browser(ruled, who).post(f"/imports/sandboxes/{sandbox.pk}/throw-away/").status_code == 403
        problem(Caller(getattr(ruled, who)).call("DELETE", f"sandboxes/{sandbox.pk}/"), 403, "forbidden")
    assert Client().get(f"/imports/sandboxes/{sandbox.pk}/").status_code == 302
    assert Sandbox.objects.exists()


def test_a_sandbox_is_thrown_away_whole_or_its_file_goes_on_into_the_register(ruled: Scene) -> None:
    client = browser(ruled)
    sandbox = judged(client)
    where = f"/imports/sandboxes/{sandbox.pk}/"
    assert "our list.csv" in client.get("/imports/").content.decode()
    ImportUpload.objects.all().delete()
    preview = client.post(f"{where}take/")
    assert "Import 5 rows" in client.get(preview["Location"]).content.decode()
    again = client.post(preview["Location"] + "sandbox/")
    other = Sandbox.objects.exclude(pk=sandbox.pk).get()
    assert again["Location"] == f"/imports/sandboxes/{other.pk}/"
    assert client.post(f"{where}throw-away/")["Location"] == "/imports/"
    assert not SandboxRow.objects.exists()
    assert client.get(where).status_code == 404
    assert client.post(f"{where}throw-away/").status_code == 404
    judge_spreadsheet(sandbox=str(sandbox.pk))
    assert [each.pk for each in Sandbox.objects.all()] == [other.pk]


def test_what_cannot_be_read_says_its_lines(ruled: Scene) -> None:
    client = browser(ruled)
    sandbox = dropped(client, content=b"Model name,Team\nZebra,Cards\n,Cards\n")
    judge_spreadsheet(sandbox=str(sandbox.pk))
    page = client.get(f"/imports/sandboxes/{sandbox.pk}/").content.decode()
    assert "Line 3, model_name: A system needs a name." in page
    assert not SandboxRow.objects.exists()
    ruled.governor.groups.clear()
    Sandbox.objects.update(state="queued")
    judge_spreadsheet(sandbox=str(sandbox.pk))
    sandbox.refresh_from_db()
    assert "right to import" in sandbox.errors[0]["message"]


def test_a_program_has_a_spreadsheet_judged_and_throws_it_away(ruled: Scene) -> None:
    browser_client = browser(ruled)
    mapping = judged(browser_client).mapping
    caller = Caller(ruled.governor)
    body = {"mapping": mapping, "file": SimpleUploadedFile("list.csv", TEXT.encode())}
    made = good(handed(caller, body), 201)
    assert (made["state"], made["file_name"]) == ("queued", "list.csv")
    judge_spreadsheet(sandbox=made["id"])
    told = good(caller.get(f"sandboxes/{made['id']}/"))
    assert (told["state"], told["figures"]["unowned"]) == ("done", 2)
    lines = good(caller.get(f"sandboxes/{made['id']}/rows/?page_size=2"))
    assert [line["line"] for line in lines["results"]] == [2, 3]
    assert lines["results"][1]["duties"]["owner"][0] == "unmet"
    assert len(good(caller.get("sandboxes/?state=done"))["results"]) == 2
    for bad, field in (({**body, "mapping": "none"}, "mapping"), ({"mapping": mapping}, "file")):
        answer = problem(handed(caller, bad), 400)
        assert field in json.dumps(answer)
    assert caller.call("DELETE", f"sandboxes/{made['id']}/").status_code == 204
    problem(caller.get(f"sandboxes/{made['id']}/"), 404)


def test_one_key_fills_one_sandbox(ruled: Scene) -> None:
    mapping = dropped(browser(ruled)).mapping
    caller = Caller(ruled.governor)

    def fill(text: str) -> Any:
        body = {"mapping": mapping, "file": SimpleUploadedFile("list.csv", text.encode())}
        return handed(caller, body, "one")

    assert good(fill(TEXT), 201)["id"] == good(fill(TEXT), 201)["id"]
    problem(fill(TEXT + "More,Cards,Live,,,,,,,,\n"), 409, "idempotency")
    assert Sandbox.objects.count() == 2


def test_a_person_has_so_many_sandboxes_of_so_many_bytes(ruled: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = dropped(browser(ruled)).mapping
    caller = Caller(ruled.governor)
    monkeypatch.setattr(sandboxes, "LARGEST", 10)
    body = {"mapping": mapping, "file": SimpleUploadedFile("list.csv", b"x" * 11)}
    problem(handed(caller, body), 400)
    monkeypatch.setattr(sandboxes, "MOST", 1)
    body["file"] = SimpleUploadedFile("list.csv", b"x")
    problem(handed(caller, body), 409, "limit")


def test_without_rules_nothing_is_judged(scene: Scene) -> None:
    caller = Caller(scene.governor)
    body = {"mapping": "portal", "file": SimpleUploadedFile("list.csv", b"x")}
    problem(handed(caller, body), 409, "no_policy")


def test_the_command_judges_and_writes_nothing(ruled: Scene, tmp_path: Path) -> None:
    mapping = judged(browser(ruled)).mapping
    path = tmp_path / "list.csv"
    path.write_text(TEXT, encoding="utf-8")
    out = StringIO()
    call_command("judge_spreadsheet", str(path), "--mapping", mapping, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["rows"], told["unowned"], told["errors"]) == (5, 2, [])
    call_command("judge_spreadsheet", str(path), "--mapping", mapping, stdout=out)
    assert "without an owner: 2" in out.getvalue()
    for name, status in (("none.csv", 2), ("list.csv", 1)):
        with pytest.raises(SystemExit) as left:
            call_command(
                "judge_spreadsheet", str(tmp_path / name), "--mapping", mapping if status == 2 else "none",
                stdout=StringIO(), stderr=StringIO(),
            )  # fmt: skip
        assert left.value.code == status
    assert Sandbox.objects.count() == 1
