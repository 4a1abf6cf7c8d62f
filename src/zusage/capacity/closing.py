"""A choice with a gap to its bound comes in, the best choice goes out, proven: what is left is small and is enumerated.

At the price of the relaxation every item has a loss: by how much the bound falls if its group takes it. Items whose
loss exceeds the gap are in no better choice, and few remain. Over these groups, least loss first, runs a dynamic
program over (weight, value) against the choice at the price; every state says what the choice would be worth if the
other groups stayed, so the gap shrinks while it runs and the rest is struck out without being looked at.

Source: Pisinger, "A minimal algorithm for the multiple-choice knapsack problem", European Journal of Operational
Research 83 (1995). Whole numbers throughout; nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from zusage.capacity.optimise import LARGEST_PRODUCT, Choice, Items, Whole

STATES_AT_MOST = 2**21
"""States at one group; more would not fit into the memory of a small machine. Then the choice stays as it was."""


@dataclass(frozen=True)
class _Centre:
    """Each group's best item at the price, and how every item differs from it."""

    at: NDArray[np.int64]  # place of the best item among all, for each group
    loss: Whole  # of each item, in units of 1/q of the value
    more: Whole  # value of each item above the best one's
    heavier: Whole


@dataclass
class _Search:
    """The states after some groups: weight and value against the centre, loss, and how each one came about."""

    room: int  # capacity left by the centre; negative where it is over
    scale: tuple[int, int]  # the price as p / q
    best: int  # value above the centre of the best choice known
    weight: Whole
    value: Whole
    loss: Whole
    trail: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = field(default_factory=list)
    hit: tuple[int, int] | None = None  # number of groups done and state of the best choice; None: as it came

    @property
    def budget(self) -> int:
        """What a choice may lose and still be better than the best known."""
        p, q = self.scale
        return p * self.room - q * (self.best + 1)


def close(items: Items, found: Choice, capacity: int) -> Choice:
    """The best choice. Where the states become too many the choice comes back as it was, with its bound and gap.

    `items` in order and without dominated ones, `found` a choice among them with the price of the relaxation.
    """
    p, q = found.price.numerator, found.price.denominator
    items = _wide(items, p, q)
    centre = _centre(items, p, q)
    room = capacity - int(items.weight[centre.at].sum())
    base = int(items.value[centre.at].sum())
    zero = np.zeros(1, items.value.dtype)
    search = _Search(room, (p, q), found.value - base, zero, zero, zero)
    complete = _run(search, items, centre)
    chosen, value, weight = found.chosen, found.value, found.weight
    if search.hit is not None:
        at = _retrace(search, items, centre)
        chosen, value, weight = items.place[at], int(items.value[at].sum()), int(items.weight[at].sum())
    bound = Fraction(value) if complete else found.bound
    return replace(found, chosen=chosen, value=value, weight=weight, bound=bound)


def _wide(items: Items, p: int, q: int) -> Items:
    """Python's integers where losses could leave 63 bits."""
    if items.value.dtype == object:
        return items
    spans = [int(part.max()) - int(part.min()) + 1 for part in (items.value, items.weight)]
    groups = int(items.group[-1]) + 1
    if max(q * spans[0] + p * spans[1], spans[0] * groups, spans[1] * groups) < LARGEST_PRODUCT // 4:
        return items
    return Items(items.group, items.place, items.value.astype(object), items.weight.astype(object))


def _centre(items: Items, p: int, q: int) -> _Centre:
    """The best items at the price; of equal ones the lightest."""
    worth = items.value * q - items.weight * p
    starts = np.flatnonzero(items.first())
    most = np.maximum.reduceat(worth, starts)[items.group]
    hits = np.flatnonzero(worth == most)
    groups = items.group[hits]
    at = hits[np.concatenate([[True], groups[1:] != groups[:-1]])]
    return _Centre(
        at, most - worth, items.value - items.value[at][items.group], items.weight - items.weight[at][items.group]
    )


def _run(search: _Search, items: Items, centre: _Centre) -> bool:
    """Goes through the groups that can matter, least loss first; whether the best choice is proven."""
    asked = np.flatnonzero((centre.loss <= search.budget).astype(bool))
    asked = asked[asked != centre.at[items.group[asked]]]
    order = asked[np.argsort(centre.loss[asked], kind="stable")]
    groups = list(dict.fromkeys(items.group[order].tolist()))
    of_group: dict[int, list[int]] = {group: [] for group in groups}
    for place in order.tolist():
        of_group[int(items.group[place])].append(place)
    lightest = [min(0, *(int(centre.heavier[place]) for place in of_group[group])) for group in groups]
    relief = sum(lightest)  # by how much the groups to come can become lighter
    for group, lighter in zip(groups, lightest, strict=True):
        places = [place for place in of_group[group] if centre.loss[place] <= search.budget]
        if not places:
            break  # the groups to come lose no less
        relief -= lighter
        if not _extend(search, centre, np.array(places), relief):
            return False
    return True


def _extend(search: _Search, centre: _Centre, places: NDArray[np.int64], relief: int) -> bool:
    """One group more: each state with each of its items. False where the states became too many."""
    size = len(search.weight)
    if size * (len(places) + 1) > 4 * STATES_AT_MOST:
        return False
    parts = [
        np.concatenate([old, (old[:, None] + new[places]).T.ravel()])
        for old, new in (
            (search.weight, centre.heavier), (search.value, centre.more), (search.loss, centre.loss),
        )
    ]  # fmt: skip
    parent = np.tile(np.arange(size, dtype=np.int32), len(places) + 1)
    item = np.repeat(np.concatenate([[-1], places]), size)
    keep = ((parts[2] <= search.budget) & (parts[0] + relief <= search.room)).astype(bool)
    weight, value, loss = (part[keep] for part in parts)
    by_value = np.argsort(-value, kind="stable")
    order = by_value[np.argsort(weight[by_value], kind="stable")]
    value = value[order]
    if len(order) > 1:  # a state that weighs more must be worth more
        order = order[np.concatenate([[True], value[1:] > np.maximum.accumulate(value)[:-1]]).astype(bool)]
    if len(order) > STATES_AT_MOST:
        return False
    search.weight, search.value, search.loss = weight[order], parts[1][keep][order], loss[order]
    search.trail.append((parent[keep][order], item[keep][order]))
    _note_best(search)
    return True


def _note_best(search: _Search) -> None:
    fitting = np.flatnonzero((search.weight <= search.room).astype(bool))
    if len(fitting):
        state = int(fitting[-1])  # by rising weight values rise too
        if search.value[state] > search.best:
            search.best, search.hit = int(search.value[state]), (len(search.trail), state)


def _retrace(search: _Search, items: Items, centre: _Centre) -> NDArray[np.int64]:
    """The item of each group in the best choice: the centre's, but for those the trail names."""
    at = centre.at.copy()
    done, state = search.hit or (0, 0)
    for parent, item in reversed(search.trail[:done]):
        if (place := int(item[state])) >= 0:
            at[items.group[place]] = place
        state = int(parent[state])
    return at
