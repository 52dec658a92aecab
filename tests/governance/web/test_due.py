"""When something falls due, as people say it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.web.templatetags.portal import due


def test_what_is_due_today_is_said_in_hours_and_what_is_due_later_by_its_day() -> None:
    now = timezone.now()
    assert "in 3 hours" in due(now + timedelta(hours=3, minutes=5))
    assert "2 hours ago" in due(now - timedelta(hours=2, minutes=5))
    later = now + timedelta(days=20)
    assert f"{later:%-d %b %Y}" in due(later)
