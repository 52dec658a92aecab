"""The canonical form of RFC 8785: one value, one byte sequence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.canonical import canonical, digest

SIMPLE = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SIMPLE | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (333333333.33333329, "333333333.3333333"), (1e30, "1e+30"), (4.5, "4.5"),
        (2e-3, "0.002"), (1e-27, "1e-27"), (1e-6, "0.000001"), (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1e21, "1e+21"),
        (1e20, "100000000000000000000"), (-1.25e-5, "-0.0000125"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_writes_them(value: float, written: str) -> None:
    assert canonical(value).decode() == written


def test_names_are_sorted_by_utf16_code_units() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(names, 1)))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@given(VALUES)
def test_it_reads_back_as_the_same_value_and_has_one_form(value: object) -> None:
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60 + 1, 10**400, {1: 2}, "\ud800", b"x", {1}])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        digest(value)
