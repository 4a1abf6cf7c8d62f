"""The choice of levels against enumeration and HiGHS: never above the bound, exact where asked, no number too large."""

from __future__ import annotations

import numpy as np
import pytest
from highspy import Highs, HighsVarType
from hypothesis import given, settings
from hypothesis import strategies as st

from zusage.capacity import closing
from zusage.capacity.optimise import Choice, Infeasible, alike, choose, choose_of
from zusage.ground.reasons import Reason

Groups = list[list[tuple[int, int]]]


def best_by_enumeration(groups: Groups, capacity: int) -> int | None:
    """The most value by dynamic programming over all sums of weights; None where nothing fits."""
    most = {0: 0}
    for group in groups:
        longer: dict[int, int] = {}
        for weight, value in most.items():
            for more, heavier in group:
                sum_ = weight + heavier
                longer[sum_] = max(longer.get(sum_, value + more), value + more)
        most = longer
    return max((value for weight, value in most.items() if weight <= capacity), default=None)


def check(groups: Groups, capacity: int, found: Choice) -> None:
    """The choice is what it says: one item of each group, sums right, within the capacity."""
    items = [group[place] for group, place in zip(groups, found.chosen.tolist(), strict=True)]
    assert (sum(value for value, _ in items), sum(weight for _, weight in items)) == (found.value, found.weight)
    assert found.weight <= capacity
    assert found.value <= found.bound


@st.composite
def problems(draw: st.DrawFn, most: int = 12) -> tuple[Groups, int]:
    """Small instances: losses, ties, weightless items, multiples of one ratio, and numbers beyond 63 bits."""
    size, unit = draw(st.sampled_from([2, 9, 60])), draw(st.sampled_from([1, 1, 10**13, 10**21]))
    item = st.tuples(st.integers(-size // 2, size), st.integers(0, draw(st.sampled_from([1, 3, size]))))
    alike_ratio = st.integers(0, size).map(lambda weight: (weight + 1, weight))
    group = st.lists(item | alike_ratio, min_size=1, max_size=5)
    groups = draw(st.lists(group, max_size=most))
    scaled = [[(value * unit, weight * unit) for value, weight in group] for group in groups]
    heaviest = sum(max(weight for _, weight in group) for group in scaled)
    return scaled, draw(st.integers(0, heaviest + 1))


@settings(max_examples=1000, deadline=None)
@given(problems())
def test_the_exact_choice_is_the_best_and_the_quick_one_stays_below_its_bound(given: tuple[Groups, int]) -> None:
    groups, capacity = given
    best = best_by_enumeration(groups, capacity)
    if best is None:
        for exact in (False, True):
            with pytest.raises(Infeasible):
                choose_of(groups, capacity, exact=exact)
        return
    quick, exactly = (choose_of(groups, capacity, exact=exact) for exact in (False, True))
    check(groups, capacity, quick)
    check(groups, capacity, exactly)
    assert quick.value <= best <= quick.bound
    assert (exactly.value, exactly.bound, exactly.gap) == (best, best, 0)


@settings(max_examples=300, deadline=None)
@given(problems(6), st.integers(1, 50), st.integers(2, 9))
def test_more_room_is_never_worth_less_and_units_do_not_matter(
    given: tuple[Groups, int], more: int, factor: int
) -> None:
    groups, capacity = given
    if best_by_enumeration(groups, capacity) is None:
        return
    before = choose_of(groups, capacity, exact=True)
    assert choose_of(groups, capacity + more, exact=True).value >= before.value
    scaled = [[(value * factor, weight * 3) for value, weight in group] for group in groups]
    assert choose_of(scaled, capacity * 3 + 2, exact=True).value == before.value * factor
    assert choose_of(scaled, capacity * 3).bound == choose_of(groups, capacity).bound * factor


@settings(max_examples=100, deadline=None)
@given(problems(6), st.randoms())
def test_the_order_of_groups_and_items_does_not_change_the_value(
    given: tuple[Groups, int], shuffle: st.DataObject
) -> None:
    groups, capacity = given
    if best_by_enumeration(groups, capacity) is None:
        return
    other = [list(group) for group in groups]
    for group in (other, *other):
        shuffle.shuffle(group)  # type: ignore[attr-defined]
    assert choose_of(other, capacity, exact=True).value == choose_of(groups, capacity, exact=True).value
    assert choose_of(other, capacity).bound == choose_of(groups, capacity).bound


def relaxed(values: np.ndarray, weights: np.ndarray, capacity: int, *, whole: bool) -> float:  # type: ignore[type-arg]
    """The optimum by HiGHS, of whole levels or of the linear relaxation."""
    solver = Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.5)
    kind = HighsVarType.kInteger if whole else HighsVarType.kContinuous
    cells = [[solver.addVariable(lb=0, ub=1, type=kind) for _ in row] for row in values]
    for row in cells:
        solver.addConstr(sum(row) == 1)
    flat = [cell for row in cells for cell in row]
    solver.addConstr(sum(float(w) * x for w, x in zip(weights.ravel(), flat, strict=True)) <= capacity)
    solver.maximize(sum(float(v) * x for v, x in zip(values.ravel(), flat, strict=True)))
    return float(solver.getObjectiveValue())


@pytest.mark.parametrize("seed", range(6))
def test_highs_finds_the_same_on_books_of_a_few_hundred(seed: int) -> None:
    dice = np.random.default_rng(seed)
    weights = np.cumsum(dice.integers(0, 200, (250, 4)), axis=1)
    values = np.cumsum(dice.integers(-50, 400, (250, 4)), axis=1) + (weights if seed % 2 else 0)
    capacity = int(weights[:, 0].sum() + (weights[:, 3] - weights[:, 0]).sum() // (seed + 2))
    quick, exactly = (choose(values, weights, capacity, exact=exact) for exact in (False, True))
    assert float(quick.bound) == pytest.approx(relaxed(values, weights, capacity, whole=False), rel=1e-9)
    assert exactly.value == round(relaxed(values, weights, capacity, whole=True))
    assert exactly.bound == exactly.value >= quick.value


@pytest.mark.parametrize(
    ("groups", "capacity", "chosen", "value"),
    [
        ([], 0, [], 0),
        ([[(0, 0), (7, 3)], [(0, 0), (5, 3)]], 0, [0, 0], 0),  # no capacity: the least everywhere
        ([[(0, 0), (7, 3)], [(0, 0), (5, 2)]], 5, [1, 1], 12),  # exact fit
        ([[(0, 0), (7, 3)], [(0, 0), (7, 3)]], 5, [1, 0], 7),  # a tie goes by the order given
        ([[(-9, 4), (-2, 6)], [(3, 0), (3, 0)]], 5, [0, 0], -6),  # forced to a loss
        ([[(-9, 4), (-2, 6)]], 6, [1], -2),
        ([[(5, 9), (0, 0), (5, 2)]], 9, [2], 5),  # of equal worth the lighter
        ([[(0, 0), (10, 10)], [(0, 0), (9, 6)], [(0, 0), (9, 6)]], 12, [0, 1, 1], 18),
        ([[(0, 0), (1, -3)], [(0, 0), (4, 3)]], 0, [1, 1], 5),  # a level may free capacity
    ],
)
def test_cases_at_the_edge(groups: Groups, capacity: int, chosen: list[int], value: int) -> None:
    found = choose_of(groups, capacity, exact=True)
    assert (found.chosen.tolist(), found.value, found.bound) == (chosen, value, value)


def test_what_cannot_fit_is_refused_with_its_least_weight() -> None:
    with pytest.raises(Infeasible) as refused:
        choose_of([[(1, 4), (9, 5)], [(0, 2)]], 5)
    (finding,) = refused.value.findings
    assert finding.reason == Reason("optimise_infeasible", {"least": "6", "capacity": "5"})


def test_a_group_without_anything_allowed_is_named() -> None:
    with pytest.raises(Infeasible) as refused:
        choose([[1, 2], [3, 4]], [[1, 2], [1, 2]], 9, allowed=[[True, True], [False, False]])
    assert refused.value.findings[0].reason == Reason("optimise_no_item", {"number_count": 2})


def test_a_level_that_is_not_allowed_is_never_chosen() -> None:
    allowed = [[False, True, False], [True, False, True]]
    found = choose([[9, 1, 99], [0, 50, 7]], [[0, 1, 2], [0, 1, 3]], 9, allowed=allowed, exact=True)
    assert found.chosen.tolist() == [1, 2]


def test_shapes_that_differ_and_fractions_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        choose([[1, 2]], [[1, 2, 3]], 9)
    with pytest.raises(ValueError, match="whole numbers"):
        choose([[1.5, 2]], [[1, 2]], 9)


def test_levels_may_stand_in_any_order_and_a_large_book_is_halved_instead_of_sorted() -> None:
    dice = np.random.default_rng(7)
    weights = dice.integers(0, 7_200, (60_000, 4))
    values = dice.integers(0, 30_000, (60_000, 4))
    capacity = int(weights.min(axis=1).sum() + weights.max(axis=1).sum() // 4)
    found = choose(values, weights, capacity)
    rows = np.arange(len(values))
    assert found.value == values[rows, found.chosen].sum()
    assert found.weight == weights[rows, found.chosen].sum() <= capacity
    assert 0 <= found.gap < 1e-6
    assert choose(values, weights, capacity, exact=True).gap == 0


def test_thousands_of_equal_steps_are_taken_in_their_order() -> None:
    found = choose([[0, 6]] * 50_000, [[0, 2]] * 50_000, 70_001)
    assert found.chosen.tolist() == [1] * 35_000 + [0] * 15_000
    assert (found.value, found.bound, found.price) == (210_000, 210_003, 3)


def test_rows_with_the_same_figures_are_put_together() -> None:
    values, weights = np.array([[0, 7], [0, 5], [0, 7]]), np.array([[0, 3], [0, 3], [0, 3]])
    first, kind, count = alike(values, weights)
    together = choose(values[first] * count[:, None], weights[first] * count[:, None], 5)
    assert together.chosen[kind].tolist() == [0, 1, 0]  # both or none, whoever stands first


def test_where_states_become_too_many_the_choice_keeps_its_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [[(0, 0), (7, 3)], [(0, 0), (5, 3)], [(0, 0), (5, 4)]]
    monkeypatch.setattr(closing, "STATES_AT_MOST", 0)
    found = choose_of(groups, 5, exact=True)
    check(groups, 5, found)
    assert found.bound > found.value
