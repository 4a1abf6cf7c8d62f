"""Hours owed by weeks: the sum over the year is the hours check."""

from __future__ import annotations

from collections import Counter

from tests.people import ALMA, CARO, TODAY, booked, call, changed, full_logs, full_year, person, tables

from zusage.capacity.weeks import YearPlan, plan_year
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy


def planned(policy: Policy | None = None) -> Plan:
    people = [person(ALMA, distance_m=5000), person(CARO)]
    book = tables(
        customers=people, yields=[booked(ALMA, 700), *full_year(ALMA)], work=[call(CARO)] * 3, logs=full_logs("calls")
    )
    return make_plan(book, policy or changed(), as_of=TODAY)


def year_of(plan: Plan) -> YearPlan:
    return plan_year(plan.units.lazy(), plan.roles, plan.policy, plan.periods.as_of)


def test_the_weeks_add_up_to_the_hours_check_for_each_role_class_source_and_service() -> None:
    plan = planned()
    year = year_of(plan)
    for loads in (year.owed, year.levelled):
        sums: Counter[tuple[str, str | None, str, str | None]] = Counter()
        for row in loads:
            sums[row.role, row.class_key, row.source, row.service] += row.seconds
        assert sums == {
            (load.role, load.class_key, load.source, load.service): load.seconds for load in plan.hours.loads
        }


def test_a_role_whose_hours_are_just_used_up_works_its_usual_day() -> None:
    year = year_of(planned())
    assert year.usual_day("owner") == 8 * 3600
    there = year.weeks_there("owner")[0]
    assert there.workdays == 5
    full = [peak.owed_seconds * 1000 // peak.there_seconds for peak in year.peaks("owner")]
    for day, share in zip(year.hours_a_day("owner"), full, strict=True):
        assert day is not None
        assert abs(day - (8 * 3600 * 600 // 1000 + 8 * 3600 * 400 // 1000 * share // 1000)) <= 15
