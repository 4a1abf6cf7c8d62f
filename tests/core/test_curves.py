"""Curves of distribution against values reckoned by hand, and rules that hold for any amounts."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.report.curves import POINTS, gini_permille, lorenz, top_share_permille, units_for_share, whale

AMOUNTS = st.lists(st.integers(-(10**9), 10**9), max_size=400)
INCOMES = st.lists(st.integers(0, 10**9), min_size=1, max_size=400).filter(lambda amounts: sum(amounts) > 0)


def test_the_whale_rises_with_the_best_and_falls_with_those_who_cost_more() -> None:
    curve = whale([50, -30, 100, -20])
    assert curve.points == ((0, 0), (1, 100), (2, 150), (3, 130), (4, 100))
    assert curve.peak == (2, 150)
    assert (curve.units, curve.total) == (4, 100)


def test_the_lorenz_curve_starts_with_the_smallest() -> None:
    assert lorenz([30, 10, 60]).points == ((0, 0), (1, 10), (2, 40), (3, 100))


def test_a_curve_of_nobody_is_a_point() -> None:
    assert whale([]).points == ((0, 0),)
    assert whale([]).peak == (0, 0)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([7, 7, 7, 7], 0),
        ([0, 0, 0, 10], 750),  # one of n brings all: 1 − 1/n
        ([1, 3], 250),  # (−1·1 + 1·3) ÷ (2·4)
        ([10, 20, 30, 40], 250),  # (−30 − 20 + 30 + 120) ÷ (4·100)
        ([1, 2, 4], 286),  # (−2 + 0 + 8) ÷ (3·7) = 0.2857
        ([5], 0),
    ],
)
def test_the_gini_coefficient_is_what_the_formula_gives_by_hand(amounts: list[int], expected: int) -> None:
    assert gini_permille(amounts) == expected


@pytest.mark.parametrize("amounts", [[], [0, 0], [-5, 5], [-5, 1]])
def test_without_a_sum_above_zero_nothing_is_said_of_shares(amounts: list[int]) -> None:
    assert gini_permille(amounts) is None
    assert top_share_permille(amounts, 200) is None
    assert units_for_share(amounts, 500) is None


def test_a_fifth_of_the_customers_brings_the_share_one_can_add_up() -> None:
    amounts = [740, 60, 50, 50, 40, 20, 20, 10, 5, 5]
    assert top_share_permille(amounts, 200) == 800
    assert top_share_permille(amounts, 100) == 740
    assert top_share_permille(amounts, 1000) == 1000


def test_a_part_of_a_customer_counts_as_a_whole_one() -> None:
    assert top_share_permille([60, 30, 10], 200) == 600


def test_half_of_the_sum_needs_so_many() -> None:
    assert units_for_share([40, 30, 20, 10], 500) == 2
    assert units_for_share([40, 30, 20, 10], 1000) == 4


@given(AMOUNTS)
def test_the_order_of_customers_changes_no_curve(amounts: list[int]) -> None:
    assert whale(amounts) == whale(amounts[::-1])
    assert gini_permille(amounts) == gini_permille(amounts[::-1])


@given(AMOUNTS)
def test_every_drawn_point_is_a_true_sum(amounts: list[int]) -> None:
    sums = list(accumulate(sorted(amounts, reverse=True), initial=0))
    curve = whale(amounts, points=7)
    assert all(sums[units] == cents for units, cents in curve.points)
    assert curve.peak == (sums.index(max(sums)), max(sums))
    assert curve.peak in curve.points


@given(INCOMES)
def test_incomes_have_a_gini_between_nothing_and_one(amounts: list[int]) -> None:
    gini = gini_permille(amounts)
    assert gini is not None
    assert 0 <= gini <= 1000


@given(INCOMES, st.integers(2, 5))
def test_ten_times_the_money_is_the_same_distribution(amounts: list[int], factor: int) -> None:
    assert gini_permille([amount * factor for amount in amounts]) == gini_permille(amounts)


def test_a_million_customers_are_drawn_with_few_points() -> None:
    curve = whale(range(1_000_000))
    assert len(curve.points) <= POINTS + 2
    assert curve.total == 499_999_500_000
    assert gini_permille(range(1_000_000)) == 333
