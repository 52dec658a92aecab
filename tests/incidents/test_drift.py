"""Distances of histograms, against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from incidents.drift import chi_square, drift, jensen_shannon, kolmogorov_smirnov, population_stability


def test_halves_against_quarters() -> None:
    found = drift([50, 50], [25, 75])
    # (¼ − ½)·ln ½ + (¾ − ½)·ln 1½ = ¼·(ln 2 + ln 1½) = ¼·ln 3
    assert found.psi == pytest.approx(math.log(3) / 4, rel=1e-12)
    assert found.ks == pytest.approx(0.25)
    # expected 37.5 and 62.5 twice: 2·12.5²/37.5 + 2·12.5²/62.5 = 25/3 + 5
    assert found.chi_square == pytest.approx(40 / 3, rel=1e-12)
    # the mean of ½·log2(½/⅜) + ½·log2(½/⅝) and ¼·log2(¼/⅜) + ¾·log2(¾/⅝), its root
    before = 0.5 * math.log2(4 / 3) + 0.5 * math.log2(4 / 5)
    now = 0.25 * math.log2(2 / 3) + 0.75 * math.log2(6 / 5)
    assert found.jensen_shannon == pytest.approx(math.sqrt((before + now) / 2), rel=1e-12)
    # and by entropies, 0.954434 of the middle less the mean of 1 and 0.811278
    assert found.jensen_shannon == pytest.approx(math.sqrt(0.954434 - 1.811278 / 2), abs=1e-5)


def test_nothing_in_common_and_nothing_apart() -> None:
    assert jensen_shannon([1, 0], [0, 1]) == 1.0
    assert kolmogorov_smirnov([1, 0], [0, 1]) == 1.0
    same = drift([3, 0, 7], [30, 0, 70])
    assert same.ks == pytest.approx(0)
    assert same.chi_square == pytest.approx(0)
    assert same.jensen_shannon == pytest.approx(0, abs=1e-8)


def test_an_empty_bin_counts_as_half_an_observation() -> None:
    # shares ½ ÷ 10½ = 1/21 and 20/21 before, ½ and ½ now
    assert population_stability([0, 10], [5, 5]) == pytest.approx(
        (0.5 - 1 / 21) * math.log(10.5) + (0.5 - 20 / 21) * math.log(21 / 40)
    )


def test_a_table_of_two_by_three() -> None:
    # columns 30, 30, 40 of 100, rows 50 and 50: 2·(5²/15) + 2·(0²/15) + 2·(5²/20)
    assert chi_square([20, 15, 15], [10, 15, 25]) == pytest.approx(10 / 3 + 2.5)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [([1], [1]), ([1, 2], [1, 2, 3]), ([0, 0], [1, 1]), ([-1, 2], [1, 1]), ([math.nan, 1], [1, 1])],
)
def test_what_is_no_pair_of_histograms_is_refused(expected: list[float], actual: list[float]) -> None:
    with pytest.raises(ValueError, match=r"bins|count"):
        drift(expected, actual)
