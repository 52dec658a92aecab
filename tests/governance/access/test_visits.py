"""Visits to the provider are counted by source, in bounded memory."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from governance.access import visits
from governance.access.visits import SECONDS, Visits


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still."""
    at = [1000.0 * SECONDS]
    monkeypatch.setattr(visits, "time", SimpleNamespace(monotonic=lambda: at[0]))
    return at


def test_a_source_has_so_many_visits_a_minute_and_others_have_theirs(now: list[float]) -> None:
    counted = Visits()
    assert [counted.count("a", 2) for _ in range(4)] == [True, True, False, False]
    assert counted.count("b", 2)
    now[0] += SECONDS
    assert counted.count("a", 2)


def test_sources_beyond_what_is_kept_share_one_count(now: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MOST_SOURCES", 2)
    counted = Visits()
    assert [counted.count(source, 2) for source in "abcdef"] == [True, True, True, True, False, False]
    assert counted.count("a", 2)
