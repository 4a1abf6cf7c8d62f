"""Erlang's formulas: to ten digits, for large loads, against exact fractions, and with clear refusals."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.capacity.queueing import erlang_b, erlang_c
from zusage.ground.reasons import Refused


def exact_b(load: Fraction, servers: int) -> Fraction:
    """Erlang's own sum, which overflows in floats: a^n / n! ÷ Σ a^k / k!."""
    return (load**servers / factorial(servers)) / sum(load**number / factorial(number) for number in range(servers + 1))


def exact_c(load: Fraction, servers: int) -> Fraction:
    top = load**servers / factorial(servers) * servers / (servers - load)
    return top / (sum(load**number / factorial(number) for number in range(servers)) + top)


@given(st.fractions(0, 60, max_denominator=100), st.integers(0, 60))
def test_the_loss_formula_is_the_exact_fraction_to_ten_digits(load: Fraction, servers: int) -> None:
    assert erlang_b(float(load), servers) == pytest.approx(float(exact_b(load, servers)), rel=1e-11)


@given(st.integers(1, 60), st.fractions(0, 1, max_denominator=1000))
def test_the_delay_formula_is_the_exact_fraction_to_ten_digits(servers: int, part: Fraction) -> None:
    load = servers * part
    expected = 1 if load == servers else float(exact_c(load, servers))
    assert erlang_c(float(load), servers) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("load", "servers", "blocked"),
    [  # T. Frankel, Tables for Traffic Management and Design, 1976: load at which so many are blocked
        (4.461, 10, 0.01),
        (84.06, 100, 0.01),
        (12.03, 20, 0.01),
    ],
)
def test_the_loss_formula_gives_the_figures_of_the_tables(load: float, servers: int, blocked: float) -> None:
    assert erlang_b(load, servers) == pytest.approx(blocked, rel=2e-3)


def test_one_server_has_closed_forms() -> None:
    assert (erlang_b(0.5, 1), erlang_c(0.5, 1)) == pytest.approx((1 / 3, 0.5), rel=1e-15)


def test_large_loads_neither_overflow_nor_vanish() -> None:
    # a / (n − a) · … for a = n: B ≈ √(2 / (π·n)), with the next term −4 / (3·n·…) left out
    assert erlang_b(100_000, 100_000) == pytest.approx((2 / (3.141592653589793 * 100_000)) ** 0.5, rel=5e-3)
    assert erlang_b(10, 5_000) == 0.0
    assert 0 < erlang_c(99_000, 100_000) < 0.01


def test_without_load_nobody_waits_and_without_servers_everybody() -> None:
    assert (erlang_b(0, 3), erlang_c(0, 3), erlang_b(2, 0), erlang_c(2, 0)) == (0, 0, 1, 1)


def test_more_load_than_servers_can_carry_lets_everybody_wait() -> None:
    assert (erlang_c(3, 3), erlang_c(5, 3)) == (1.0, 1.0)


@pytest.mark.parametrize("load", [-0.1, float("nan"), float("inf"), "many", True])
@pytest.mark.parametrize("servers", [-1, 1.5, "two", None])
def test_what_is_no_load_and_no_number_of_people_is_refused_together(load: object, servers: object) -> None:
    for formula in (erlang_b, erlang_c):
        with pytest.raises(Refused) as refused:
            formula(load, servers)  # type: ignore[arg-type]
        codes = [item.reason.code for item in refused.value.findings]
        assert codes == ["simulate_bad_load", "simulate_bad_servers"]
