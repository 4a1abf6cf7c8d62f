"""Who recommended whom: what counts, what cannot, and what it brings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_book_files import CUSTOMERS, Folder, folder
from tests.core.test_cost import account
from tests.people import ALMA, BELA, CARO, EMIL, TODAY, booked, changed, full_year, person, tables

from zusage.book.claims import Claim, faults
from zusage.book.read import read_book
from zusage.plan import make_plan

__all__ = ["folder"]
PEOPLE = st.sampled_from("ABCDEF")
CLAIMS = st.lists(
    st.builds(
        Claim, PEOPLE, st.one_of(st.none(), PEOPLE), st.one_of(st.none(), st.dates(date(2024, 1, 1))), st.booleans()
    ),
    max_size=12,
)


def brought(decay: str, pairs: list[tuple[str, str]], homes: dict[str, str] | None = None) -> list[tuple[int, int]]:
    """What was won and what it brings, for the four in a row: 100, 200, 400 and 800 euro a year."""
    people = (ALMA, BELA, CARO, EMIL)
    rows: dict[str, Any] = {
        "customers": [person(key) | {"household_id": (homes or {}).get(key, key)} for key in people],
        "yields": [*full_year(), *(booked(key, 100 * 2**place) for place, key in enumerate(people))],
        "referrals": [{"referrer_id": by, "referred_id": other, "won": True} for by, other in pairs],
    }
    policy = changed(("\nservices:", f"\nreferrals: {{decay: {decay}}}\nservices:"))
    plan = make_plan(tables(**rows), policy, as_of=TODAY)
    found = [account(plan, key) for key in people]
    return [(row["referrals_won"], row["referral_yield_cents"]) for row in found]


CHAIN = [(ALMA, BELA), (BELA, CARO), (CARO, EMIL)]


def test_without_a_decay_only_those_count_whom_a_customer_brought_themselves() -> None:
    own = brought("0 %", CHAIN)
    assert [won for won, _ in own] == [1, 1, 1, 0]
    assert [cents for _, cents in own][3] == 0
    assert own[1][1] == 2 * own[0][1]


def test_with_a_decay_every_further_step_counts_less() -> None:
    own, half = brought("0 %", CHAIN), brought("50 %", CHAIN)
    assert [won for won, _ in half] == [won for won, _ in own]
    bela, caro, emil = (cents for _, cents in own[:3])
    assert [cents for _, cents in half] == [bela + caro // 2 + emil // 4, caro + emil // 2, emil, 0]


def test_nobody_of_the_own_household_counts_however_far_away() -> None:
    half = brought("50 %", CHAIN, homes={ALMA: ALMA, CARO: ALMA})
    assert half[0] == brought("0 %", CHAIN)[0]


def test_a_circle_ends_where_it_began() -> None:
    ring = [(ALMA, BELA), (BELA, ALMA)]
    assert brought("100 %", ring) == brought("0 %", ring)


@given(CLAIMS)
def test_claims_that_count_are_no_circle_and_win_nobody_twice(claims: list[Claim]) -> None:
    out = faults(claims)
    kept = [item for place, item in enumerate(claims) if place not in out and item.other and not item.lost]
    assert len({item.other for item in kept}) == len(kept)
    came_by = {item.other: item.by for item in kept}
    for start in came_by:
        seen, place = set(), start
        while place in came_by:
            assert place not in seen
            seen.add(place)
            place = came_by[place]


@given(CLAIMS)
def test_the_first_who_recommended_somebody_is_refused_only_for_a_circle_or_for_themselves(claims: list[Claim]) -> None:
    out = faults(claims)
    for place, fault in out.items():
        claim = claims[place]
        rivals = [item for item in claims if item.other == claim.other and item is not claim and not item.lost]
        assert fault != "twice" or rivals != []


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        (["42;42;1.1.2026;ja"], "book_referral_self", 2),
        (["42;0043;1.2.2026;ja", "0044;0043;1.1.2026;ja"], "book_referral_twice", 2),
        (["42;0043;1.1.2026;ja", "0043;42;1.2.2026;ja"], "book_referral_loop", 3),
    ],
)
def test_what_cannot_count_is_left_out_and_named_with_its_line(
    folder: Folder, lines: list[str], code: str, line: int
) -> None:
    text = "\n".join(["Empfehler;Empfohlener;Datum;Kunde geworden", *lines]) + "\n"
    book = read_book(folder(kunden__csv=CUSTOMERS + "0044;Dora Dritt\n", empfehlungen__csv=text))
    found = [(item.reason.code, item.where.line) for item in book.findings if "referral" in item.reason.code]
    assert found == [(code, line)]
