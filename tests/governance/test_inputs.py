"""Every value handed in is checked field by field, and all that is wrong is said at once."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from governance.inputs import Checks, InvalidInput


@pytest.mark.parametrize("value", ["a\0b", "a\x1bb", "a\ud800b", "a\u202eb", "a\u2028b", "a\nb"])
def test_a_name_refuses_characters_that_cannot_be_kept_or_seen(value: str) -> None:
    checks = Checks()
    checks.text("name", value, limit=100)
    with pytest.raises(InvalidInput) as caught:
        checks.done()
    assert list(caught.value.errors) == ["name"]


def test_a_long_text_keeps_its_lines_but_no_nul() -> None:
    checks = Checks()
    assert checks.text("notes", " a\r\nb\tc ", limit=100, lines=True) == "a\nb\tc"
    checks.done()
    checks.text("notes", "a\0", limit=100, lines=True)
    assert checks.errors == {"notes": ["Holds a NUL character."]}


def test_every_wrong_field_is_named_at_once() -> None:
    checks = Checks()
    checks.text("name", "", limit=10, required=True)
    checks.text("notes", 7, limit=10)
    line = checks.below("artifacts.0")
    line.sha256("sha256", "ABC")
    line.choice("kind", "unknown", ["model", "code"])
    with pytest.raises(InvalidInput) as caught:
        checks.done()
    assert set(caught.value.errors) == {"name", "notes", "artifacts.0.sha256", "artifacts.0.kind"}


def test_a_digest_may_say_its_algorithm_and_is_kept_without() -> None:
    assert Checks().sha256("sha256", "sha256:" + "a" * 64) == "a" * 64


@pytest.mark.parametrize("value", ["A" * 64, "a" * 63, "sha512:" + "a" * 64, "a" * 64 + "\n", 7])
def test_other_digests_are_refused(value: object) -> None:
    checks = Checks()
    checks.sha256("sha256", value)
    assert "sha256" in checks.errors


def test_data_refuses_what_json_cannot_hold_exactly() -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    for value in (deep, float("nan"), 2**60, {"a": "\0"}, {"\ud800": 1}, {1: 2}, {1, 2}, "x" * 30_000):
        checks = Checks()
        checks.data("configuration", value)
        assert "configuration" in checks.errors


@pytest.mark.parametrize("instant", [
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=14))),
    datetime(9999, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
])  # fmt: skip
def test_an_instant_that_some_zone_cannot_show_is_refused(instant: datetime) -> None:
    checks = Checks()
    assert checks.instant("until", instant) is None
    assert list(checks.errors) == ["until"]
