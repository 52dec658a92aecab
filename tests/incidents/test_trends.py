"""Trends over incidents: counted rightly, of what the reader may see, at the same cost whatever there is."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from incidents.models import ActionItem, Incident, RegulatorClock
from incidents.services import start_clock
from incidents.trends.drawing import draw
from incidents.trends.figures import Duty, Read, Story, Table, Task, Titles, quantile, tables
from tests.clocks import Clock
from tests.governance.access.people import appoint, person
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.incidents.walk import GRADE, SMALL, described, in_state, reported
from tests.rest import Caller, good, problem

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def story(number: int, **values: Any) -> Story:
    """A small incident noticed now."""
    usual: dict[str, Any] = {
        "pk": number, "title": "It drifts", "system": "Scorer", "unit": "Cards", "type": "drift", "severity": "s4",
        "state": "triaged", "aware": NOW,
    }  # fmt: skip
    return Story(**{**usual, **values})


def told(read: Read, since: datetime | None = None) -> dict[str, Table]:
    """The tables by their keys."""
    titles = Titles({"drift": "Drift"}, {"s1": "Grave", "s4": "Minor"})
    return {table.key: table for table in tables(read, titles, NOW, since)}


def test_months_without_incidents_stand_between_those_with_some() -> None:
    read = Read((story(1, aware=NOW - timedelta(days=62)), story(2, severity="s1"), story(3)))
    month = told(read)["month"]
    assert month.head == ("Month", "Grave", "Minor", "All")
    assert month.rows == (("2026-09", 0, 1, 1), ("2026-10", 0, 0, 0), ("2026-11", 1, 1, 2))
    assert told(read, NOW - timedelta(days=90))["month"].rows[0][0] == "2026-08"


def test_long_times_are_counted_by_the_year() -> None:
    month = told(Read((story(1, aware=NOW - timedelta(days=365 * 8)), story(2))))["month"]
    assert (month.head[0], [row[0] for row in month.rows]) == ("Year", [str(year) for year in range(2018, 2027)])


def test_open_and_over_stand_apart_and_what_is_many_is_summed_up() -> None:
    read = Read(tuple(story(n, system=f"System {n:02}", state="closed" if n else "triaged") for n in range(17)))
    system = told(read)["system"].rows
    assert system[0] == ("System 00", 1, 0, 1)
    assert (len(system), system[-1]) == (16, ("2 others", 0, 2, 2))


def test_times_are_told_by_median_and_nine_in_ten() -> None:
    read = Read(
        tuple(
            story(n, occurred=NOW - n * HOUR, contained=NOW + 2 * HOUR, resolved=NOW + 2 * n * HOUR if n else None)
            for n in range(11)
        )
    )
    notice, contain, resolve = told(read)["times"].rows
    assert notice[1:] == (11, 5.0, 9.0)
    assert contain[1:] == (11, 2.0, 2.0)
    assert resolve[1:] == (10, 11.0, 18.2)


def test_what_was_resolved_without_being_contained_stopped_its_harm_then() -> None:
    rows = told(Read((story(1, resolved=NOW + 3 * HOUR),)))["times"].rows
    assert [row[1:3] for row in rows] == [(0, None), (1, 3.0), (1, 3.0)]


@pytest.mark.parametrize(("values", "share", "expected"), [([], 0.5, None), ([3.0], 0.9, 3.0), ([1.0, 2.0], 0.5, 1.5)])
def test_a_share_lies_between_two_values_where_it_falls_there(
    values: list[float], share: float, expected: float | None
) -> None:
    assert quantile(values, share) == expected


def test_promises_and_duties_are_held_against_their_dates() -> None:
    tasks = tuple(
        Task("INC-1", f"T{n}", "Ann", due, done)
        for n, (due, done) in enumerate(
            [(NOW, NOW), (NOW - HOUR, NOW), (NOW + HOUR, None), (NOW, None), (NOW - HOUR, None)]
        )
    )
    duties = tuple(
        Duty("INC-1", "Art. 33", deadline, made, dropped)
        for deadline, made, dropped in [
            (NOW, NOW - HOUR, None), (NOW, NOW, None), (NOW, None, None), (NOW + HOUR, None, None), (NOW, None, NOW),
        ]
    )  # fmt: skip
    found = told(Read(tasks=tasks, duties=duties))
    assert [row[1] for row in found["actions"].rows] == [1, 1, 1, 2]
    assert found["duties"].rows == (("Art. 33", 1, 1, 1, 1, 1),)
    assert [row[0] for row in found["overdue"].rows] == ["T4", "Art. 33", "T3"]


def test_each_number_is_drawn_as_long_as_it_is() -> None:
    drawing = draw(told(Read((story(1), story(2, system="Other", state="closed"), story(3))))["system"])
    assert drawing is not None
    first, second = drawing.boxes
    assert (first.title, second.title) == ("Scorer: Open 2", "Other: Over 1")
    assert first.width == 2 * second.width
    columns = draw(told(Read((story(1), story(2, severity="s1"))))["month"])
    assert columns is not None
    assert [word.text for word in columns.lines] == ["0", "1", "2"]
    assert columns.boxes[0].height == columns.boxes[1].height
    assert draw(told(Read())["month"]) is None


@pytest.mark.django_db
def test_the_page_says_what_went_wrong_and_how_long_it_took(scene: Scene, clock: Clock) -> None:
    in_state(scene, "dismissed")
    incident = reported(scene, **SMALL)
    clock.set(portal_now() + 3 * HOUR)
    described(scene, incident)
    shown = text(scene["owner"], "/incidents/trends/")
    assert "1 incident you may see" in shown
    assert "1 dismissed or duplicate left out" in shown
    assert "Performance degradation or drift: Open 1" in shown
    assert 'href="/incidents/trends/"' in text(scene["owner"], "/incidents/")
    clock.set(portal_now() + timedelta(days=30))
    assert "Add a limit per merchant code" in text(scene["owner"], "/incidents/trends/")


@pytest.mark.django_db
def test_containing_is_timed_and_reopening_forgets_it(scene: Scene) -> None:
    assert in_state(scene, "contained").contained_at is not None
    closed = in_state(scene, "closed")
    Caller(scene["incidents"]).post(f"incidents/{closed.pk}/reopen/", {"reason": "It is back."})
    assert Incident.objects.get(pk=closed.pk).contained_at is None


@pytest.mark.django_db
def test_filters_stand_in_the_address_and_other_words_are_refused(scene: Scene) -> None:
    reported(scene, **GRADE)
    reported(scene, **SMALL)
    for query, total in (
        ("", 2), ("?severity=s4", 1), ("?type=bias", 0), (f"?unit={scene.unit.slug}&period=3", 2), ("?period=all", 2),
    ):  # fmt: skip
        assert good(Caller(scene["owner"]).get(f"incident-trends/{query}"))["total"] == total, query
        assert f"{total} incident" in text(scene["owner"], f"/incidents/trends/{query}")
    for wrong in ("?period=7", "?type=drfit", "?unit=nowhere", "?severity=s9", "?owner=ann", "?period=3&period=12"):
        for door in ("", ".csv", ".pdf"):
            address = f"/incidents/trends{door or '/'}{wrong}"
            assert browser(scene["owner"]).get(address).status_code == 400, address
        problem(Caller(scene["owner"]).get(f"incident-trends/{wrong}"), 400)


@pytest.mark.django_db
def test_nobody_counts_what_they_may_not_see(scene: Scene) -> None:
    incident = reported(scene)
    described_to(scene, incident)
    for door in ("/", ".csv", ".pdf"):
        answer = browser(scene["outsider"]).get(f"/incidents/trends{door}")
        assert answer.status_code == 200
    assert "0 incidents you may see" in text(scene["outsider"], "/incidents/trends/")
    assert scene.system.name not in text(scene["outsider"], "/incidents/trends/")
    assert good(Caller(scene["outsider"]).get("incident-trends/"))["total"] == 0
    assert browser(scene["outsider"]).get(f"/incidents/trends/?unit={scene.unit.slug}").status_code == 400


def described_to(scene: Scene, incident: Incident) -> None:
    """Something in every table."""
    Caller(scene["incidents"]).post(
        f"incidents/{incident.pk}/triage/",
        {"commander": scene["incidents"].username, "impact": "grave", "urgency": "immediate"},
    )
    described(scene, incident)
    start_clock(actor=scene["incidents"], incident=incident, clock="gdpr-33")


@pytest.mark.django_db
def test_no_cell_of_the_table_runs_in_a_spreadsheet(scene: Scene, clock: Clock) -> None:
    incident = reported(scene)
    described_to(scene, incident)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        ActionItem.objects.create(
            incident=incident, text='=HYPERLINK("http://x")', owner=scene["owner"], due=portal_now()
        )
    clock.set(portal_now() + HOUR)
    answer = browser(scene["owner"]).get("/incidents/trends.csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["Table", "Row", "Column", "Value"]
    assert ["Incidents by severity", "S2 serious", "All", "1"] in rows or [
        "Incidents by severity",
        "S1 grave",
        "All",
        "1",
    ] in rows
    assert any(row[1] == '\'=HYPERLINK("http://x")' for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


@pytest.mark.django_db
def test_the_pdf_is_tagged_and_survives_what_people_write(scene: Scene, clock: Clock) -> None:
    incident = reported(scene)
    described_to(scene, incident)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        ActionItem.objects.create(
            incident=incident, text='#panic("x") *bold* $1 @ref <label> ☃', owner=scene["owner"], due=portal_now()
        )
    clock.set(portal_now() + HOUR)
    answer = browser(scene["owner"]).get("/incidents/trends.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.content


@pytest.mark.django_db
def test_it_costs_the_same_for_10_incidents_and_for_200(scene: Scene) -> None:
    reader = person("reader")
    appoint(reader, Role.AUDITOR, unit=scene.unit)
    client = browser(reader)
    client.get("/incidents/trends/")

    def grow(number: int) -> None:
        now = portal_now()
        with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
            made = Incident.objects.bulk_create(
                Incident(system=scene.system, title=f"It {n}", type="drift", impact="limited", urgency="stable",
                         severity="s4", aware_at=now, reported_at=now, reporter=scene["owner"], updated_at=now)
                for n in range(number)
            )  # fmt: skip
            ActionItem.objects.bulk_create(
                ActionItem(incident=each, text="Do", owner=scene["owner"], due=now) for each in made
            )
            RegulatorClock.objects.bulk_create(
                RegulatorClock(incident=each, clock="gdpr-33", title="Art. 33", period="72 hours", zone="UTC",
                               binding=True, counsel_to_confirm=False, since=now, deadline=now, internal_deadline=now,
                               started_at=now, started_by=scene["owner"])
                for each in made
            )  # fmt: skip

    def cost(door: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(f"/incidents/trends{door}").status_code == 200
        return len(asked)

    grow(10)
    few = [cost(door) for door in ("/", ".pdf")]
    grow(190)
    assert [cost(door) for door in ("/", ".pdf")] == few
