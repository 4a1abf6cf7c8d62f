"""Hours owed by promises and requests against the hours there are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import ALMA, CARO, TODAY, booked, call, changed, full_logs, full_year, person, tables

from zusage.capacity.load import shared, workdays
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy


def run(policy: Policy | None = None) -> Plan:
    people = [person(ALMA, distance_m=5000), person(CARO)]
    book = tables(
        customers=people, yields=[booked(ALMA, 700), *full_year(ALMA)], work=[call(CARO)] * 3, logs=full_logs("calls")
    )
    return make_plan(book, policy or changed(), as_of=TODAY)


def test_a_promised_check_costs_its_time_the_work_around_it_and_the_way() -> None:
    loads = {(load.class_key, load.source, load.service): load.seconds for load in run().hours.loads}
    # 60 + 60 minutes; no venue is promised, so the service decides: twice 5 km at a minute each
    assert loads[("A", "promise", "annual_check")] == 7200 + 600
    assert loads[("C", "asked", None)] == 3 * 600


def test_where_the_class_is_seen_in_the_office_there_is_no_way_to_count() -> None:
    policy = changed(
        ("services:\n", "services:\n  venue: {name: Ort, kind: standard, measure: venue}\n"),
        ("matrix:\n", "matrix:\n  venue: {A: office, B: office, C: office}\n"),
    )
    assert [load.seconds for load in run(policy).hours.loads if load.service == "annual_check"] == [7200]


def test_an_issue_is_written_once_however_many_receive_it() -> None:
    letter = "  letter: {name: Brief, kind: standard, measure: publication, per_issue: 120, role: owner}\n"
    row = "  letter: {A: {mode: print, per_year: 4}, B: {mode: email, per_year: 4}, C: {mode: email, per_year: 4}}\n"
    policy = changed(("services:\n", "services:\n" + letter), ("matrix:\n", "matrix:\n" + row))
    assert [load.seconds for load in run(policy).hours.loads if load.service == "letter"] == [4 * 7200]


def test_promises_that_do_not_fit_are_said_to_be_short() -> None:
    policy = changed(("A: {mode: guaranteed, per_year: 1}", "A: {mode: guaranteed, per_year: 400}"))
    check = run(policy).hours
    assert (check.answer, check.short_roles) == ("short", ("owner",))
    assert run().hours.answer == "fits"


def test_below_the_stated_coverage_the_answer_is_unknown_and_never_yes() -> None:
    policy = changed(
        ("prior_years: 0,", "prior_years: 3, coverage: 60 %,"),
        ("match: [{log: calls", "expected: {per_customer: 3}, match: [{log: calls"),
    )
    plan = run(policy)
    assert plan.hours.answer == "unknown"
    assert plan.hours.coverage_permille < 600
    assert "plan_coverage" in {finding.reason.code for finding in plan.findings}


def test_months_share_the_year_by_their_working_days() -> None:
    check = run().hours
    assert [month.first_on for month in check.months][:2] == [date(2026, 11, 1), date(2026, 12, 1)]
    assert sum(month.owed_seconds for month in check.months) == check.owed_seconds
    assert sum(seconds for _, _, seconds in check.by_month()) == check.owed_seconds
    assert check.months[0].owed_seconds == check.owed_seconds * 20 // 253


@pytest.mark.parametrize(
    ("month", "days"),
    [
        (date(2026, 11, 1), 20),  # Saxony keeps Buß- und Bettag on 18 November
        (date(2026, 12, 1), 22),
        (date(2026, 5, 1), 18),
        (date(2026, 6, 1), 22),
    ],
)
def test_public_holidays_of_the_state_are_no_working_days(month: date, days: int) -> None:
    assert workdays(month, changed()) == days


@given(st.integers(0, 10**9), st.lists(st.integers(0, 31), min_size=1, max_size=24).filter(any))
def test_what_is_split_adds_up_again(total: int, weights: list[int]) -> None:
    assert sum(shared(total, weights)) == total
