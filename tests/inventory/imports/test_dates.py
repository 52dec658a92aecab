"""A date is read where it is certain and flagged where it is not; nothing is guessed."""

from datetime import date

import pytest

from inventory.imports.dates import DateShape, read_date

NOTHING = frozenset({"n/a", "notapplicable"})


@pytest.mark.parametrize(
    ("written", "shape", "value"),
    [
        ("3/14/2024", DateShape.CERTAIN, date(2024, 3, 14)),
        (" 2024-03-14 ", DateShape.CERTAIN, date(2024, 3, 14)),
        ("", DateShape.BLANK, None),
        (" \n", DateShape.BLANK, None),
        ("N/A", DateShape.NO_VALUE, None),
        ("Not  Applicable", DateShape.NO_VALUE, None),
        ("7/15/1905", DateShape.TYPED_YEAR, None),
        ("24-Nov", DateShape.AMBIGUOUS, None),
        ("14/3/2024", DateShape.OTHER, None),
        ("2/30/2024", DateShape.OTHER, None),
        ("Q1FY24", DateShape.OTHER, None),
        ("2015-2022", DateShape.OTHER, None),
        ("10/12023", DateShape.OTHER, None),
    ],
)
def test_a_written_date_has_one_shape(written: str, shape: DateShape, value: date | None) -> None:
    read = read_date(written, order="mdy", nothing=NOTHING)
    assert (read.written, read.shape, read.value) == (written, shape, value)


def test_day_first_is_read_where_the_mapping_says_so() -> None:
    assert read_date("14/3/2024", order="dmy", nothing=NOTHING).value == date(2024, 3, 14)


def test_a_year_that_became_a_day_keeps_a_hint_not_a_value() -> None:
    read = read_date("7/15/1905", order="mdy", nothing=NOTHING)
    assert (read.value, read.hint) == (None, "2023")
