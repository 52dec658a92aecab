"""The report of independence: who did what to a release, from the acts, for who reads the record of all of it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.validation.independence import Violation
from governance.validation.models import Act
from inventory.models import Assignment
from tests.governance.access.people import appoint, join, person
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_independence import OFF, UNGUARDED, story
from tests.loosening import loosen

pytestmark = pytest.mark.django_db
PAGE, FILE, API = "/independence/", "/independence/export/", "/api/v1/independence/"
EVERY = "/api/v1/independence/violations/"


@pytest.fixture
def scene() -> Scene:
    return story()


@pytest.fixture
def examiner() -> User:
    return join(person("examiner"), OrganisationRole.EXAMINER)


def test_every_act_stands_in_page_file_and_api_with_who_did_it(client: Client, scene: Scene, examiner: User) -> None:
    client.force_login(examiner)
    page = client.get(PAGE).content.decode()
    assert "Nothing against independence" in page
    rows = client.get(API).json()["results"]
    told = {(row["kind"], row["person"]["username"], row["release"]) for row in rows}
    assert {
        ("edited", "developer", "1.1.0"), ("submitted", "owner", "1.1.0"), ("signed", "validator", "1.1.0"),
        ("signed", "auditor", "1.1.0"), ("signed", "approver", "1.1.0"), ("granted", "riskofficer", None),
    } <= told  # fmt: skip
    assert all(row["violations"] == [] for row in rows)
    lines = list(csv.DictReader(StringIO(client.get(FILE).getvalue().decode("utf-8-sig"))))
    assert len(lines) == len(rows) == Act.objects.count()
    assert {line["User name"] for line in lines} == {row["person"]["username"] for row in rows}


def test_the_page_costs_the_same_whatever_there_is_to_tell(client: Client, scene: Scene, examiner: User) -> None:
    client.force_login(examiner)
    client.get(PAGE)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            shown = client.get(PAGE).content.decode().count("data-row")
        costs.append((shown, len(asked)))
        scene.submitted()
    assert costs[0][0] < costs[1][0]
    assert costs[0][1] == costs[1][1]


def test_the_report_is_narrowed_alike_through_every_door(client: Client, scene: Scene, examiner: User) -> None:
    client.force_login(examiner)
    wanted = {"system": "scorer", "release": "1.1.0", "kind": "signed", "person": "auditor"}
    (row,) = client.get(API, wanted).json()["results"]
    assert row["person"]["username"] == "auditor"
    assert len(list(csv.DictReader(StringIO(client.get(FILE, wanted).getvalue().decode("utf-8-sig"))))) == 1
    assert client.get(PAGE, wanted).content.decode().count("data-row") == 1
    assert client.get(API, {**wanted, "system": "other"}).json()["results"] == []
    assert client.get(PAGE, {"colour": "red"}).status_code == 400


def test_an_act_against_independence_is_named_where_it_stands(client: Client, scene: Scene, examiner: User) -> None:
    loosen(*UNGUARDED)
    appoint(scene["auditor"], Role.DEVELOPER, unit=scene.unit, since=scene.system.created_at)
    client.force_login(examiner)
    page = client.get(PAGE).content.decode()
    assert "1 against independence" in page
    assert "signed a release of a system they owned or developed since it was begun" in page
    against = [row for row in client.get(API).json()["results"] if row["violations"]]
    assert [(row["person"]["username"], row["violations"][0]["rule"]) for row in against] == [
        ("auditor", "signed.builder")
    ]
    lines = csv.DictReader(StringIO(client.get(FILE).getvalue().decode("utf-8-sig")))
    assert sum(line["Stands against independence"].startswith("signed.builder") for line in lines) == 1


def test_what_violates_and_is_no_act_stands_in_page_file_and_api_too(
    client: Client, scene: Scene, examiner: User, owner_connection: psycopg.Connection[Any]
) -> None:
    owner_connection.execute(OFF)
    owner_connection.execute(
        "UPDATE inventory_assignment SET assigned_by_id = person_id WHERE person_id = %s", [scene["auditor"].pk]
    )
    client.force_login(examiner)
    assert "1 against independence" in client.get(PAGE).content.decode()
    (found,) = client.get(EVERY).json()["results"]
    role = Assignment.objects.get(person=scene["auditor"])
    assert (found["rule"], found["person"]["username"], found["table"], found["key"]) == (
        "role.to_oneself", "auditor", "inventory_assignment", role.pk
    )  # fmt: skip
    lines = list(csv.DictReader(StringIO(client.get(FILE).getvalue().decode("utf-8-sig"))))
    assert len(lines) == Act.objects.count() + 1
    last = lines[-1]
    assert (last["User name"], last["Stands against independence"]) == (
        "auditor", "role.to_oneself: gave a role to themselves"
    )  # fmt: skip
    assert last["What"] == f"inventory_assignment {role.pk}"
    for asked, count in (({"person": "Auditor"}, 1), ({"person": "owner"}, 0), ({"system": "scorer"}, 0)):
        assert client.get(EVERY, asked).json()["count"] == count, asked
        told = csv.DictReader(StringIO(client.get(FILE, asked).getvalue().decode("utf-8-sig")))
        assert sum("role.to_oneself" in line["Stands against independence"] for line in told) == count, asked
    told = csv.DictReader(StringIO(client.get(FILE, {"kind": "signed"}).getvalue().decode("utf-8-sig")))
    assert {line["Act"] for line in told} == {"Signed"}


def test_the_page_says_how_many_it_does_not_show(
    client: Client, scene: Scene, examiner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        Violation("a.rule", "did it", "scorer", "", "Somebody", portal_now(), "inventory_assignment", number)
        for number in range(51)
    ]
    monkeypatch.setattr("governance.validation.acts.violations", lambda: found)
    client.force_login(examiner)
    page = client.get(PAGE).content.decode()
    assert "51 against independence" in page
    assert "The newest 50 of 51" in page
    assert client.get(EVERY).json()["count"] == 51


def test_only_who_reads_the_record_of_the_whole_organisation_reads_it(client: Client, scene: Scene) -> None:
    for name, status in (("governor", 200), ("owner", 403), ("validator", 403), ("outsider", 403)):
        client.force_login(scene[name])
        assert [client.get(door).status_code for door in (PAGE, FILE, API, EVERY)] == [status] * 4, name
    assert [Client().get(door).status_code for door in (PAGE, FILE, API, EVERY)] == [302, 302, 401, 401]
