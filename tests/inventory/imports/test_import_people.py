"""People and their roles from a file: everything or nothing, each fault with its line, the same file again nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.models import Denial, Event
from inventory.models import Assignment
from tests.inventory.scene import Scene, build

pytestmark = pytest.mark.django_db
HEADER = "username,name,email,role,system,unit,until,reason"
NEWCOMERS = (
    "vera,Vera Lund,vera@example.org,validator,,cards,,Second line",
    "vera,,,incident_manager,scorer,,2031-03-31,",
    "noor,Noor Haddad,noor@example.org,,,,,",
    "owner,Owner Renamed,,owner,scorer,,,",
)


@pytest.fixture
def scene(db: None) -> Scene:
    return build()


def run(tmp_path: Path, *rows: str, header: str = HEADER, options: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    """Exit status and the JSON object."""
    path, out = tmp_path / "people.csv", StringIO()
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    try:
        call_command("import_people", str(path), "--json", *options, stdout=out)
    except SystemExit as leaving:
        return int(str(leaving.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    """Rows, created, updated, unchanged, vanished."""
    return tuple(report[name] for name in ("rows", "created", "updated", "unchanged", "vanished"))


def test_people_and_roles_come_in_and_the_same_file_again_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    status, report = run(tmp_path, *NEWCOMERS)
    assert (status, report["errors"], counts(report)) == (0, [], (4, 3, 1, 0, 0))
    vera = User.objects.get(username="vera")
    assert not vera.has_usable_password()
    held = {(one.role, str(one.system or one.unit)) for one in Assignment.objects.filter(person=vera)}
    assert held == {(Role.VALIDATOR, str(scene.cards)), (Role.INCIDENT_MANAGER, str(scene.scorer))}
    assert User.objects.get(username="owner").name == "Owner Renamed"
    told = Event.objects.filter(table_name="inventory_assignment").latest("id")
    assert told.actor_name == "system:import_people"
    before = Event.objects.count()
    status, report = run(tmp_path, *NEWCOMERS)
    assert (status, counts(report)) == (0, (4, 0, 0, 4, 0))
    assert Event.objects.count() == before


def test_a_dry_run_says_the_same_and_writes_nothing(scene: Scene, tmp_path: Path) -> None:
    before = Event.objects.count()
    status, report = run(tmp_path, *NEWCOMERS, options=("--dry-run",))
    assert (status, counts(report)) == (0, (4, 3, 1, 0, 0))
    assert not User.objects.filter(username__in=["vera", "noor"]).exists()
    assert Event.objects.count() == before


def test_one_wrong_row_stops_all_of_them_and_every_fault_is_named(scene: Scene, tmp_path: Path) -> None:
    status, report = run(
        tmp_path, *NEWCOMERS, "lone,,lone@example.org,,,,,", "owner,,,validator,scorer,,,", "vera,,,chief,scorer,,,",
        "vera,,,viewer,nowhere,,,", "vera,,,viewer,scorer,cards,,", "noor,,,viewer,scorer,,soon,",
        "noor,,,viewer,scorer,,2001-01-01,", "operator,,,,scorer,,,", "noor,,,,,,,",
    )  # fmt: skip
    assert (status, report["created"]) == (1, 0)
    assert [(error["line"], error["field"]) for error in report["errors"]] == [
        (6, "name"), (7, ""), (8, "role"), (9, "system"), (10, "system"), (11, "until"), (12, "until"), (13, "role"),
        (14, "username"),
    ]  # fmt: skip
    assert not User.objects.filter(username__in=["vera", "noor", "lone"]).exists()


@pytest.mark.parametrize(
    ("header", "field"),
    [("username,password", "password"), ("name,email", "username"), ("username,name,name", "name")],
)
def test_a_column_it_does_not_know_is_refused(scene: Scene, tmp_path: Path, header: str, field: str) -> None:
    status, report = run(tmp_path, header=header)
    assert (status, [(error["line"], error["field"]) for error in report["errors"]]) == (1, [(1, field)])


def test_a_person_who_may_not_is_refused_and_it_is_on_record(scene: Scene, tmp_path: Path) -> None:
    assert run(tmp_path, *NEWCOMERS, options=("--as", "owner"))[0] == 1
    status, report = run(tmp_path, "governor,,,validator,scorer,,,", options=("--as", "governor"))
    assert status == 1
    assert report["errors"][0]["message"].startswith("Line 2: ")
    assert Denial.objects.filter(verb="person.import").count() == 2
    assert not User.objects.filter(username="vera").exists()


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 1), (b"username\n\x00\n", 1), (b'username\n"open\n', 1), (b"PK\x03\x04zip", 2)]
)
def test_a_hostile_file_is_answered_by_a_named_error(scene: Scene, tmp_path: Path, content: bytes, status: int) -> None:
    path, out = tmp_path / "people.csv", StringIO()
    path.write_bytes(content)
    with pytest.raises(SystemExit) as leaving:
        call_command("import_people", str(path), "--json", stdout=out)
    assert leaving.value.code == status
    assert json.loads(out.getvalue())["errors"][0]["message"]
