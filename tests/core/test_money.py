"""Amounts as people and programs write them become the cents that were meant, or are refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.ground.money import LARGEST_CENTS, cents_from_float, decimal_mark, half_up, parse_cents, parse_units


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,56 €", 123456),
        ("EUR 12,00", 1200),
        ("112,39-", -11239),
        ("-112,39", -11239),
        ("−5", -500),
        ("12,00 S", -1200),
        ("12,00 H", 1200),
        ("(12,00)", -1200),
        ("1 234,5", 123450),
        ("1'234'567,89", 123456789),
        ("12,–", 1200),
        (",5", 50),
        ("0,005", 1),
        ("-0,005", -1),
        ("'7,50", 750),
    ],
)
def test_an_amount_with_decimal_comma_is_read(text: str, cents: int) -> None:
    assert parse_cents(text, ",") == cents


@pytest.mark.parametrize(
    "text", ["", "€", "NaN", "inf", "1e5", "1.2.3,4", "--5", "-5-", "5 S-", "12,5,5", "1234567890123", "٣"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_cents(text, ",")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e308, 1e13])
def test_a_number_cell_beyond_all_bounds_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(str(value))}$"):
        cents_from_float(value)


def test_a_number_cell_is_rounded_as_the_person_saw_it() -> None:
    assert [cents_from_float(value) for value in (0.145, 1.005, -2.675, 7.0)] == [15, 101, -268, 700]


def test_more_places_keep_the_unit_price_exact() -> None:
    assert [parse_units(text, ".", 4) for text in ("0.0425", "2.55", "-1", "0.00005")] == [425, 25500, -10000, 1]


def test_a_column_tells_its_mark_by_one_cell_that_cannot_be_read_otherwise() -> None:
    assert [decimal_mark(["1.234", "12,50"]), decimal_mark(["1,234", "12.5"]), decimal_mark(["1.234", "7"])] == [
        ",",
        ".",
        None,
    ]


def test_a_column_that_contradicts_itself_names_the_cell() -> None:
    with pytest.raises(ValueError, match=r"^12\.5$"):
        decimal_mark(["1,5", "12.5"])


@given(st.integers(-LARGEST_CENTS, LARGEST_CENTS), st.sampled_from([",", "."]))
def test_an_amount_written_plainly_comes_back(cents: int, mark: str) -> None:
    sign, whole, part = "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100
    assert parse_cents(f"{sign}{whole}{mark}{part:02d}", mark) == cents  # type: ignore[arg-type]


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(0, 4))
def test_rounding_to_fewer_places_is_half_up_of_the_size(units: int, places: int, fewer: int) -> None:
    digits = str(abs(units)).rjust(places + 1, "0")
    text = ("-" if units < 0 else "") + digits[: len(digits) - places] + "." + digits[len(digits) - places :]
    kept = min(fewer, places)
    expected = half_up(abs(units), 10 ** (places - kept)) * 10 ** (fewer - kept)
    assert parse_units(text, ".", fewer) == (-expected if units < 0 else expected)
