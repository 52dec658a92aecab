"""When something falls due, as people say it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from governance.validation.forms import end_of
from governance.web.templatetags.portal import due, last_day


def test_what_is_due_today_is_said_in_hours_and_what_is_due_later_by_its_day() -> None:
    now = timezone.now()
    assert "in 3 hours" in due(now + timedelta(hours=3, minutes=5))
    assert "2 hours ago" in due(now - timedelta(hours=2, minutes=5))
    later = now + timedelta(days=20)
    assert f"{later:%-d %b %Y}" in due(later)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-02-01T00:00:00", "31 Jan 2026"),
        ("2026-02-01T00:00:01", "1 Feb 2026"),
        ("2026-01-31T23:59:59", "31 Jan 2026"),
    ],
)
def test_a_period_is_said_by_its_last_day(end: str, said: str) -> None:
    instant = datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert f">{said}<" in last_day(instant)
    assert instant.isoformat() in last_day(instant)
    assert f">{said}<" in due(instant)
    assert last_day(None) == "—"


def test_what_a_form_takes_as_a_day_reads_as_that_day() -> None:
    assert ">31 Dec 2031<" in last_day(end_of(date(2031, 12, 31)))
