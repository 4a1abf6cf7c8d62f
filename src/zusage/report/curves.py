"""Amounts per unit come in, the curves of their distribution go out: whale curve, Lorenz curve, Gini, top shares.

Everything is integer arithmetic on sorted amounts: exact, and the same for any order of the units. Curves carry at
most POINTS points, chosen evenly over the units, so that a million units draw as fast as a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from zusage.ground.money import half_up

POINTS = 200


@dataclass(frozen=True)
class Curve:
    """A cumulative curve: points of (units so far, cents so far) up to the sum of all; `peak` is the highest."""

    points: tuple[tuple[int, int], ...]
    peak: tuple[int, int]

    @property
    def units(self) -> int:
        return self.points[-1][0]

    @property
    def total(self) -> int:
        return self.points[-1][1]


def whale(amounts: Iterable[int], points: int = POINTS) -> Curve:
    """Cumulative amounts, the largest first: rises while units bring something, falls where they cost more.

    >>> whale([50, -30, 100]).points, whale([50, -30, 100]).peak
    (((0, 0), (1, 100), (2, 150), (3, 120)), (2, 150))
    """
    return _curve(sorted(amounts, reverse=True), points)


def lorenz(amounts: Iterable[int], points: int = POINTS) -> Curve:
    """Cumulative amounts, the smallest first; a straight line where all are equal.

    >>> lorenz([3, 1]).points
    ((0, 0), (1, 1), (2, 4))
    """
    return _curve(sorted(amounts), points)


def _curve(ordered: Sequence[int], points: int) -> Curve:
    sums = list(accumulate(ordered, initial=0))
    last = len(ordered)
    top = max(range(len(sums)), key=sums.__getitem__)
    steps = min(points, last)
    chosen = {index * last // steps for index in range(steps + 1)} if steps else {0}
    return Curve(tuple((index, sums[index]) for index in sorted(chosen | {top})), (top, sums[top]))


def gini_permille(amounts: Iterable[int]) -> int | None:
    """The Gini coefficient in permille, rounded half up: 0 where all bring the same, near 1000 where one brings all.

    Unknown where the sum is not above zero. Negative amounts are taken as they are; with many of them the coefficient
    passes 1000. Formula: Σ (2i − n − 1) · x_i ÷ (n · Σ x), amounts in rising order, i from 1.

    >>> gini_permille([7, 7, 7]), gini_permille([0, 0, 0, 10]), gini_permille([])
    (0, 750, None)
    """
    ordered = sorted(amounts)
    total, size = sum(ordered), len(ordered)
    if total <= 0:
        return None
    weighted = sum((2 * place - size - 1) * amount for place, amount in enumerate(ordered, start=1))
    return half_up(1000 * weighted, size * total)


def top_share_permille(amounts: Iterable[int], units_permille: int) -> int | None:
    """What share of the sum the best units bring, in permille; a part of a unit counts as a whole one.

    Unknown where the sum is not above zero.

    >>> top_share_permille([740, 100, 80, 50, 30], 200)
    740
    """
    ordered = sorted(amounts, reverse=True)
    total = sum(ordered)
    if total <= 0:
        return None
    count = -(-len(ordered) * units_permille // 1000)
    return half_up(1000 * sum(ordered[:count]), total)


def units_for_share(amounts: Iterable[int], share_permille: int) -> int | None:
    """The least number of units that together bring a share of the sum; unknown where the sum is not above zero.

    >>> units_for_share([740, 100, 80, 50, 30], 800)
    2
    """
    ordered = sorted(amounts, reverse=True)
    total = sum(ordered)
    if total <= 0:
        return None
    return next(place for place, got in enumerate(accumulate(ordered), start=1) if got * 1000 >= total * share_permille)
