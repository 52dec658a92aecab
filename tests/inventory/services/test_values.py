"""Value: what a system was expected to bring and brought, through every door, drawn beside its objectives."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client

from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from inventory.models import ValuePeriod
from inventory.services.values import record_values
from inventory.value import charts_of, periods_of
from tests.governance.validation.scene import Scene, build
from tests.rest import Caller, good, problem

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def quarter(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"period": "quarter", "starts_on": date(2026, 3 * number - 2, 1), "currency": "EUR", **more}


def test_the_newest_word_on_a_period_counts_and_the_ones_before_stay(scene: Scene) -> None:
    for saving in (10, 20):
        periods = [quarter(2, actual_saving=1), quarter(1, expected_saving=25, actual_saving=saving)]
        record_values(actor=scene["owner"], system=scene.system, periods=periods)
    told = periods_of(scene.system)
    assert [(one.name, one.actual_saving) for one in told] == [("Q1 2026", 20), ("Q2 2026", 1)]
    assert ValuePeriod.objects.count() == 4
    assert Event.objects.filter(table_name="inventory_valueperiod", verb="value.record").count() == 4
    with pytest.raises((IntegrityError, Conflict)), acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        ValuePeriod.objects.update(actual_saving=99)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"starts_on": date(2026, 2, 1)}, "starts_on"), ({"starts_on": None}, "starts_on"), ({"period": "week"}, "period"),
    ({"currency": "euro"}, "currency"), ({"currency": "USD"}, "currency"), ({"colour": 1}, "colour"),
    ({"actual_cost": True}, "actual_cost"), ({"actual_cost": None}, "actual_outcome"),
    ({"actual_cost": float("nan")}, "actual_cost"),
    ({"period": "year", "starts_on": date(2026, 4, 1)}, "starts_on"),
]  # fmt: skip


def test_what_cannot_be_a_period_is_refused_whole(scene: Scene) -> None:
    for wrong, field in WRONG:
        periods = [quarter(2, actual_cost=5), {**quarter(1, actual_cost=5), **wrong}]
        with pytest.raises(InvalidInput) as found:
            record_values(actor=scene["owner"], system=scene.system, periods=periods)
        assert set(found.value.errors) == {f"periods.1.{field}"}
    assert not ValuePeriod.objects.exists()
    record_values(actor=scene["owner"], system=scene.system, periods=[quarter(actual_cost=5)])
    with pytest.raises(InvalidInput, match="stand in EUR"):
        record_values(actor=scene["owner"], system=scene.system, periods=[quarter(2, actual_cost=5, currency="USD")])
    with pytest.raises(Forbidden):
        record_values(actor=scene["viewer"], system=scene.system, periods=[quarter(3, actual_cost=5)])


@pytest.mark.parametrize(
    ("period", "day", "name"), [("month", date(2026, 11, 1), "Nov 2026"), ("year", date(2026, 1, 1), "2026")]
)
def test_a_period_is_called_as_people_call_it(period: str, day: date, name: str) -> None:
    assert ValuePeriod(period=period, starts_on=day).name == name


def test_bars_stand_on_the_line_of_zero_also_below_it() -> None:
    periods = [
        ValuePeriod(period="month", starts_on=date(2026, 1, 1), currency="EUR", expected_return=100, actual_return=-50),
        ValuePeriod(period="month", starts_on=date(2026, 2, 1), currency="EUR", expected_return=100),
    ]
    (chart,) = charts_of(periods)
    gained, lost, second = chart.bars
    zero = next(line.y for line in chart.lines if line.text == "0")
    assert [gained.y + gained.height, lost.y] == pytest.approx([zero, zero], abs=0.2)
    assert gained.height == pytest.approx(2 * lost.height, abs=0.2)
    assert (lost.look, second.look) == ("actual", "expected")
    assert [word.text for word in chart.words] == ["Jan 2026", "Feb 2026"]
    assert charts_of([]) == []
    months = [
        ValuePeriod(period="month", starts_on=date(2026, n, 1), currency="EUR", actual_cost=n) for n in range(1, 11)
    ]
    assert max(word.x for word in charts_of(months)[0].words) == 302
    nothing = ValuePeriod(period="month", starts_on=date(2026, 1, 1), currency="EUR", actual_cost=0)
    assert charts_of([nothing])[0].bars[0].height == 0


def test_value_is_recorded_and_listed_over_rest(scene: Scene) -> None:
    owner = Caller(scene["owner"])
    periods = [
        {
            "period": "month",
            "starts_on": f"2026-0{n}-01",
            "currency": "EUR",
            "expected_saving": "25.5",
            "actual_saving": n,
        }
        for n in (1, 2)
    ]  # fmt: skip
    made = good(owner.post("values/", {"system": "scorer", "periods": periods}), 201)["periods"]
    assert [(one["starts_on"], one["expected_saving"], one["actual_saving"]) for one in made] == [
        ("2026-01-01", "25.5000", "1.0000"), ("2026-02-01", "25.5000", "2.0000"),
    ]  # fmt: skip
    assert len(good(owner.get("values/?system=scorer&period=month"))["results"]) == 2
    assert good(owner.get(f"values/{made[0]['id']}/"))["recorded_by"]["username"] == "owner"
    assert good(Caller(scene["outsider"]).get("values/"))["results"] == []
    problem(Caller(scene["viewer"]).post("values/", {"system": "scorer", "periods": periods}), 403, "forbidden")
    problem(owner.post("values/", {"system": "scorer", "periods": [{**periods[0], "starts_on": "2026-01-02"}]}), 400)


def test_the_tab_draws_charts_beside_the_objectives_and_the_form_records_a_period(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"], backend=BACKEND)
    assert "No value is recorded" in client.get("/systems/scorer/?tab=value").content.decode()
    address = "/systems/scorer/value/new/"
    sent = {
        "period": "quarter", "starts_on": "2026-10-01", "currency": "EUR", "outcome_unit": "fraud stopped, in %",
        "expected_outcome": "40", "actual_outcome": "31.5", "actual_cost": "120000", "note": "Two holidays.",
    }  # fmt: skip
    assert "first day of a quarter" in client.post(address, {**sent, "starts_on": "2026-11-01"}).content.decode()
    assert client.post(address, sent)["Location"] == "/systems/scorer/?tab=value"
    page = client.get("/systems/scorer/?tab=value").content.decode()
    for words in ("Q4 2026", "fraud stopped, in %", "31.5", "of 40", "Two holidays.", '<h2 class="h4">Objectives</h2>'):
        assert words in page, words
    assert page.count('<svg class="chart"') == 2
    assert 'value="EUR"' in client.get(address).content.decode()


FILE = (
    "period,starts_on,currency,outcome_unit,expected_saving,actual_saving,note\n"
    "quarter,2026-01-01,EUR,cases,100,80.5,\n"
    "quarter,2026-04-01,EUR,cases,120,,The new desk\n"
)


def upload(client: Client, scene: Scene, text: str) -> Any:
    file = SimpleUploadedFile("value.csv", text.encode())
    return client.post(f"/systems/{scene.system.slug}/value/upload/", {"file": file})


def test_a_file_is_taken_in_and_again_changes_nothing(scene: Scene, client: Client) -> None:
    client.force_login(scene["owner"], backend=BACKEND)
    assert upload(client, scene, FILE).status_code == 302
    assert upload(client, scene, FILE).status_code == 302
    told = periods_of(scene.system)
    assert [(one.name, one.expected_saving, one.actual_saving) for one in told] == [
        ("Q1 2026", 100, Decimal("80.5")), ("Q2 2026", 120, None),
    ]  # fmt: skip
    assert ValuePeriod.objects.count() == 2
    table = client.get(f"/systems/{scene.system.slug}/value/template/").content.decode()
    assert upload(client, scene, table).status_code == 302
    assert ValuePeriod.objects.count() == 2
    assert upload(client, scene, FILE.replace("80.5", "81")).status_code == 302
    assert ValuePeriod.objects.count() == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE.replace("2026-04-01", "2026-05-01"), "Line 3, starts_on: Must be the first day of a quarter."),
        (FILE.replace("2026-04-01", "April"), "Line 3, starts_on: Must be a day like 2026-01-01."),
        (FILE.replace("120,,", "many,,"), "Line 3, expected_saving: Must be a number"),
        (FILE.replace("2026-04-01", "2026-01-01"), "Line 3, starts_on: This period stands on line 2 already."),
        (FILE.replace("EUR,cases,120", "USD,cases,120"), "Line 3, currency: "),
        (FILE.replace("note", "remark"), "Line 1, remark: Is no column of this file"),
        (FILE.split("\n", maxsplit=1)[0] + "\n", "not a single row"),
        (FILE + "quarter,2026-07-01\n", "Line 4"),
        ("", "empty"),
    ],
)
def test_one_wrong_row_says_its_line_and_nothing_is_taken(scene: Scene, client: Client, text: str, said: str) -> None:
    client.force_login(scene["owner"], backend=BACKEND)
    answer = upload(client, scene, text)
    assert answer.status_code == 400
    assert said in unescape(answer.content.decode())
    assert not ValuePeriod.objects.exists()


def test_only_who_may_change_the_system_takes_a_file_in(scene: Scene, client: Client, tmp_path: Path) -> None:
    client.force_login(scene["validator"], backend=BACKEND)
    assert upload(client, scene, FILE).status_code == 403
    assert client.get(f"/systems/{scene.system.slug}/value/template/").status_code == 200
    path = tmp_path / "value.csv"
    path.write_text(FILE, encoding="utf-8")
    for person, status in ((["--as", "validator"], 1), ([], 1)):
        with pytest.raises(SystemExit) as left:
            call_command("import_values", str(path), "--system", scene.system.slug, *person, stderr=StringIO())
        assert left.value.code == status
    out = StringIO()
    call_command("import_values", str(path), "--system", scene.system.slug, "--as", "owner", "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 2
