"""When customers ask: the months of the log's whole years, believed as far as they were seen."""

from __future__ import annotations

from datetime import date, timedelta

from tests import growing
from tests.people import CARO, TODAY, call, changed, full_logs, tables

from zusage.capacity.season import Season, season_of
from zusage.capacity.weeks import plan_year
from zusage.cost import find_periods
from zusage.plan import make_plan
from zusage.policy.read import read_policy_text


def season(work: list[dict[str, object]], logs: list[dict[str, object]]) -> Season | None:
    book = tables(work=work, logs=logs)
    return season_of(book, changed(), find_periods(book, changed(), TODAY))


def test_a_month_with_twice_the_calls_weighs_more_and_less_than_twice_until_much_was_seen() -> None:
    calls = [call(CARO, on=date(2026, month, 4)) for month in range(1, 11)] * 40 + [
        call(CARO, on=date(2026, 5, 4))
    ] * 40
    found = season(calls, full_logs("calls"))
    assert found is not None
    asked = found.asked["owner"]
    assert asked[4] == max(asked)
    assert 1500 < asked[4] < 2600
    assert asked[11] < 400  # nobody called in December
    assert set(found.duty["owner"]) == {1000}  # nothing seen: working days


def test_a_log_of_less_than_a_year_knows_no_season() -> None:
    short = [{"log": "calls", "first_on": TODAY - timedelta(days=300), "last_on": TODAY}]
    assert season([call(CARO)], short) is None
    assert season([], []) is None


def test_the_season_of_one_roles_appointments_is_none_of_another_roles_calls() -> None:
    """The log of meetings covers the year, that of calls a few weeks."""
    policy = read_policy_text(growing.POLICY).policy
    met = call("0001", on=date(2026, 5, 4)) | {"log": "meetings", "direction": None}
    book = growing.book() | {
        name: tables(
            work=[met] * 300, logs=[*full_logs("meetings"), {"log": "calls", "first_on": TODAY, "last_on": TODAY}]
        )[name]
        for name in ("work", "logs")
    }
    found = season_of(book, policy, find_periods(book, policy, TODAY))
    assert found is not None
    assert found.asked["adviser"][4] > 5000
    assert set(found.asked["owner"]) == {1000}


def test_requests_lie_in_the_months_they_came_in_and_add_up_as_before() -> None:
    book = tables(work=[call(CARO, on=date(2026, 5, 4))] * 500, logs=full_logs("calls"))
    plan = make_plan(book, changed(), as_of=TODAY)
    units, roles = plan.units.lazy(), plan.roles
    with_season = plan_year(units, roles, plan.policy, TODAY, season=season_of(book, plan.policy, plan.periods))
    without = plan_year(units, roles, plan.policy, TODAY)
    may = with_season.mondays.index(date(2027, 5, 10))
    assert with_season.seconds("owner")[may] > 3 * without.seconds("owner")[may]
    assert sum(with_season.seconds("owner")) == sum(without.seconds("owner"))
