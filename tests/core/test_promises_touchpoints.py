"""What is due next, unasked: by number a year, by season, after a delivery; as a list and as a calendar file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import ALMA, EMIL, NAMES, TODAY, booked, changed, full_year, tables

from zusage import engine
from zusage.ground.reasons import Refused
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy, Promise
from zusage.promises.cadence import due_days, in_season, step
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.deliveries import calendar_file, last_deliveries
from zusage.promises.owed import owed
from zusage.promises.standing import Request, Standing
from zusage.promises.touchpoints import falling_due

CHECK = "annual_check:\n    {name: Jahrescheck, kind: exclusive, measure: cadence,"
EMAIL = "per_issue: 60, promise: {mode: email, per_year: 2}"
PLAIN = changed()


def check_of(policy: Policy, key: str = "A") -> Promise:
    return next(item for item in policy.promises_of(key) if item.service == "annual_check")


def seasonal(field: str) -> Policy:
    return changed((CHECK, f"{CHECK} {field},"))


@pytest.mark.parametrize(
    ("per_year", "steps"),
    [
        (1000, ["2027-01-31", "2028-01-31"]),
        (4000, ["2026-04-30", "2026-07-31"]),
        (500, ["2028-01-31", "2030-01-31"]),
        (5000, ["2026-04-14", "2026-06-26"]),
    ],
)
def test_intervals_are_whole_months_where_they_fit_and_never_drift(per_year: int, steps: list[str]) -> None:
    assert [step(date(2026, 1, 31), per_year, number).isoformat() for number in (1, 2)] == steps


@pytest.mark.parametrize(
    ("field", "planned", "expected"),
    [
        ("avoid: [nov, dec]", "2026-11-09", "2027-01-04"),  # New Year's Day is a Friday
        ("avoid: [nov, dec]", "2026-10-09", "2026-10-09"),
        ("prefer: [feb, mar]", "2026-04-09", "2027-02-01"),
        ("prefer: [feb, mar]", "2026-03-28", "2026-03-30"),  # a Saturday
    ],
)
def test_seasons_move_a_day_on_to_where_it_suits(field: str, planned: str, expected: str) -> None:
    policy = seasonal(field)
    day = in_season(policy.service("annual_check"), calendar_of(policy), date.fromisoformat(planned))
    assert day == date.fromisoformat(expected)


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2026, 1, 1)),
    st.sampled_from([300, 500, 1000, 2000, 4000, 5000, 24_000]),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.integers(0, 400),
)
def test_the_days_of_two_spans_are_those_of_the_whole(start: date, per_year: int, first: date, days: int) -> None:
    policy = seasonal("avoid: [aug]")
    promise, calendar = replace(check_of(policy), per_year_milli=per_year), calendar_of(policy)
    middle, last = date.fromordinal(first.toordinal() + days // 2), date.fromordinal(first.toordinal() + days)
    after = date.fromordinal(middle.toordinal() + 1)
    parts = [
        *due_days(policy, calendar, promise, start, first, middle),
        *due_days(policy, calendar, promise, start, after, last),
    ]
    assert parts == list(due_days(policy, calendar, promise, start, first, last))
    assert all(calendar.day_periods(day) for day in parts)


def planned(policy: Policy = PLAIN) -> Plan:
    rows = [booked(ALMA, 700), booked(EMIL, 800), *full_year()]
    return make_plan(tables(yields=rows), policy, as_of=TODAY)


def test_checks_fall_due_on_each_customers_day_and_issues_on_the_same_day_for_all() -> None:
    policy = changed(
        (
            "matrix:\n",
            f"  letter: {{name: Brief, kind: standard, measure: publication, {EMAIL}, role: owner}}\nmatrix:\n",
        )
    )
    rows = engine.rows(
        falling_due(planned(policy).units.lazy(), policy, calendar_of(policy), date(2027, 1, 1), date(2027, 3, 31))
    )
    assert [(row["due_on"], row["unit_id"], row["service"]) for row in rows] == [
        (date(2027, 1, 4), "0001", "letter"),
        (date(2027, 1, 4), "0003", "letter"),
        (date(2027, 1, 4), "0004", "letter"),
        (date(2027, 1, 4), EMIL, "annual_check"),
        (date(2027, 1, 4), EMIL, "letter"),
        (date(2027, 3, 1), ALMA, "annual_check"),
    ]
    assert {row["seconds"] for row in rows if row["service"] == "annual_check"} == {7200}


def test_a_delivery_counts_only_where_the_policy_says_so() -> None:
    later = changed(("\nactivities:", "\ntouchpoints: {next_from: delivery}\nactivities:"))
    done = {(ALMA, "annual_check"): date(2026, 6, 15)}
    first, last = date(2027, 1, 5), date(2027, 12, 1)
    for policy, expected in ((PLAIN, [date(2027, 3, 1)]), (later, [date(2027, 6, 15)])):
        rows = falling_due(planned(policy).units.lazy(), policy, calendar_of(policy), first, last, done)
        assert [row["due_on"] for row in engine.rows(rows) if row["unit_id"] == ALMA] == expected


def test_the_table_of_what_is_owed_equals_the_answers_row_by_row() -> None:
    plan, calendar = planned(), calendar_of(PLAIN)
    rows = engine.rows(owed(plan.units.lazy(), PLAIN))
    found = {(row["unit_id"], row["service"]): (row["mode"], row["per_year_milli"], row["role"]) for row in rows}
    asked = datetime.fromisoformat("2026-11-20T10:00+01:00")
    expected = {}
    for unit in engine.rows(plan.units):
        for service in PLAIN.services:
            answer = decide(PLAIN, calendar, Standing(unit["unit_id"], unit["class_key"]), Request(asked, service.key))
            if answer.promise is not None:
                promise = answer.promise
                expected[unit["unit_id"], service.key] = (promise.mode, promise.per_year_milli, promise.role)
    assert found == expected


def test_a_list_of_deliveries_is_read_and_every_wrong_line_is_told() -> None:
    units = {key: key for key in NAMES}
    head = "customer_id;service;delivered_on"
    good = [head, "0001;annual_check;2026-03-01", "0001;annual_check;2025-03-01"]
    assert last_deliveries(good, units, PLAIN, "done.csv") == {(ALMA, "annual_check"): date(2026, 3, 1)}
    bad = [head, "77;annual_check;2026-03-01", "0001;dance;2026-03-01", "0001;callback;1.3.26"]
    with pytest.raises(Refused) as caught:
        last_deliveries(bad, units, PLAIN, "x")
    assert [(item.reason.code, item.where.line) for item in caught.value.findings] == [
        ("cli_no_customer", 2),
        ("promise_unknown_service", 3),
        ("worktime_bad_date", 4),
    ]
    with pytest.raises(Refused) as caught:
        last_deliveries(["a;b"], units, PLAIN, "x")
    assert [item.reason.code for item in caught.value.findings] == ["due_columns"]


def test_the_calendar_file_has_folded_and_escaped_lines() -> None:
    name = "Größe-Exempel, Muster & Söhne; " * 4
    row = {"due_on": date(2026, 12, 31), "unit_id": ALMA, "service": "annual_check", "name": name}
    written = calendar_file([row], PLAIN, "de")
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75
    unfolded = written.replace("\r\n ", "").split("\r\n")
    assert unfolded[3:10] == [
        "BEGIN:VEVENT",
        "UID:20261231-0001-annual_check@zusage",
        "DTSTAMP:20261231T000000Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "SUMMARY:Jahrescheck: " + name.replace(",", "\\,").replace(";", "\\;"),
        "TRANSP:TRANSPARENT",
    ]
    assert unfolded[-2:] == ["END:VCALENDAR", ""]
