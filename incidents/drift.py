"""How far two histograms over the same bins lie apart: the measures drift is watched by. Pure.

- Population stability index: Σ (a − e) · ln(a / e), which is the sum of both Kullback–Leibler divergences: Kullback
  and Leibler, “On Information and Sufficiency”, Annals of Mathematical Statistics 22 (1951); used under this name in
  credit scoring: Siddiqi, “Credit Risk Scorecards” (2006). An empty bin counts as half an observation.
- Kolmogorov–Smirnov: the largest distance between the cumulative shares: Smirnov, “Table for Estimating the Goodness
  of Fit of Empirical Distributions”, Annals of Mathematical Statistics 19 (1948). On bins it is a lower bound.
- Jensen–Shannon: the distance, the square root of the divergence in bits, between 0 and 1: Lin, “Divergence Measures
  Based on the Shannon Entropy”, IEEE Transactions on Information Theory 37 (1991); Endres and Schindelin, ibid. 49
  (2003).
- Chi-square: Pearson's statistic of the two-sample table: Pearson, Philosophical Magazine 50 (1900). Bins empty in
  both samples say nothing and are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

MOST_BINS = 1000
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Drift:
    """The four measures of one pair of histograms."""

    psi: float
    ks: float
    jensen_shannon: float
    chi_square: float

    def by_metric(self) -> dict[str, float]:
        """Each value under the id of its metric."""
        return {
            "population-stability": self.psi,
            "kolmogorov-smirnov": self.ks,
            "jensen-shannon": self.jensen_shannon,
            "chi-square": self.chi_square,
        }


def drift(expected: Sequence[float], actual: Sequence[float]) -> Drift:
    """Every measure of `actual` against `expected`, counts by bin. Raises ValueError with a sentence."""
    _refuse_unfit(expected, actual)
    return Drift(
        psi=population_stability(expected, actual),
        ks=kolmogorov_smirnov(expected, actual),
        jensen_shannon=jensen_shannon(expected, actual),
        chi_square=chi_square(expected, actual),
    )


def population_stability(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The population stability index."""
    before, now = _shares([count or _HALF for count in expected]), _shares([count or _HALF for count in actual])
    return math.fsum((a - e) * math.log(a / e) for e, a in zip(before, now, strict=True))


def kolmogorov_smirnov(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The largest distance between the two cumulative shares."""
    pairs = zip(accumulate(_shares(expected)), accumulate(_shares(actual)), strict=True)
    return max(abs(e - a) for e, a in pairs)


def jensen_shannon(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The Jensen–Shannon distance, base 2."""
    before, now = _shares(expected), _shares(actual)
    middle = [(e + a) / 2 for e, a in zip(before, now, strict=True)]
    divergence = (_relative_entropy(before, middle) + _relative_entropy(now, middle)) / 2
    return math.sqrt(max(divergence, 0.0))


def chi_square(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Pearson's statistic of the table of two rows."""
    before, now = math.fsum(expected), math.fsum(actual)
    whole = before + now
    terms: list[float] = []
    for e, a in zip(expected, actual, strict=True):
        if column := e + a:
            first, second = before * column / whole, now * column / whole
            terms += [(e - first) ** 2 / first, (a - second) ** 2 / second]
    return math.fsum(terms)


def _shares(counts: Sequence[float]) -> list[float]:
    whole = math.fsum(counts)
    return [count / whole for count in counts]


def _relative_entropy(shares: Sequence[float], of: Sequence[float]) -> float:
    return math.fsum(p * math.log2(p / q) for p, q in zip(shares, of, strict=True) if p)


def _refuse_unfit(expected: Sequence[float], actual: Sequence[float]) -> None:
    if len(expected) != len(actual) or not 2 <= len(expected) <= MOST_BINS:
        raise ValueError(f"Both histograms must have the same 2 to {MOST_BINS} bins.")
    for counts in (expected, actual):
        if any(not math.isfinite(count) or (count and count < 1e-9) or count < 0 or count > 1e15 for count in counts):
            raise ValueError("A count must be 0, or a number from 1e-9 to 1e15.")
        if not math.fsum(counts):
            raise ValueError("A histogram must count something.")
