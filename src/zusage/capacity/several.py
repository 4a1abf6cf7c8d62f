"""Levels with a value and the hours they take of each of several roles come in, one level for each row goes out.

With several capacities there is no hull to walk along. Each role's hour gets a price (a Lagrange multiplier); at given
prices every row takes the level that is worth most after paying for its hours, and what the capacities are worth at the
prices is a bound that no choice within them exceeds. The prices with the least bound are found by cutting planes, a
linear program of as many unknowns as there are roles. The choice at these prices is then mended until it fits and
filled up while it does. Bound and value are whole-number arithmetic; only the search for good prices uses floating
point, and any prices give a valid bound.

Sources: Kelley, "The cutting-plane method for solving convex programs", SIAM Journal 8 (1960); Kellerer, Pferschy and
Pisinger, "Knapsack Problems" (Springer 2004), chapters 3.8 and 11; HiGHS (Huangfu and Hall, 2018) for the linear
programs and for exact answers on small books.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from zusage.capacity.highs import Quiet
from zusage.capacity.optimise import LARGEST_FLOAT, Flags, Infeasible, choose, gap_to
from zusage.ground.reasons import mistake

Numbers = NDArray[np.int64]

FINE = 2**20
"""Prices are whole multiples of 1/FINE."""
ROUNDS, CLOSE_ENOUGH = 200, 1e-10
"""Cutting planes at most, and the share of the bound from which on a better one is not looked for."""
SECONDS = 60.0
"""Time of HiGHS for an exact answer; what it has by then is taken, with its bound."""


@dataclass(frozen=True)
class Allotted:
    """One level for each row, and how good that is; the order of `weights` and `prices` is that of the capacities.

    `bound`: no choice within the capacities is worth more. `prices`: the value of one more unit of each capacity.
    """

    chosen: Numbers
    value: int
    weights: tuple[int, ...]
    bound: Fraction
    prices: tuple[Fraction, ...]

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of the bound; 0: it is the best."""
        return gap_to(self.bound, self.value)


@dataclass(frozen=True)
class _Task:
    """Values (rows × levels), weights (rows × levels × capacities), what is allowed, what there is."""

    values: Numbers
    weights: Numbers
    allowed: Flags
    capacities: Numbers

    def at(self, chosen: Numbers) -> tuple[int, Numbers]:
        """Value and weights of a choice."""
        rows = np.arange(len(chosen))
        return int(self.values[rows, chosen].sum()), self.weights[rows, chosen].sum(axis=0)

    def worth(self, scaled: Numbers) -> Numbers:
        """What each level is worth after paying for its hours, in units of 1/FINE; far below all where not allowed."""
        worth = self.values * FINE - self.weights @ scaled
        return np.where(self.allowed, worth, np.iinfo(np.int64).min // 4)


@dataclass(frozen=True)
class _Dual:
    """Prices as multiples of 1/FINE, each row's best level at them, and the bound that follows."""

    scaled: Numbers
    chosen: Numbers
    value: int
    weights: Numbers
    bound: Fraction


def choose_several(
    values: ArrayLike,
    weights: ArrayLike,
    capacities: Sequence[int],
    *,
    allowed: ArrayLike | None = None,
    exact: bool = False,
    seconds: float = SECONDS,
) -> Allotted:
    """One level for each row, so that the values add up to much (`exact`: to the most) within every capacity.

    `values` has a row for each group and a column for each level, `weights` a third axis for the capacities, `allowed`
    is as `values`; whole numbers, weights from 0. The value lies within `gap` of the best. With one capacity this is
    `optimise.choose`. Raises Infeasible where the least weights alone exceed a capacity or nothing that fits is found;
    ValueError for shapes that differ, negative weights, and numbers whose products leave 63 bits.
    """
    task = _task(values, weights, capacities, allowed)
    _check_least(task)
    if len(task.capacities) == 1:
        one = choose(task.values, task.weights[:, :, 0], int(task.capacities[0]), allowed=task.allowed, exact=exact)
        return Allotted(one.chosen, one.value, (one.weight,), one.bound, (one.price,))
    dual = _prices(task)
    chosen = _mended(task, dual)
    found = None if chosen is None else _allotted(task, _filled(task, dual, chosen), dual)
    if found is None or (exact and found.bound != found.value):
        return _by_highs(task, dual, found, seconds)
    return found


def _task(values: ArrayLike, weights: ArrayLike, capacities: Sequence[int], allowed: ArrayLike | None) -> _Task:
    value, weight = np.asarray(values, np.int64), np.asarray(weights, np.int64)
    free = np.ones(value.shape, bool) if allowed is None else np.asarray(allowed, bool)
    if not (value.shape == free.shape and weight.shape == (*value.shape, len(capacities))):
        raise ValueError(f"values, weights, allowed differ in shape: {value.shape}, {weight.shape}, {free.shape}")
    if weight.size and int(weight.min()) < 0:
        raise ValueError("weights are whole numbers from 0")
    if value.size and int(abs(value).max()) * max(len(value), FINE) >= 2**60:
        raise ValueError("values are too large")
    if weight.size and int(weight.max()) * len(weight) >= LARGEST_FLOAT:
        raise ValueError("weights are too large")
    return _Task(value, weight, free, np.asarray(capacities, np.int64))


def _check_least(task: _Task) -> None:
    if not task.allowed.any(axis=1).all():
        raise Infeasible([mistake("optimise_no_item", number_count=int(np.argmin(task.allowed.any(axis=1))) + 1)])
    most = np.iinfo(np.int64).max
    least = np.where(task.allowed[:, :, None], task.weights, most).min(axis=1).sum(axis=0)
    for needed, there in zip(least.tolist(), task.capacities.tolist(), strict=True):
        if needed > there:
            raise Infeasible([mistake("optimise_infeasible", least=str(needed), capacity=str(there))])


# --- prices


def _prices(task: _Task) -> _Dual:
    """Prices with the least bound, or nearly: cutting planes until the model of the bound meets the best one found."""
    best = _dual(task, np.zeros(len(task.capacities), np.int64))
    if (best.weights <= task.capacities).all():
        return best
    master = _Master(len(task.capacities), _dearest(task))
    master.add(best, task.capacities)
    for _ in range(ROUNDS):
        prices, model = master.solve()
        found = _dual(task, np.rint(np.maximum(prices, 0) * FINE).astype(np.int64))
        if found.bound < best.bound:
            best = found
        if float(best.bound) - model <= CLOSE_ENOUGH * max(abs(float(best.bound)), 1):
            break
        master.add(found, task.capacities)
    return _least_prices(task, best)


def _least_prices(task: _Task, best: _Dual) -> _Dual:
    """Where several prices give the same bound, the least: a capacity that nobody can use more of is worth nothing."""
    for role in range(len(best.scaled)):
        high = int(best.scaled[role])
        low, lower = -1, high - high // 64 - 1
        while high - low > 1:
            found = _dual(task, np.where(np.arange(len(best.scaled)) == role, max(lower, 0), best.scaled))
            if found.bound <= best.bound:
                best, high = found, max(lower, 0)
            elif low < 0 and lower >= high - high // 64 - 1:
                break  # a price a little lower is worse already
            else:
                low = lower
            lower = (low + high) // 2
    return best


def _dual(task: _Task, scaled: Numbers) -> _Dual:
    chosen = np.argmax(task.worth(scaled), axis=1).astype(np.int64)
    value, weights = task.at(chosen)
    left = sum(int(price) * (there - taken) for price, there, taken in _triples(scaled, task.capacities, weights))
    return _Dual(scaled, chosen, value, weights, value + Fraction(left, FINE))


def _triples(*parts: Numbers) -> Any:
    return zip(*(part.tolist() for part in parts), strict=True)


def _dearest(task: _Task) -> float:
    """More than any unit of a weight can be worth: at this price nobody takes more of it than the least."""
    spread = np.where(task.allowed, task.values, task.values.min())
    span = int((task.values.max(axis=1) - spread.min(axis=1)).max(initial=0))
    return float(min(max(span, 1), 2**60 // (FINE * max(int(task.weights.max(initial=1)), 1) * task.weights.shape[2])))


class _Master:
    """The bound as a function of the prices, from below: the greatest of the planes that touch it."""

    def __init__(self, roles: int, dearest: float) -> None:
        self.solver = Quiet()
        for _ in range(roles):
            self.solver.addVar(0, dearest)
        self.solver.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        self.solver.changeColCost(roles, 1.0)
        self.columns = np.arange(roles + 1, dtype=np.int32)

    def add(self, dual: _Dual, capacities: Numbers) -> None:
        """A plane that touches the bound at some prices: bound ≥ value + prices · (capacities − weights)."""
        slope = (capacities - dual.weights).astype(float)
        row = np.append(-slope, 1.0)
        self.solver.addRow(float(dual.value), highspy.kHighsInf, len(row), self.columns, row)

    def solve(self) -> tuple[NDArray[np.float64], float]:
        """The prices at which the planes are least, and how low they are there."""
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS did not solve a linear program: {self.solver.getModelStatus()}")
        found = np.array(self.solver.getSolution().col_value)
        return found[:-1], float(found[-1])


# --- from prices to a choice


def _mended(task: _Task, dual: _Dual) -> Numbers | None:
    """The choice at the prices, changed until it fits: each time the change that loses least for what it relieves."""
    chosen, worth, rows = dual.chosen.copy(), task.worth(dual.scaled), np.arange(len(dual.chosen))
    _, weights = task.at(chosen)
    while (weights > task.capacities).any():
        over = np.maximum(weights - task.capacities, 0)
        change = task.weights - task.weights[rows, chosen][:, None, :]
        after = np.maximum(weights + change - task.capacities, 0).sum(axis=2)
        relief = np.where(task.allowed, over.sum() - after, 0)
        loss = np.maximum(worth[rows, chosen][:, None] - worth, 0)
        score = np.where(relief > 0, (loss + 1) / np.maximum(relief, 1), np.inf)
        row, level = np.unravel_index(int(np.argmin(score)), score.shape)
        if not np.isfinite(score[row, level]):
            return None
        weights = weights + change[row, level]
        chosen[row] = level
    return chosen


def _filled(task: _Task, dual: _Dual, chosen: Numbers) -> Numbers:
    """What still fits is given, as long as it adds value: each time the change that is worth most at the prices."""
    worth, rows = task.worth(dual.scaled), np.arange(len(chosen))
    _, weights = task.at(chosen)
    while True:
        change = task.weights - task.weights[rows, chosen][:, None, :]
        more = task.values - task.values[rows, chosen][:, None]
        fits = task.allowed & (more > 0) & (weights + change <= task.capacities).all(axis=2)
        if not fits.any():
            return chosen
        gain = np.where(fits, worth - worth[rows, chosen][:, None], np.iinfo(np.int64).min)
        row, level = np.unravel_index(int(np.argmax(gain)), gain.shape)
        weights = weights + change[row, level]
        chosen[row] = level


def _allotted(task: _Task, chosen: Numbers, dual: _Dual) -> Allotted:
    value, weights = task.at(chosen)
    prices = tuple(Fraction(int(price), FINE) for price in dual.scaled)
    return Allotted(chosen, value, tuple(map(int, weights)), max(dual.bound, Fraction(value)), prices)


# --- exactly


def _by_highs(task: _Task, dual: _Dual, known: Allotted | None, seconds: float) -> Allotted:
    """The best choice by branch and bound; after `seconds` the best so far. Raises Infeasible where there is none."""
    solver, cells = _whole_program(task, seconds)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        if known is None:
            raise Infeasible([mistake("optimise_none_found")])
        return known
    shares = np.full(task.values.shape, -1.0)
    shares[cells] = np.array(solver.getSolution().col_value)
    found = _allotted(task, np.argmax(shares, axis=1).astype(np.int64), dual)
    if (np.array(found.weights) > task.capacities).any() or (known is not None and known.value > found.value):
        found = known or found
    if (np.array(found.weights) > task.capacities).any():
        raise Infeasible([mistake("optimise_none_found")])
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return replace(found, bound=Fraction(found.value))
    return found


def _whole_program(task: _Task, seconds: float) -> tuple[Quiet, tuple[Numbers, ...]]:
    """The choice as an integer program: a column for each level that is allowed, a row for each group and capacity."""
    cells = np.nonzero(task.allowed)
    groups, roles = len(task.values), len(task.capacities)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(cells[0]), groups + roles
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = task.values[cells].astype(float)
    program.col_lower_, program.col_upper_ = np.zeros(len(cells[0])), np.ones(len(cells[0]))
    program.row_lower_ = np.concatenate([np.ones(groups), np.full(roles, -highspy.kHighsInf)])
    program.row_upper_ = np.concatenate([np.ones(groups), task.capacities.astype(float)])
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(cells[0])
    entries = np.concatenate([np.ones((len(cells[0]), 1)), task.weights[cells]], axis=1)
    rows = np.concatenate([cells[0][:, None], np.tile(groups + np.arange(roles), (len(cells[0]), 1))], axis=1)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.arange(len(cells[0]) + 1) * (roles + 1)
    program.a_matrix_.index_, program.a_matrix_.value_ = rows.ravel(), entries.astype(float).ravel()
    solver = Quiet()
    options: dict[str, Any] = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": seconds}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(program)
    return solver, cells
