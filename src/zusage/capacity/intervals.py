"""Sums of weeks come in, a share or a mean with the interval that the weeks support goes out.

Requests of one week share its weather, its post and its colleagues on leave; weeks are drawn, not requests. So weeks
are the clusters: simulating the same weeks more often makes no interval narrower than the log's own weeks allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE_PERMILLE = 950

Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value and its interval."""

    value: float
    low: float
    high: float


def student(confidence_permille: int, freedom: float) -> float:
    """The two-sided quantile of Student's t (Abramowitz and Stegun 26.7.5; from 3 degrees of freedom within 1 %).

    >>> round(student(950, 19), 3)
    2.093
    """
    z = NormalDist().inv_cdf(0.5 + confidence_permille / 2000)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def ratio_variance(tops: Sums, bottoms: Sums) -> tuple[float, int]:
    """Variance of sum of tops ÷ sum of bottoms between clusters, and the clusters that count; infinite for one."""
    used = bottoms > 0
    tops, bottoms, count = tops[used], bottoms[used], int(used.sum())
    if count < 2:
        return inf, count
    whole = bottoms.sum()
    rest = tops - tops.sum() / whole * bottoms
    return float((rest**2).sum() / whole**2 * count / (count - 1)), count


def mean_of(clusters: Sequence[tuple[Sums, Sums]], confidence_permille: int = CONFIDENCE_PERMILLE) -> Estimate | None:
    """Sum of tops ÷ sum of bottoms. Each pair clusters the same rows in another way; the widest interval holds."""
    tops, bottoms = clusters[0]
    if not bottoms.sum():
        return None
    value = float(tops.sum() / bottoms.sum())
    reach = max(_reach(*ratio_variance(*pair), confidence_permille) for pair in clusters)
    return Estimate(value, value - reach, value + reach)


def _reach(variance: float, count: int, confidence_permille: int) -> float:
    return inf if count < 2 else sqrt(variance) * student(confidence_permille, count - 1)


def share_of(
    clusters: Sequence[tuple[Sums, Sums]], rows: int, confidence_permille: int = CONFIDENCE_PERMILLE
) -> Estimate | None:
    """A share with Wilson's interval for as many independent rows as the clusters are worth; never beyond 0 and 1.

    `rows` are the rows that were really observed: where all clusters agree, they are all that is known.
    (Wilson 1927; effective sample size as in Korn and Graubard 1998.)
    """
    tops, bottoms = clusters[0]
    if not bottoms.sum():
        return None
    value = float(tops.sum() / bottoms.sum())
    pairs = [ratio_variance(*pair) for pair in clusters]
    worth, freedom = float(max(rows, 1)), inf
    for variance, count in pairs:
        if count < 2:
            return Estimate(value, 0.0, 1.0)
        if variance > 0 and value * (1 - value) / variance < worth:
            worth, freedom = value * (1 - value) / variance, count - 1
    freedom = min(freedom, min(count for _, count in pairs) - 1)
    return _wilson(value, worth, student(confidence_permille, freedom))


def _wilson(value: float, worth: float, quantile: float) -> Estimate:
    square = quantile**2
    middle = (value + square / (2 * worth)) / (1 + square / worth)
    reach = quantile / (1 + square / worth) * sqrt(value * (1 - value) / worth + square / (4 * worth**2))
    return Estimate(value, max(0.0, min(value, middle - reach)), min(1.0, max(value, middle + reach)))
