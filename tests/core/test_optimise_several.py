"""The choice of levels within the hours of several roles, against enumeration: bound, prices, exact answers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zusage.capacity import several
from zusage.capacity.optimise import Infeasible, choose
from zusage.capacity.several import Allotted, choose_several

Numbers = np.ndarray  # type: ignore[type-arg]
Case = tuple[Numbers, Numbers, list[int], Numbers]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rows, levels, roles = draw(st.integers(1, 5)), draw(st.integers(2, 4)), draw(st.integers(2, 3))

    def drawn(low: int, high: int, *shape: int) -> Numbers:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(st.integers(low, high), min_size=size, max_size=size))).reshape(shape)

    allowed = drawn(0, 3, rows, levels) > 0
    allowed[:, 0] = True
    capacities = drawn(0, 5 * rows, roles).tolist()
    return drawn(-5, 30, rows, levels), drawn(0, 9, rows, levels, roles), capacities, allowed


def best_by_enumeration(case: Case) -> int | None:
    values, weights, capacities, allowed = case
    rows, found = np.arange(len(values)), []
    for levels in itertools.product(*(np.flatnonzero(row) for row in allowed)):
        if (weights[rows, list(levels)].sum(axis=0) <= capacities).all():
            found.append(int(values[rows, list(levels)].sum()))
    return max(found, default=None)


def check(case: Case, found: Allotted) -> None:
    values, weights, capacities, allowed = case
    rows = np.arange(len(values))
    assert allowed[rows, found.chosen].all()
    assert found.value == values[rows, found.chosen].sum()
    assert found.weights == tuple(weights[rows, found.chosen].sum(axis=0))
    assert all(taken <= there for taken, there in zip(found.weights, capacities, strict=True))
    assert all(price >= 0 for price in found.prices)


@settings(max_examples=250, deadline=None)
@given(cases())
def test_value_and_bound_hold_the_best_between_them_and_the_exact_answer_is_the_best(case: Case) -> None:
    values, weights, capacities, allowed = case
    best = best_by_enumeration(case)
    for exact in (False, True):
        if best is None:
            with pytest.raises(Infeasible):
                choose_several(values, weights, capacities, allowed=allowed, exact=exact)
            continue
        found = choose_several(values, weights, capacities, allowed=allowed, exact=exact)
        check(case, found)
        assert found.value <= best <= found.bound
        if exact:
            assert (found.value, found.bound) == (best, best)


def book(rows: int, seed: int) -> tuple[Numbers, Numbers, list[int]]:
    dice = np.random.default_rng(seed)
    weights = np.cumsum(dice.integers(0, 7200, (rows, 4, 3)), axis=1)
    values = np.cumsum(dice.integers(0, 20_000, (rows, 4)), axis=1)
    least, most = weights[:, 0].sum(axis=0), weights[:, 3].sum(axis=0)
    return values, weights, (least + (most - least) * 35 // 100).tolist()


def test_on_a_book_of_thousands_the_gap_is_small() -> None:
    values, weights, capacities = book(5_000, 1)
    found = choose_several(values, weights, capacities)
    check((values, weights, capacities, np.ones(values.shape, bool)), found)
    assert 0 <= found.gap < 2e-4
    assert all(price > 0 for price in found.prices)


def test_the_bound_is_that_of_the_linear_relaxation_by_highs() -> None:
    values, weights, capacities = book(120, 2)
    solver, _ = several._whole_program(several._task(values, weights, capacities, None), 60)
    solver.setOptionValue("solve_relaxation", True)
    solver.run()
    assert float(choose_several(values, weights, capacities).bound) == pytest.approx(
        solver.getObjectiveValue(), rel=1e-6
    )


def test_another_use_of_the_solver_in_the_same_process_changes_nothing() -> None:
    values, weights, capacities = book(300, 5)
    before = choose_several(values, weights, capacities)
    exactly = choose_several(values[:40], weights[:40], [there // 8 for there in capacities], exact=True)
    assert exactly.gap == 0
    after = choose_several(values, weights, capacities)
    assert (after.value, after.bound, after.prices) == (before.value, before.bound, before.prices)


def test_a_role_whose_hours_nobody_can_use_has_no_price() -> None:
    values, weights = np.array([[0, 9]] * 5), np.array([[[0, 2], [3, 2]]] * 5)
    found = choose_several(values, weights, [9, 10])
    assert (found.value, found.prices[1]) == (27, 0)


def test_one_capacity_is_the_plain_choice() -> None:
    values, weights, capacities = book(500, 3)
    one = choose(values, weights[:, :, 0], capacities[0])
    found = choose_several(values, weights[:, :, :1], capacities[:1])
    assert (found.value, found.bound, found.prices) == (one.value, one.bound, (one.price,))


def test_what_cannot_be_meant_is_refused() -> None:
    ones = np.ones((2, 2), int)
    with pytest.raises(ValueError, match="differ in shape"):
        choose_several(ones, np.ones((2, 2, 3), int), [1, 1])
    with pytest.raises(ValueError, match="from 0"):
        choose_several(ones, -np.ones((2, 2, 2), int), [1, 1])
    with pytest.raises(ValueError, match="values are too large"):
        choose_several(ones * 2**50, np.ones((2, 2, 2), int), [1, 1])
    with pytest.raises(ValueError, match="weights are too large"):
        choose_several(ones, np.ones((2, 2, 2), int) * 2**53, [1, 1])
