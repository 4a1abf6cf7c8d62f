"""Groups of items with a value and a weight come in, one item of each goes out: the most value within a capacity.

This is the multiple-choice knapsack problem. The way: strike out what no optimum of the linear relaxation needs
(dominance and hull of each group), take the steps along the hulls by value per weight until the capacity is full, and
state the bound of the relaxation beside the value. No better answer than the bound exists, so the gap is known whatever
the answer; `exact=True` closes it (see `closing`).

Sources: Sinha and Zoltners, "The multiple-choice knapsack problem", Operations Research 27 (1979), for dominance and
bound; Zemel, "An O(n) algorithm for the linear multiple choice knapsack problem", Information Processing Letters 18
(1984), for finding the last step by halving instead of sorting; Kellerer, Pferschy and Pisinger, "Knapsack Problems"
(Springer 2004), chapter 11.

Whole numbers are exact, of any size: where products could leave 63 bits, the same steps are done with Python's integers
and fractions. Ties go by the order of the groups as given, so the same input always gives the same answer; who must not
be told apart by that order is put together first (see `alike`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zusage.ground.reasons import Refused, mistake

Whole = NDArray[Any]
"""An array of whole numbers: int64, or Python's integers (object) where 63 bits could be left."""
Flags = NDArray[np.bool_]

LARGEST_PRODUCT, LARGEST_FLOAT = 2**61, 2**53
WINDOW = 2**14
"""From so few steps on they are sorted; and so many of the next ones are tried for what is left of the capacity."""


class Infeasible(Refused):
    """No choice fits: the least weights alone exceed the capacity, or a group has no item that is allowed."""


def gap_to(bound: Fraction, value: int) -> float:
    """How far a value is from its bound, as a share of the bound."""
    return float((bound - value) / abs(bound)) if bound != value else 0.0


@dataclass(frozen=True)
class Choice:
    """One item of each group, and how good that is.

    `bound`: no choice within the capacity is worth more. `price`: what one more unit of capacity is worth at the margin
    (the dual value; 0 where capacity is left over).
    """

    chosen: NDArray[np.int64]  # item of each group, by its place as given
    value: int
    weight: int
    bound: Fraction
    price: Fraction

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of the bound; 0: it is the best."""
        return gap_to(self.bound, self.value)


@dataclass(frozen=True)
class Items:
    """Items of all groups one after the other, within a group by rising weight."""

    group: NDArray[np.int64]
    place: NDArray[np.int64]  # in its group, as given
    value: Whole
    weight: Whole

    def only(self, keep: Flags) -> Items:
        """The items that are kept."""
        return Items(self.group[keep], self.place[keep], self.value[keep], self.weight[keep])

    def first(self) -> Flags:
        """Which items are the first of their group."""
        return np.concatenate([np.ones(min(len(self.group), 1), bool), self.group[1:] != self.group[:-1]])


def choose(
    values: ArrayLike, weights: ArrayLike, capacity: int, *, allowed: ArrayLike | None = None, exact: bool = False
) -> Choice:
    """One level for each row, so that the values add up to the most within the capacity.

    `values` and `weights` are whole numbers, one row for each group, one column for each level; `allowed` has the same
    shape and says which levels a group may get (default: all). Values and weights may be negative, in any unit: the
    price is in the unit of the values for one of the weights. Raises Infeasible where nothing fits, ValueError where
    the shapes differ or there are fractions.
    """
    value, weight = np.atleast_2d(np.asarray(values)), np.atleast_2d(np.asarray(weights))
    free = np.ones(value.shape, bool) if allowed is None else np.atleast_2d(np.asarray(allowed, bool))
    if not value.shape == weight.shape == free.shape:
        raise ValueError(f"values, weights and allowed differ in shape: {value.shape}, {weight.shape}, {free.shape}")
    if value.dtype.kind not in "iuO" or weight.dtype.kind not in "iuO":
        raise ValueError("values and weights must be whole numbers")
    group, place = np.divmod(np.arange(value.size, dtype=np.int64).reshape(value.shape), max(value.shape[1], 1))
    if not (weight[:, 1:] >= weight[:, :-1]).all():
        place = np.argsort(weight, axis=1, kind="stable")
        value, weight, free = (np.take_along_axis(part, place, axis=1) for part in (value, weight, free))
    items = Items(group.ravel(), place.ravel(), value.ravel(), weight.ravel())
    return solve(items if allowed is None else items.only(free.ravel()), len(value), capacity, exact=exact)


def choose_of(groups: Sequence[Sequence[tuple[int, int]]], capacity: int, *, exact: bool = False) -> Choice:
    """One item of each group of (value, weight), groups of any size, numbers of any size. Raises Infeasible."""
    sizes = [len(group) for group in groups]
    group = np.repeat(np.arange(len(groups)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes] or [np.arange(0)])
    value, weight = (_whole([item[side] for group in groups for item in group]) for side in (0, 1))
    by_weight = np.argsort(weight, kind="stable")
    order = by_weight[np.argsort(group[by_weight], kind="stable")]
    return solve(Items(group[order], place[order], value[order], weight[order]), len(groups), capacity, exact=exact)


def _whole(numbers: Sequence[int]) -> Whole:
    small = all(abs(number) < 2**62 for number in numbers)
    return np.array(numbers, dtype=np.int64 if small else object)


def solve(items: Items, groups: int, capacity: int, *, exact: bool) -> Choice:
    """The choice for items that stand in order; each of the groups must have one. Raises Infeasible."""
    items = _safe(items)
    least = _hull(items)
    base = least.first()
    if int(base.sum()) < groups:
        missing = set(range(groups)) - set(least.group[base].tolist())
        raise Infeasible([mistake("optimise_no_item", number_count=min(missing) + 1)])
    room = capacity - int(least.weight[base].sum())
    if room < 0:
        values = {"least": str(capacity - room), "capacity": str(capacity)}
        raise Infeasible([mistake("optimise_infeasible", **values)])
    taken, price = _fill(least, base, room)
    found = _choice(least, base, taken, price, capacity)
    if not exact or found.bound == found.value:
        return found
    from zusage.capacity.closing import close  # noqa: PLC0415 - it builds upon this file

    return close(_undominated(items), found, capacity)


def _safe(items: Items) -> Items:
    """Python's integers where a product of differences could leave 63 bits, or a quotient could be rounded wrongly."""
    if not len(items.group) or items.value.dtype.hasobject or items.weight.dtype.hasobject:
        return Items(items.group, items.place, items.value.astype(object), items.weight.astype(object))
    spans = [int(part.max()) - int(part.min()) + 1 for part in (items.value, items.weight)]
    sizes = [max(abs(int(part.max())), abs(int(part.min()))) * len(part) for part in (items.value, items.weight)]
    if spans[0] * spans[1] < LARGEST_PRODUCT and max(*spans) < LARGEST_FLOAT and max(sizes) < LARGEST_PRODUCT:
        return Items(items.group, items.place, items.value.astype(np.int64), items.weight.astype(np.int64))
    return Items(items.group, items.place, items.value.astype(object), items.weight.astype(object))


def _undominated(items: Items) -> Items:
    """Without items that weigh as much or more than another of their group and are worth no more."""
    while len(items.group) > 1:
        keep = ~_dominated(items)
        if keep.all():
            break
        items = items.only(keep)
    return items


def _dominated(items: Items) -> Flags:
    """Items whose neighbour weighs no more and is worth as much, or weighs the same and is worth more."""
    same = items.group[1:] == items.group[:-1]
    more = items.value[1:] - items.value[:-1]
    found = np.zeros(len(items.group), bool)
    found[1:] = same & (more <= 0).astype(bool)
    found[:-1] |= same & ((items.weight[1:] == items.weight[:-1]) & (more > 0)).astype(bool)
    return found


def _hull(items: Items) -> Items:
    """The items that the linear relaxation can need: along them value per weight never rises.

    Whatever lies below the line between two others is struck out, all at once and again until nothing does: a point
    below two points of its group stays below the hull, also when those two are struck out themselves.
    """
    while len(items.group) > 1:
        drop = _dominated(items)
        same = items.group[1:] == items.group[:-1]
        more, heavier = items.value[1:] - items.value[:-1], items.weight[1:] - items.weight[:-1]
        below = more[:-1] * heavier[1:] < more[1:] * heavier[:-1]
        drop[1:-1] |= same[1:] & same[:-1] & below.astype(bool)
        if not drop.any():
            break
        items = items.only(~drop)
    return items


def _fill(hull: Items, base: Flags, room: int) -> tuple[Flags, Fraction]:
    """Which steps along the hulls are taken, and the value per weight of the first one that finds no room."""
    taken = np.zeros(len(base), bool)
    steps = np.flatnonzero(~base)
    more = hull.value[steps] - hull.value[steps - 1]
    heavier = hull.weight[steps] - hull.weight[steps - 1]
    if int(heavier.sum()) <= room:
        taken[steps] = True
        return taken, Fraction(0)
    worth = _ratio(more, heavier)
    got = np.zeros(len(steps), bool)
    room = _take_many(worth, heavier, got, room)
    last = _take_single(steps, worth, heavier, base, got, room)
    taken[steps[got]] = True
    return taken, Fraction(int(more[last]), int(heavier[last]))


def _ratio(more: Whole, heavier: Whole) -> NDArray[Any]:
    if more.dtype == object:
        return np.array([Fraction(*pair) for pair in zip(more.tolist(), heavier.tolist(), strict=True)], dtype=object)
    return more / heavier


def _take_many(worth: NDArray[Any], heavier: Whole, got: Flags, room: int) -> int:
    """Takes the steps that are surely better than the last one, halving what is in question; what room is left.

    Steps of equal worth are taken in their order. Along a hull worth never rises, so a step is never taken before those
    it stands on.
    """
    asked = np.arange(len(worth) if worth.dtype != object else 0)
    while len(asked) > WINDOW:
        pivot = np.partition(worth[asked], len(asked) // 2)[len(asked) // 2]
        better = asked[worth[asked] > pivot]
        if (needed := int(heavier[better].sum())) > room:
            asked = better
            continue
        equal = asked[worth[asked] == pivot]
        ends = np.cumsum(heavier[equal])
        fit = int(np.searchsorted(ends, room - needed, side="right"))
        got[better], got[equal[:fit]] = True, True
        room -= needed + (int(ends[fit - 1]) if fit else 0)
        if fit < len(equal):
            break
        asked = asked[worth[asked] < pivot]
    return room


def _take_single(
    steps: NDArray[np.int64], worth: NDArray[Any], heavier: Whole, base: Flags, got: Flags, room: int
) -> int:
    """Takes further steps one by one, best first, as they fit; the first one that does not, by its place.

    A step that finds no room ends its group; others that weigh less still may.
    """
    left = np.flatnonzero(~got)
    if len(left) > 2 * WINDOW:
        limit = np.partition(worth[left], len(left) - WINDOW)[len(left) - WINDOW]
        better, equal = left[worth[left] > limit], left[worth[left] == limit]
        left = np.sort(np.concatenate([better, equal[:WINDOW]]))
    left = left[np.argsort(-worth[left], kind="stable")]
    first = -1
    begins, needs = base[steps[left] - 1].tolist(), heavier[left].tolist()
    for place, begin, need in zip(left.tolist(), begins, needs, strict=True):
        if not (begin or got[place - 1]):
            continue
        if need <= room:
            got[place] = True
            room -= need
        elif first < 0:
            first = place
    return first


def _choice(hull: Items, base: Flags, taken: Flags, price: Fraction, capacity: int) -> Choice:
    """The choice after the steps taken, with the bound of the relaxation: the dual function at the price.

    Each group takes the steps that are worth more than the price; what that leaves of the capacity, or lacks, counts at
    the price. Any price gives a bound (weak duality), and this one gives that of the linear relaxation.
    """
    starts = np.flatnonzero(base)
    counts = np.add.reduceat(taken, starts, dtype=np.int64) if len(starts) else starts
    at = starts + counts
    value, weight = int(hull.value[at].sum()), int(hull.weight[at].sum())
    bound = Fraction(value)
    if price:
        steps = np.flatnonzero(~base)
        more, heavier = hull.value[steps] - hull.value[steps - 1], hull.weight[steps] - hull.weight[steps - 1]
        worth_it = (more * price.denominator > heavier * price.numerator).astype(bool)
        best = int(hull.value[starts].sum()) + int(more[worth_it].sum())
        needs = int(hull.weight[starts].sum()) + int(heavier[worth_it].sum())
        bound = best + price * (capacity - needs)
    return Choice(hull.place[at], value, weight, bound, price)


def alike(*columns: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are equal in every column, put together: first row of each kind, kind of each row, rows of each kind.

    Customers with the same figures are treated the same: put together they get the same level or none does, which may
    leave a little of the capacity unused but lets no number of a customer decide.
    """
    rows = np.ascontiguousarray(np.concatenate([column.reshape(len(column), -1) for column in columns], axis=1))
    _, first, kind, count = np.unique(rows, axis=0, return_index=True, return_inverse=True, return_counts=True)
    return first, kind.reshape(-1), count
