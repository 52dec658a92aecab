"""The clocks of the shipped policy on awkward days: expected instants were counted by hand on a calendar, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from incidents.api.clock_shapes import ClockShown
from incidents.deadlines import Period, legal_deadline
from incidents.models import RegulatorClock
from incidents.services import report_clock, report_incident, start_clock
from incidents.templatetags.incident_clocks import local_time
from tests.clocks import Clock
from tests.governance.validation.scene import Scene
from tests.incidents.test_clocks import BACKEND
from tests.incidents.walk import SMALL, reported

pytestmark = pytest.mark.django_db


def zoned(text: str, zone: str) -> datetime:
    """A wall clock's time somewhere."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "aware", "legal", "internal", "shown"),
    [
        # 22:30 on Friday in New York is Saturday 03:30 in Brussels, so day one is Sunday the 7th; the fifteenth day is
        # Sunday the 21st, which moves to Monday's end. Internally 15 × 24 hours.
        ("ai-act-73", zoned("2027-11-05T22:30", "America/New_York"), utc("2027-11-22T23:00"), utc("2027-11-21T02:30"),
         "23 Nov 2027 00:00 CET"),
        # Over the night of 31 October, when 03:00 is struck twice: 72 hours end an hour earlier on the wall.
        ("gdpr-33", zoned("2027-10-30T12:00", "Europe/Brussels"), utc("2027-11-02T10:00"), utc("2027-11-02T10:00"),
         "2 Nov 2027 11:00 CET"),
        # Over the night of 28 March, when 02:00 is not struck: an hour later.
        ("gdpr-33", zoned("2027-03-27T12:00", "Europe/Brussels"), utc("2027-03-30T11:00"), utc("2027-03-30T11:00"),
         "30 Mar 2027 13:00 CEST"),
        # Two days from Friday 26 February hold no two working days before Tuesday the 2nd ends.
        ("ai-act-73-widespread", zoned("2027-02-26T09:00", "Europe/Brussels"), utc("2027-03-02T23:00"),
         utc("2027-02-28T08:00"), "3 Mar 2027 00:00 CET"),
        # Ten days from Friday 18 February of a leap year: Monday the 28th counts to its end, there is a 29th after it.
        ("ai-act-73-death", zoned("2028-02-18T09:00", "Europe/Brussels"), utc("2028-02-28T23:00"),
         utc("2028-02-28T08:00"), "29 Feb 2028 00:00 CET"),
        # The same in a year without one: from Thursday the 18th to Sunday the 28th, so Monday 1 March to its end.
        ("ai-act-73-death", zoned("2027-02-18T09:00", "Europe/Brussels"), utc("2027-03-01T23:00"),
         utc("2027-02-28T08:00"), "2 Mar 2027 00:00 CET"),
        # 24 hours from a Tokyo evening in the last minutes of a leap day.
        ("dora-initial-latest", zoned("2028-02-29T23:55", "Asia/Tokyo"), utc("2028-03-01T14:55"),
         utc("2028-03-01T14:55"), "1 Mar 2028 15:55 CET"),
    ],
)  # fmt: skip
def test_a_clock_of_the_policy_ends_when_its_counting_rule_says(
    scene: Scene, row: str, aware: datetime, legal: datetime, internal: datetime, shown: str, clock: Clock
) -> None:
    clock.set(aware)
    incident = report_incident(actor=scene["owner"], system=scene.system, title="Wrong", aware_at=aware, **SMALL)
    started = start_clock(actor=scene["incidents"], incident=incident, clock=row)
    assert (started.deadline, started.internal_deadline) == (legal, internal)
    assert started.since == aware
    assert shown in local_time(started.deadline, started.zone)


def test_a_chain_of_reports_ends_with_february(scene: Scene, clock: Clock) -> None:
    leader = scene["incidents"]
    clock.set(zoned("2027-01-28T10:00", "Europe/Brussels"))
    incident = reported(scene)
    first = start_clock(actor=leader, incident=incident, clock="dora-initial", since=clock.now())
    assert (first.deadline - first.since).total_seconds() == 4 * 3600
    clock.freeze(zoned("2027-01-28T12:00", "Europe/Brussels"))
    report_clock(actor=leader, clock=first, report="What we know.")
    second = RegulatorClock.objects.get(clock="dora-intermediate")
    assert second.deadline == utc("2027-01-31T11:00")
    clock.freeze(zoned("2027-01-31T09:00", "Europe/Brussels"))
    report_clock(actor=leader, clock=second, report="What we found.")
    third = RegulatorClock.objects.get(clock="dora-final")
    # A month after 31 January, at the same time of day: there is no 31 February.
    assert (third.since, third.deadline) == (utc("2027-01-31T08:00"), utc("2027-02-28T08:00"))


def test_a_time_that_no_clock_strikes_or_that_is_struck_twice_is_an_instant_all_the_same() -> None:
    day = Period(1, "calendar_days", "exact", "Europe/Brussels")
    skipped = legal_deadline(zoned("2027-03-27T02:30", "Europe/Brussels"), day)
    assert skipped == utc("2027-03-28T01:30")  # 03:30 in summer time: the hour in between is not lost to anybody
    twice = legal_deadline(zoned("2026-10-24T02:30", "Europe/Brussels"), day)
    assert twice == utc("2026-10-25T00:30")  # the first of the two: the stricter


def test_the_page_and_the_api_show_each_deadline_with_its_zone(scene: Scene, client: Client, clock: Clock) -> None:
    clock.freeze(zoned("2027-03-27T12:00", "Europe/Brussels"))
    leader, incident = scene["incidents"], reported(scene)
    for row in ("gdpr-33", "ai-act-73"):
        start_clock(actor=leader, incident=incident, clock=row, since=clock.now())
    us = start_clock(actor=leader, incident=incident, clock="us-bank-36", since=clock.now())
    client.force_login(leader, backend=BACKEND)
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    for words in (
        "30 Mar 2027 13:00 CEST",
        "13 Apr 2027 00:00 CEST",
        "11 Apr 2027 13:00 CEST",
        "28 Mar 2027 19:00 EDT",
    ):
        assert words in page, words
    assert ClockShown(us).data["zone"] == "America/New_York"
