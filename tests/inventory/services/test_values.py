"""Value: what a system was expected to bring and brought, through every door, drawn beside its objectives."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
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
