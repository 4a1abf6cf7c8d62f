"""Reply codes: one per customer for good, without signs that look alike, and no typo is taken for another customer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people import ALMA, BELA, CARO
from tests.web.conftest import IMPORTED
from zusage.ground.reasons import Refused
from zusage.web.charter.actions import codes_for
from zusage.web.charter.models import ReplyCode
from zusage.web.charter.queries import ALPHABET, check_sign, number_of, plain_code, shown_code

bodies = st.text(ALPHABET, min_size=6, max_size=6)


def reason(text: str) -> str:
    with pytest.raises(Refused) as refused:
        number_of(text)
    return refused.value.findings[0].reason.code


def test_every_customer_keeps_one_code_and_no_two_share_one(office: SimpleNamespace) -> None:
    first = codes_for([ALMA, BELA, ALMA], IMPORTED)
    again = codes_for([CARO, ALMA, BELA], IMPORTED)
    assert list(first) == [ALMA, BELA]
    assert {number: again[number] for number in first} == first
    assert len(set(again.values())) == 3
    assert ReplyCode.objects.count() == 3


def test_a_code_is_read_as_people_type_it(office: SimpleNamespace) -> None:
    code = codes_for([ALMA], IMPORTED)[ALMA]
    assert [number_of(text) for text in (code, shown_code(code), f" {code.lower()[:4]} {code[4:]} ")] == [ALMA] * 3


def test_what_is_wrong_with_a_code_is_said(office: SimpleNamespace) -> None:
    body = "4KM7PX"
    right = body + check_sign(body)
    assert reason("") == "link_code_form"
    assert reason(right + "2") == "link_code_form"
    assert reason("0IO1LLL") == "link_code_form"
    assert reason(right) == "link_code_unknown"
    assert reason("K4" + right[2:]) == "link_code_typo"


@given(bodies, st.integers(0, 6), st.sampled_from(ALPHABET))
def test_a_mistyped_sign_is_noticed(body: str, place: int, sign: str) -> None:
    code = body + check_sign(body)
    typed = code[:place] + sign + code[place + 1 :]
    assert (check_sign(typed[:-1]) == typed[-1]) == (typed == code)


@given(bodies, st.integers(0, 5), st.integers(0, 5))
def test_two_signs_that_changed_places_are_noticed(body: str, one: int, other: int) -> None:
    signs = list(body)
    signs[one], signs[other] = signs[other], signs[one]
    assert (check_sign("".join(signs)) == check_sign(body)) == ("".join(signs) == body)


@given(bodies)
def test_what_is_printed_reads_back_as_the_same_code(body: str) -> None:
    code = body + check_sign(body)
    assert plain_code(shown_code(code)) == code
