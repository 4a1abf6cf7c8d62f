"""What a customer knows: the last thing they were told counts, and what is less holds only after the notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import people
from tests.people import ALMA, CARO
from tests.web.conftest import IMPORTED
from zusage.promises.standing import Standing, class_promises_in_force
from zusage.promises.weaker import changed_promises
from zusage.web.charter.letters.news.queries import Knowledge
from zusage.web.charter.link.queries import held_class
from zusage.web.customers.actions import record_told
from zusage.web.customers.models import Customer, Membership, Told
from zusage.web.customers.queries import Telling, class_on, held_on, last_told, told_of
from zusage.web.office.models import PolicyVersion

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY, NOTICE = date(2026, 11, 26), timedelta(30)


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else midnight could come amid a test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def letter(office: SimpleNamespace, number: str, key: str, said_on: date, holds_on: date) -> Told:
    return Told.objects.create(
        number=number, policy=office.version, class_key=key, said_on=said_on, told_on=holds_on, how="letter",
        by=office.owner, created_at=NOW,
    )  # fmt: skip


def decided(office: SimpleNamespace, number: str, key: str, on: date, change: str = "down") -> None:
    Membership.objects.create(
        number=number, class_key=key, effective_on=on, change=change, policy=office.version, because="criteria",
        decided_by=office.adviser, decided_at=IMPORTED,
    )  # fmt: skip


def by_hand(office: SimpleNamespace, number: str, on: date = TODAY) -> Told:
    customer = Customer.objects.get(number=number)
    return record_told(customer=customer, told_on=on, how="call", by=office.adviser, now=NOW)


def callback(office: SimpleNamespace, number: str, day: date) -> str:
    """How a call back is promised on a day, as answers go by it."""
    standing = Standing(number, class_on(office.policy, number, day), told=told_of(number))
    found = {item.service: item.mode for item in class_promises_in_force(office.policy, standing, day)}
    customer = Customer.objects.get(number=number)
    held = dict(office.policy.promises)[held_class(customer, office.policy, day)[0]]
    assert found["callback"] == {item.service: item.mode for item in held}["callback"]  # the customer's page agrees
    return found["callback"]


def test_what_a_letter_announced_does_not_come_where_the_customer_was_told_otherwise_since(
    office: SimpleNamespace,
) -> None:
    begins = TODAY + timedelta(20)
    letter(office, ALMA, "A", date(2026, 1, 5), date(2026, 1, 5))
    letter(office, ALMA, "C", TODAY - timedelta(10), begins)  # and the decision was taken back: A is still in force
    told = by_hand(office, ALMA)
    assert (told.class_key, told.said_on, told.told_on) == ("A", TODAY, TODAY)
    assert [callback(office, ALMA, day) for day in (TODAY, begins, begins + NOTICE)] == ["same_day"] * 3
    assert last_told(ALMA) == told
    assert Knowledge(office.version, [ALMA]).missing(ALMA).news == ""


def test_a_reduction_told_by_hand_is_what_was_decided_and_holds_after_the_notice_from_that_talk(
    office: SimpleNamespace,
) -> None:
    letter(office, ALMA, "A", date(2026, 1, 5), date(2026, 1, 5))
    decided(office, ALMA, "C", TODAY + timedelta(3))
    told = by_hand(office, ALMA)
    assert (told.class_key, told.told_on) == ("C", TODAY + NOTICE)
    days = (TODAY, TODAY + timedelta(3), TODAY + NOTICE - timedelta(1), TODAY + NOTICE)
    assert [callback(office, ALMA, day) for day in days] == ["same_day", "same_day", "same_day", "next_workday"]


def test_a_reduction_decided_for_later_than_the_notice_holds_from_the_day_decided(office: SimpleNamespace) -> None:
    letter(office, ALMA, "A", date(2026, 1, 5), date(2026, 1, 5))
    decided(office, ALMA, "C", TODAY + timedelta(90))
    assert by_hand(office, ALMA).told_on == TODAY + timedelta(90)


def test_to_say_again_what_a_letter_announced_does_not_put_it_off(office: SimpleNamespace) -> None:
    begins = TODAY + timedelta(5)
    letter(office, ALMA, "A", date(2026, 1, 5), date(2026, 1, 5))
    decided(office, ALMA, "C", begins)
    letter(office, ALMA, "C", begins - NOTICE, begins)
    assert by_hand(office, ALMA).told_on == begins


def test_what_is_less_than_a_letter_announced_holds_after_a_notice_of_its_own(office: SimpleNamespace) -> None:
    """Caro reads that Premium begins; told on the phone that it does not, she has that long to get used to it."""
    letter(office, CARO, "C", date(2026, 1, 5), date(2026, 1, 5))
    letter(office, CARO, "A", TODAY - timedelta(2), TODAY + timedelta(4))
    assert by_hand(office, CARO).told_on == TODAY + NOTICE
    days = (TODAY, TODAY + timedelta(4), TODAY + NOTICE)
    assert [callback(office, CARO, day) for day in days] == ["next_workday", "same_day", "next_workday"]


def test_a_note_that_comes_late_does_not_take_the_place_of_what_was_said_after_it(office: SimpleNamespace) -> None:
    letter(office, CARO, "A", TODAY - timedelta(5), TODAY - timedelta(5))
    by_hand(office, CARO, TODAY - timedelta(9))
    assert callback(office, CARO, TODAY) == "same_day"


def test_the_page_says_what_is_noted_and_from_when_on_it_holds(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    letter(office, ALMA, "A", date(2026, 1, 5), date(2026, 1, 5))
    decided(office, ALMA, "C", TODAY + timedelta(3))
    client = as_role("assistant")
    asks = client.get(f"/customers/{ALMA}/told/").content.decode()
    assert "Für ihn gilt „Klassik“" in asks
    assert "frühestens 30 Tage nach diesem Gespräch" in asks
    saved = client.post(f"/customers/{ALMA}/told/", {"told_on": str(TODAY), "how": "call"}, follow=True)
    assert "Für diesen Kunden gilt ab dem 26.12.2026: Klassik." in saved.content.decode()


# --- for whatever was said in whatever order

KEYS = ("A", "B", "C")
POLICY = people.changed()
VERSION = PolicyVersion(pk=1, text=people.POLICY, hash=POLICY.hash, valid_from=date(2026, 1, 1))
SAID = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 40), st.integers(0, 20)), min_size=1, max_size=6)


def less(before: str, after: str) -> bool:
    return any(item.weakened for item in changed_promises(POLICY, POLICY, before, after))


@given(said=SAID)
def test_nothing_anybody_says_lowers_a_promise_before_its_notice_is_over(said: Any) -> None:
    known: list[Told] = []
    day = date(2026, 3, 2)
    for key, gap, later in said:
        day += timedelta(gap)
        holds = Telling(VERSION, day).holds_from(key, known)
        told = [*known, Told(policy=VERSION, class_key=key, said_on=day, told_on=max(holds, day + timedelta(later)))]
        for step in range(NOTICE.days):
            before, after = held_on(known, day + timedelta(step)), held_on(told, day + timedelta(step))
            assert after is None or before is None or not less(before.class_key, after.class_key)
        last = held_on(told, day + NOTICE)
        assert last is not None
        assert last.class_key == key
        known = told
