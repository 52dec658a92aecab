"""Planned windows: what clashes, the month on a page, the calendar file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from governance.changes.planning import Window, clashes
from governance.policy.sections import Freeze
from tests.governance.changes.walk import asked, in_state
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text

NOON = datetime(2031, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(change: int, begins: int, hours: int = 2, **more: Any) -> Window:
    since = NOON + begins * HOUR
    fields = {"system": 1, "system_name": "Scorer", "tier": "high", "units": frozenset({"cards"}), **more}
    return Window(change=change, name=f"CHG-{change}", since=since, until=since + hours * HOUR, **fields)


def freeze(**fields: Any) -> Freeze:
    return Freeze(id="close", title="Quarter end", since=NOON, until=NOON + 3 * HOUR, **fields)


def pairs(*windows: Window, **more: Any) -> set[tuple[int, int | None]]:
    return {(clash.change, clash.other) for clash in clashes(windows, (), **more)}


def test_windows_of_one_system_clash_when_they_overlap_and_not_when_they_touch() -> None:
    assert pairs(window(1, 0), window(2, 1), window(3, 3)) == {(1, 2)}
    assert pairs(window(1, 0), window(2, 2)) == set()
    assert pairs(window(2, 1), window(1, 0)) == {(1, 2)}


def test_a_long_window_clashes_with_each_short_one_within() -> None:
    assert pairs(window(1, 0, 10), window(2, 1), window(3, 5)) == {(1, 2), (1, 3)}


def test_other_systems_do_not_clash_unless_one_builds_on_the_other() -> None:
    one, other = window(1, 0), window(2, 1, system=2, system_name="Ledger")
    assert pairs(one, other) == set()
    (clash,) = clashes((one, other), (), {1: frozenset({2})})
    assert clash.text == "CHG-1 and CHG-2 overlap and Scorer builds on Ledger."
    assert pairs(one, other, builds_on={2: frozenset({1})}) == {(1, 2)}


@pytest.mark.parametrize(
    ("fields", "met"),
    [({}, True), ({"tiers": ("high",)}, True), ({"tiers": ("low",)}, False), ({"units": ("cards",)}, True),
     ({"units": ("marketing",)}, False)],
)  # fmt: skip
def test_a_window_in_a_freeze_clashes_with_it(fields: dict[str, Any], met: bool) -> None:
    assert bool(clashes([window(1, 2)], [freeze(**fields)])) == met
    assert not clashes([window(1, 2, emergency=True)], [freeze(**fields)])
    assert not clashes([window(1, 3)], [freeze(**fields)])
    assert not clashes([window(1, -2)], [freeze(**fields)])


@pytest.mark.django_db
def test_a_month_shows_what_is_planned_and_what_clashes(scene: Scene) -> None:
    times: dict[str, Any] = {"planned_from": NOON, "planned_until": NOON + HOUR}
    first, second = asked(scene, **times), asked(scene, **times)
    elsewhere = asked(scene, planned_from=NOON + timedelta(days=60), planned_until=NOON + timedelta(days=61))
    page = text(scene["viewer"], "/changes/calendar/?month=2031-03")
    assert "March 2031" in page
    assert f"{first} and {second} overlap on Scorer." in page
    listed = page[page.index("The month as a list") :].partition("</section>")[0]  # what a phone shows
    assert f"{NOON:%-d %b %H:%M} to" in listed
    assert listed.count("clashes") == 2
    assert f"/changes/{elsewhere.pk}/" not in page
    assert f"/changes/{first.pk}/" not in text(scene["outsider"], "/changes/calendar/?month=2031-03")
    assert f"/changes/{first.pk}/" not in text(scene["viewer"], "/changes/calendar/?month=2031-03&system=elsewhere")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["month=2031-13", "month=0000-01", "month=x", "month=9999-12", "colour=red"])
def test_a_month_that_does_not_exist_is_refused(scene: Scene, query: str) -> None:
    assert browser(scene["viewer"]).get(f"/changes/calendar/?{query}").status_code == 400


@pytest.mark.django_db
def test_the_calendar_file_can_be_read_by_a_calendar(scene: Scene) -> None:
    draft, done, off = asked(scene), in_state(scene, "closed"), in_state(scene, "withdrawn")
    answer = browser(scene["viewer"]).get("/changes/calendar.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    events = {str(event["uid"]): event for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(events) == {f"change-{draft.pk}@testserver", f"change-{done.pk}@testserver"}
    event = events[f"change-{draft.pk}@testserver"]
    assert event.decoded("dtstart") == draft.planned_from.replace(microsecond=0)  # type: ignore[union-attr]
    assert (str(event["status"]), str(event["summary"])) == ("TENTATIVE", f"{draft} (Scorer)")
    assert str(events[f"change-{done.pk}@testserver"]["status"]) == "CONFIRMED"
    assert off.pk not in {draft.pk, done.pk}
    nothing = browser(scene["outsider"]).get("/changes/calendar.ics").content
    assert b"VEVENT" not in nothing
