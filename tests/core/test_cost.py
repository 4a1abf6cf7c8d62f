"""Cost to serve: published golden tables first, then each rule of the account on one person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.people import ALMA, BELA, CARO, EMIL, TODAY, booked, call, changed, full_logs, full_year, person, tables

from zusage import engine
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text


def account(plan: Plan, customer: str) -> dict[str, Any]:
    return next(row for row in engine.rows(plan.accounts) if row["customer_id"] == customer)


def test_the_customer_service_department_of_kaplan_and_anderson_comes_out_to_the_cent() -> None:
    # Time-Driven Activity-Based Costing, HBR 11/2004: 560,000 a quarter, 700,000 minutes of 28 people.
    policy = read_policy_text("""
version: hbr
firm: {name: Customer service, state: SN}
resources:
  roles:
    clerk: {people: 28, yearly_cost: 560000, weekly_hours: "8:20", weeks: 50, practical_share: 100 %, all_logged: true}
activities:
  order: {cause: asked, role: clerk, minutes: 8}
  inquiry: {cause: asked, role: clerk, minutes: 44}
  credit: {cause: duty, role: clerk, minutes: 50}
yields: {look_back_months: 12}
evidence: {prior_years: 0}
classes: {household: single, best_first: {A: {when: {yield: 600}, like: C, level: 1}, C: {level: 1}}}
services: {advice: {name: Advice, kind: floor, measure: included}}
""").policy
    volumes = {"order": 49_000, "inquiry": 1_400, "credit": 2_500}
    work = [
        {"customer_id": key, "log": "times", "done_on": date(2026, 1, 1), "activity": activity}
        for (activity, count), key in zip(volumes.items(), (ALMA, BELA, CARO), strict=True)
        for _ in range(count)
    ]
    plan = make_plan(tables(work=work, logs=full_logs("times"), yields=full_year()), policy, as_of=TODAY)

    (clerk,) = plan.roles
    assert clerk.capacity_seconds == 700_000 * 60
    assert clerk.rate == 80 * 60 * 1000  # 0.80 a minute
    assert [clerk.cents(minutes * 60) for minutes in (8, 44, 50)] == [640, 3520, 4000]
    assert [account(plan, key)["cost_cents"] for key in (ALMA, BELA, CARO)] == [31_360_000, 4_928_000, 10_000_000]
    assert clerk.customers_seconds == 578_600 * 60
    assert clerk.cents(clerk.unused_seconds) == 9_712_000
    assert clerk.not_observed_seconds == 0
    assert plan.bridge[-1].cents == -56_000_000  # all of the cost, no yield


@pytest.mark.parametrize(
    ("new", "lines", "rush", "minutes"), [(0, 1, 0, 8), (1, 4, 0, 32), (0, 2, 1, 21), (1, 0, 1, 30)]
)
def test_a_time_equation_adds_its_terms(new: int, lines: int, rush: int, minutes: int) -> None:
    policy = changed(
        (
            "cause: asked, role: owner, minutes: 6, around: 4",
            "cause: asked, role: owner, minutes: 5, per_line: 3, if_new: 15, if_rush: 10",
        )
    )
    work = [call(CARO, seconds=None, new=new, lines=lines, rush=rush)]
    plan = make_plan(tables(work=work, logs=full_logs("calls")), policy, as_of=TODAY)
    assert account(plan, CARO)["asked_seconds"] == minutes * 60


def first_hour(policy: Policy, customers: int) -> Plan:
    people = [{"customer_id": f"{n:04}", "household_id": f"{n:04}", "name": "Muster"} for n in range(customers)]
    return make_plan(tables(customers=people, yields=[booked("0000", 100), *full_year("0000")]), policy, as_of=TODAY)


def test_without_any_times_a_customer_costs_the_firms_cost_divided_by_customers() -> None:
    # 50,000 for office and staff, 50,000 for the owner, 1,000 customers: 100 a customer and year.
    policy = changed(
        ("imputed_wage: 96000", "imputed_wage: 50000"), ("  base_cost: 10\n", "  overhead: 50000\n  base_cost: 10\n")
    )
    plan = first_hour(policy, 1000)
    assert account(plan, "0999")["cost_cents"] == 10_000
    assert [finding.reason.code for finding in plan.findings if finding.reason.code == "plan_first_hour"] == [
        "plan_first_hour"
    ]
    assert sum(row["cost_cents"] for row in engine.rows(plan.accounts)) == 10_000_000
    assert plan.bridge[-1].cents == sum(line.cents for line in plan.bridge[:-1])


def test_the_first_hour_estimate_says_how_unsure_it_is() -> None:
    policy = changed(("{yield: {from: 150, stay: 120}}", "{contribution: {from: 50, stay: 50}}"))
    plan = first_hour(policy, 1000)
    row = next(row for row in engine.rows(plan.units) if row["unit_id"] == "0000")
    assert (row["m_contribution_low"], row["m_contribution"], row["m_contribution_high"]) == (-18_800, 400, 10_000)
    assert row["undecided"]


def test_a_measured_call_costs_its_time_and_the_work_around_it() -> None:
    plan = make_plan(
        tables(work=[call(CARO, 600)], logs=full_logs("calls"), yields=full_year()), changed(), as_of=TODAY
    )
    row = account(plan, CARO)
    # 10 minutes and 4 around it; 96,000 a year for 800 hours is 120 an hour
    assert (row["asked_seconds"], row["asked_cents"], row["measured_seconds"]) == (840, 2800, 600)
    assert (row["base_cents"], row["cost_cents"]) == (1000, 3800)


def test_a_visit_costs_the_way_there_and_back_in_time_and_kilometres() -> None:
    people = [person(key, distance_m=30_000 if key == ALMA else None) for key in (ALMA, CARO)]
    visits = [
        {"customer_id": key, "log": "meetings", "place": "on_site", "done_on": TODAY, "seconds": 3600}
        for key in (ALMA, CARO)
    ]
    plan = make_plan(tables(customers=people, work=visits, logs=full_logs("meetings")), changed(), as_of=TODAY)
    far, near = account(plan, ALMA), account(plan, CARO)
    assert (far["granted_seconds"], far["granted_travel_cents"]) == (7200, 3000)
    assert (near["granted_seconds"], near["granted_travel_cents"]) == (4800, 1000)  # the assumed 10 km
    assert far["granted_cents"] == 2 * 12_000 + 3000


def test_half_a_year_of_log_counts_double() -> None:
    logs = [{"log": "calls", "first_on": date(2026, 5, 3), "last_on": TODAY}]  # 182 of 365 days
    plan = make_plan(tables(work=[call(CARO, 596)], logs=logs), changed(), as_of=TODAY)
    assert account(plan, CARO)["asked_seconds"] == round((596 + 240) * 365 / 182)


def test_a_customer_nobody_called_is_expected_to_call_like_others_with_as_many_contracts() -> None:
    policy = changed(
        (
            "match: [{log: calls, direction: in}]",
            "expected: {per_customer: 1, per_contract: 0.5}, match: [{log: calls, direction: in}]",
        ),
        ("prior_years: 0,", "prior_years: 1,"),
    )
    contracts = [{"contract_id": f"V{n}", "customer_id": CARO} for n in range(4)]
    plan = make_plan(tables(contracts=contracts, work=[call(EMIL)] * 7, logs=full_logs("calls")), policy, as_of=TODAY)
    # a = 1 year of 3 calls, n = 0, b + t = 2 years
    assert (account(plan, CARO)["contacts_milli"], account(plan, CARO)["asked_seconds"]) == (1500, 900)
    assert account(plan, EMIL)["contacts_milli"] == 4000  # (1 + 7) / 2


def test_one_off_money_is_spread_over_the_years_of_liability() -> None:
    money = [
        booked(ALMA, 1000, "one_off", date(2023, 6, 1)),
        booked(ALMA, 500, "one_off", date(2021, 10, 30)),
        *full_year(),
    ]
    plan = make_plan(tables(yields=money), changed(), as_of=TODAY)
    assert account(plan, ALMA)["one_off_cents"] == 20_000  # a fifth; what is older than five years is through
    assert "plan_cohorts_missing" not in {finding.reason.code for finding in plan.findings}


def test_a_cancellation_is_set_against_its_original_and_spread_like_it() -> None:
    money = [
        booked(ALMA, 1000, "one_off", date(2024, 6, 1), contract_id="L1"),
        booked(ALMA, -400, "cancellation", date(2026, 6, 1), contract_id="L1"),
        booked(CARO, -30, "cancellation", date(2026, 6, 1), contract_id="S9"),
        *full_year(),
    ]
    plan = make_plan(tables(yields=money), changed(), as_of=TODAY)
    assert (account(plan, ALMA)["one_off_cents"], account(plan, ALMA)["cancelled_cents"]) == (12_000, 0)
    assert (account(plan, CARO)["cancelled_cents"], account(plan, CARO)["yield_cents"]) == (-3000, -3000)


def test_gross_fees_count_without_their_tax() -> None:
    policy = changed(
        ("yields: {look_back_months: 12, ", "yields: {look_back_months: 12, fee: {gross: true, tax: 19 %}, ")
    )
    plan = make_plan(tables(yields=[booked(CARO, 119, "fee"), *full_year()]), policy, as_of=TODAY)
    assert account(plan, CARO)["fee_cents"] == 10_000


def test_only_covered_months_are_set_to_a_year() -> None:
    plan = make_plan(
        tables(yields=[booked(CARO, 50, on=date(2026, 5, 2)), booked(CARO, 50, on=TODAY)]), changed(), as_of=TODAY
    )
    assert (plan.periods.covered_months, account(plan, CARO)["recurring_cents"]) == (6, 20_000)
    assert [finding.reason.values for finding in plan.findings if finding.reason.code == "plan_months_missing"] == [
        {"covered_count": 6, "look_back_count": 12, "first_on": date(2026, 5, 2)}
    ]


def test_the_last_months_are_left_out_while_their_statements_are_not_in() -> None:
    policy = changed(("yields: {look_back_months: 12, ", "yields: {look_back_months: 12, buffer_months: 2, "))
    money = [
        booked(CARO, 100, on=date(2026, 8, 31)),
        booked(CARO, 100, on=date(2026, 9, 1)),
        booked(CARO, 0, on=date(2025, 9, 1)),
    ]
    plan = make_plan(tables(yields=money), policy, as_of=TODAY)
    assert (plan.periods.money_to, account(plan, CARO)["recurring_cents"]) == (date(2026, 8, 31), 10_000)


def test_the_bridge_leads_from_contributions_to_the_firms_result() -> None:
    lost = [{"table": "yields", "reason": "unknown_contract", "booked_on": date(2026, 2, 1), "amount_cents": 7700}]
    book = tables(
        yields=[booked(ALMA, 900), *full_year()], work=[call(CARO)] * 9, logs=full_logs("calls"), unassigned=lost
    )
    plan = make_plan(book, changed(), as_of=TODAY)
    lines = {line.code: line.cents for line in plan.bridge}
    assert lines["bridge_unassigned_yield"] == 7700
    assert lines["bridge_result"] == 90_000 + 7700 - 9_600_000
    assert sum(line.cents for line in plan.bridge[:-1]) == lines["bridge_result"]
    assert abs(lines["bridge_rounding"]) <= 5


def test_hours_no_log_saw_are_not_called_idle() -> None:
    plan = make_plan(tables(work=[call(CARO)], logs=full_logs("calls")), changed(), as_of=TODAY)
    (owner,) = plan.roles
    assert (owner.unused_seconds, owner.not_observed_seconds) == (0, 800 * 3600 - 600)
    logged = make_plan(
        tables(work=[call(CARO)], logs=full_logs("calls")),
        changed(("practical_share: 40 %", "practical_share: 40 %, all_logged: true")),
        as_of=TODAY,
    )
    assert (logged.roles[0].unused_seconds, logged.roles[0].not_observed_seconds) == (800 * 3600 - 600, 0)


def test_more_work_than_capacity_is_negative_unused_time() -> None:
    plan = make_plan(tables(work=[call(CARO, 3600 * 900)], logs=full_logs("calls")), changed(), as_of=TODAY)
    assert plan.roles[0].unused_seconds == (800 - 900) * 3600 - 240


def test_a_former_customer_is_left_out() -> None:
    book = tables(customers=[person(ALMA), person(CARO, former=True)], yields=[booked(CARO, 500), *full_year(ALMA)])
    plan = make_plan(book, changed(), as_of=TODAY)
    assert [row["customer_id"] for row in engine.rows(plan.accounts)] == [ALMA]
    assert {line.code: line.cents for line in plan.bridge}["bridge_former"] == 50_000


def test_a_mistyped_year_does_not_become_the_day_of_the_run() -> None:
    money = [booked(CARO, 100, on=date(2206, 5, 1)), *full_year()]
    plan = make_plan(tables(yields=money), changed(), not_after=date(2026, 11, 23))
    assert plan.periods.as_of == TODAY
    assert [dict(item.reason.values) for item in plan.findings if item.reason.code == "plan_later_rows"] == [
        {"rows_count": 1, "as_of_on": TODAY}
    ]


def test_a_book_without_any_day_is_one_of_the_day_it_is_reckoned() -> None:
    assert make_plan(tables(yields=[], work=[]), changed(), not_after=TODAY).periods.as_of == TODAY


def test_earned_time_is_what_the_yield_pays_for() -> None:
    policy = changed(
        (
            "evidence: {prior_years: 0, confidence: 80 %}",
            "evidence: {prior_years: 0}\nearned_time: {margin: 10 %, minimum_contacts: 2}",
        )
    )
    plan = make_plan(
        tables(yields=[booked(EMIL, 700), *full_year()], work=[call(EMIL)], logs=full_logs("calls")),
        policy,
        as_of=TODAY,
    )
    by_unit = {row["unit_id"]: row for row in engine.rows(plan.units)}
    # (700 − 10 base − 70 margin) ÷ 120 an hour
    assert (by_unit[EMIL]["earned_seconds"], by_unit[EMIL]["used_seconds"], by_unit[EMIL]["left_seconds"]) == (
        18_600,
        600,
        18_000,
    )
    assert by_unit[CARO]["earned_seconds"] == 2 * 600  # no yield, but two contacts a year
