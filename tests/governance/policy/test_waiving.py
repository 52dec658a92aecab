"""What a pack lets be waived, for how long, and which waiver stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance.policy.facts import WaiverFact
from governance.policy.schema import Requirement
from governance.policy.waiving import can_be_waived, counts_until, standing

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LINE = Requirement(
    id="findings", title="Findings", why="x", check="findings", waivable=True, longest_waiver_days=30
)  # fmt: skip
WAIVER = WaiverFact(1, "findings", "production", NOW + timedelta(days=10), NOW - timedelta(days=1), "Rita", "findings")
LASTING = replace(WAIVER, id=2, until=NOW + timedelta(days=300))


def at(days: float) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("what", "waivers", "environment", "instant", "expected"),
    [
        ("stands", (WAIVER,), "production", NOW, 1),
        ("another environment", (WAIVER,), "staging", NOW, None),
        ("no environment asked about", (WAIVER,), "", NOW, None),
        ("of all environments", (replace(WAIVER, environment=""),), "staging", NOW, 1),
        ("of all, none asked about", (replace(WAIVER, environment=""),), "", NOW, 1),
        ("another requirement", (replace(WAIVER, requirement="documents"),), "production", NOW, None),
        ("granted to another check", (replace(WAIVER, check="monitoring"),), "production", NOW, None),
        ("at its end", (WAIVER,), "production", at(10), None),
        ("just before its end", (WAIVER,), "production", at(10) - timedelta(microseconds=1), 1),
        ("before it was granted", (WAIVER,), "production", at(-2), None),
        ("longer than the pack lets it", (LASTING,), "production", at(29), None),
        ("as long as the pack lets it", (LASTING,), "production", at(28.9), 2),
        ("the one that ends last", (WAIVER, LASTING), "production", NOW, 2),
        ("none", (), "production", NOW, None),
    ],
)
def test_which_waiver_stands(
    what: str, waivers: tuple[WaiverFact, ...], environment: str, instant: datetime, expected: int | None
) -> None:
    found = standing(LINE, waivers, environment, instant)
    assert (found and found[0].id) == expected, what


def test_a_pack_without_a_longest_time_leaves_the_end_asked_for() -> None:
    assert counts_until(LINE.model_copy(update={"longest_waiver_days": None}), LASTING) == LASTING.until


@pytest.mark.parametrize("check", ["holds", "digest", "stage", "artifacts", "approval_current", "release_known", "huh"])
def test_a_check_that_is_never_waivable_stands_above_the_pack(check: str) -> None:
    line = LINE.model_copy(update={"check": check})
    assert not can_be_waived(line)
    assert standing(line, (WAIVER,), "production", NOW) is None


def test_what_the_pack_does_not_call_waivable_is_not() -> None:
    assert standing(LINE.model_copy(update={"waivable": False}), (WAIVER,), "production", NOW) is None
