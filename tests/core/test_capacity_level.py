"""The levelled year: nothing lost, nothing doubled, nothing late, and no week worse than the worst there was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import changed, columns

from zusage import engine
from zusage.capacity.there import Absence
from zusage.capacity.weeks import Former, YearPlan, former_classes, plan_year
from zusage.cost.firm import RoleHours
from zusage.engine import Frame, Schema
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.promises.cadence import wanted_month
from zusage.promises.clock import calendar_of
from zusage.promises.touchpoints import falling_due

AS_OF = date(2026, 10, 31)
CHECK = "{name: Jahrescheck, kind: exclusive, measure: cadence, minutes: 60, around: 60, role: owner, travel: true}"
REVIEW = "  review: {name: Depotcheck, kind: exclusive, measure: cadence, minutes: 30, role: owner}\n"
LETTER = "  letter: {name: Brief, kind: standard, measure: publication, per_issue: 600, minutes: 5, role: owner}\n"
CARE = "  care: {name: Anlass, kind: standard, measure: occasion, minutes: 30, role: owner}\n"
UNITS: Schema = {
    "unit_id": engine.nw.String,
    "class_key": engine.nw.String,
    "previous_key": engine.nw.String,
    "since": engine.nw.Date,
    "distance_m": engine.nw.Int64,
    "asked_owner_seconds": engine.nw.Int64,
    "duty_owner_seconds": engine.nw.Int64,
    "granted_owner_seconds": engine.nw.Int64,
    "service_seconds": engine.nw.Int64,
    "observed_seconds": engine.nw.Int64,
}
SEASONS = ("", ", avoid: [jul, aug, dec]", ", prefer: [feb, mar, apr]", ", prefer: [oct]", ", avoid: [nov]")


def policy_with(a: str = "1", b: str = "0.5", season: str = "", more: str = "") -> Policy:
    return changed(
        (CHECK, CHECK.replace("}", f"{season}}}")),
        ("matrix:\n", REVIEW + LETTER + CARE + "matrix:\n  review: {A: {mode: guaranteed, per_year: 1}}\n"
         "  letter: {A: {mode: print, per_year: 4}, B: {mode: email, per_year: 4}}\n"
         "  care: {A: {mode: active, per_year: 2}}\n"),
        ("annual_check: {A: {mode: guaranteed, per_year: 1}, B: on_request}",
         f"annual_check: {{A: {{mode: guaranteed, per_year: {a}}}, B: {{mode: guaranteed, per_year: {b}}}}}"),
        ("evidence:", f"{more}evidence:"),
    )  # fmt: skip


def units_of(rows: Sequence[dict[str, Any]]) -> Frame:
    nought = dict.fromkeys((name for name in UNITS if name.endswith(("seconds", "_m"))), 0)
    full = [{"unit_id": f"{place:04}", **nought, **row} for place, row in enumerate(rows)]
    return engine.table(columns(full, tuple(UNITS)), UNITS)


def hours_of(policy: Policy, lost: int = 0) -> list[RoleHours]:
    role = policy.role("owner")
    return [RoleHours("owner", role.capacity_seconds(), 0, lost, role.internal_seconds_year(), 0, 0, 4_000_000)]


def year_of(rows: Sequence[dict[str, Any]], policy: Policy, **more: Any) -> YearPlan:
    return plan_year(units_of(rows), hours_of(policy), policy, AS_OF, **more)


units = st.lists(
    st.fixed_dictionaries(
        {
            "class_key": st.sampled_from("ABC"),
            "since": st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2026, 10, 1))),
            "distance_m": st.integers(0, 30_000),
            "asked_owner_seconds": st.integers(0, 20_000),
            "service_seconds": st.just(1000),
            "observed_seconds": st.just(1000),
        }
    ),
    min_size=1,
    max_size=30,
)
policies = st.builds(
    policy_with,
    a=st.sampled_from(["1", "2", "4", "0.5", "12"]),
    b=st.sampled_from(["0.5", "1", "3"]),
    season=st.sampled_from(SEASONS),
)
absences = st.lists(
    st.builds(
        lambda start, length: Absence("owner", AS_OF + timedelta(start), AS_OF + timedelta(start + length)),
        st.integers(0, 360),
        st.integers(0, 20),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(units, policies, absences)
def test_levelling_loses_nothing_doubles_nothing_is_never_late_and_raises_no_worst_week(
    rows: list[dict[str, Any]], policy: Policy, known: list[Absence]
) -> None:
    year = year_of(rows, policy, absences=known)
    first, last = year.mondays[0], date(2027, 11, 1)
    started = [row for row in rows if row["since"]]
    due = engine.rows(
        falling_due(units_of(rows), policy, calendar_of(policy), first, last).filter(
            engine.nw.col("service").is_in(["annual_check", "review"])
        )
    )
    have = {f"{place:04}" for place, row in enumerate(rows) if row["since"]}
    expected = Counter((row["unit_id"], row["service"], row["due_on"]) for row in due if row["unit_id"] in have)
    found = Counter((item.unit_id, item.service, item.due_on) for item in year.contacts if item.unit_id in have)
    assert found == expected
    assert bool(started) or not expected
    for item in year.contacts:
        service = policy.service(item.service)
        week_due = item.due_on - timedelta(item.due_on.weekday())
        assert item.monday <= week_due or (service.prefer_months and item.due_on.month in service.prefer_months)
        if item.monday != week_due and item.monday != year.mondays[-1]:
            days = (item.monday + timedelta(step) for step in range(5))
            assert any(wanted_month(service, day.month) for day in days)
    before, after = year.worst(levelled=False), year.worst()
    if before.permille is not None:
        assert after.permille is not None
        assert after.owed_seconds * before.there_seconds <= before.owed_seconds * after.there_seconds
        assert year.bound_permille["owner"] <= after.permille
    assert sums(year.owed) == sums(year.levelled)


def sums(loads: Sequence[Any]) -> Counter[tuple[str, str | None, str, str | None]]:
    found: Counter[tuple[str, str | None, str, str | None]] = Counter()
    for row in loads:
        found[row.role, row.class_key, row.source, row.service] += row.seconds
    return found


@settings(max_examples=40, deadline=None)
@given(units, policies, st.integers(0, 10**6))
def test_hours_owed_are_customers_unassigned_internal_and_issues(
    rows: list[dict[str, Any]], policy: Policy, lost: int
) -> None:
    year = plan_year(units_of(rows), hours_of(policy, lost), policy, AS_OF)
    by_source = {source: sum(row.seconds for row in year.owed if row.source == source) for source in SOURCES}
    assert by_source["asked"] == sum(row["asked_owner_seconds"] for row in rows)
    assert by_source["unassigned"] == lost
    assert by_source["internal"] == policy.role("owner").internal_seconds_year()
    reached = {row["class_key"] for row in rows} & {"A", "B"}
    assert by_source["issue"] == (4 * 600 * 60 if reached else 0)
    exact = sum(_promised_milli(row, policy) for row in rows) / 1000
    assert (
        abs(by_source["promise"] - exact) <= 20
    )  # the way of a class is rounded once, and then comes twelve times a year
    assert sum(by_source.values()) == sum(row.seconds for row in year.owed)


SOURCES = ("promise", "issue", "asked", "duty", "unassigned", "internal")


def _promised_milli(row: dict[str, Any], policy: Policy) -> Fraction:
    found = Fraction()
    for promise in policy.promises_of(row["class_key"]):
        service = policy.service(promise.service)
        if service.measure in ("cadence", "publication", "occasion") and promise.role:
            way = Fraction(2 * row["distance_m"] * policy.travel.seconds_per_km, 1000) if service.travel else 0
            found += (promise.seconds + service.around_seconds + way) * promise.per_year_milli
    return found


@settings(max_examples=30, deadline=None)
@given(units, st.sampled_from(["2", "4", "12"]), st.sampled_from(SEASONS[:2]))
def test_deliveries_of_one_service_to_one_customer_keep_their_distance(
    rows: list[dict[str, Any]], a: str, season: str
) -> None:
    year = year_of(rows, policy_with(a=a, season=season))
    shifts: dict[tuple[str, str], set[int]] = {}
    for item in year.contacts:
        week = min((item.due_on - year.mondays[0]).days // 7, 51)
        shift = week - (item.monday - year.mondays[0]).days // 7
        shifts.setdefault((item.unit_id, item.service), set()).add(shift)
    assert all(len(found) == 1 for found in shifts.values())


def test_two_services_due_on_one_day_come_some_weeks_apart() -> None:
    rows = [{"class_key": "A", "since": date(2020, 6, 1)}] * 10
    year = year_of(rows, policy_with())
    weeks: dict[str, list[date]] = {}
    for item in year.contacts:
        weeks.setdefault(item.unit_id, []).append(item.monday)
    assert min(abs((one - other).days) for one, other in weeks.values()) >= 28


def test_a_heap_on_one_day_is_spread_to_what_the_best_plan_can_do() -> None:
    rows = [{"class_key": "A", "since": date(2020, 6, 1)}] * 100
    year = year_of(rows, policy_with())
    assert (year.worst(levelled=False).permille or 0) > 10_000
    assert (year.worst().permille or 0) <= year.bound_permille["owner"] + 100  # a delivery is 126 of a week


def test_a_preferred_season_is_the_window_of_what_it_moved() -> None:
    rows = [{"class_key": "A", "since": date(2020, 6, 1)}] * 40
    year = year_of(rows, policy_with(season=", prefer: [feb, mar, apr]"))
    checks = [item for item in year.contacts if item.service == "annual_check"]
    assert {item.due_on for item in checks} == {date(2027, 2, 1)}
    assert len({item.monday for item in checks}) > 8
    assert {item.monday.month for item in checks} <= {2, 3, 4}


def test_a_service_that_avoids_every_month_is_refused_before_anything_is_planned() -> None:
    with pytest.raises(Refused) as refused:
        policy_with(season=", avoid: [jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec]")
    assert [item.reason.code for item in refused.value.findings] == ["policy_no_month_left"]


def test_former_promises_hold_to_the_end_of_their_week_and_relief_has_a_day() -> None:
    rows = [{"class_key": "C", "previous_key": "A", "since": date(2020, month, 10)} for month in range(1, 13)]
    policy = policy_with()
    until = date(2027, 2, 3)
    year = year_of(rows, policy, former=[Former(f"{place:04}", "A", until) for place in range(12)])
    assert year.relief_on == date(2027, 2, 8)
    due = [row for row in year.owed if row.service == "annual_check"]
    assert max(row.monday for row in due) <= date(2027, 2, 1)
    assert len({item.unit_id for item in year.contacts}) == 3  # those of November, December and January
    assert year_of(rows, policy).relief_on is None


def test_who_goes_down_keeps_the_former_promises_until_the_notice_has_passed() -> None:
    rows = [{"class_key": "C", "previous_key": "A"}, {"class_key": "A", "previous_key": "C"}, {"class_key": "B"}]
    policy = policy_with()
    until = AS_OF + timedelta(days=policy.review.notice_days)
    assert former_classes(units_of(rows), policy, AS_OF) == (Former("0000", "A", until),)


@settings(max_examples=20, deadline=None)
@given(units, st.integers(0, 29))
def test_a_customer_in_another_class_changes_what_that_customer_is_owed_and_nothing_else(
    rows: list[dict[str, Any]], place: int
) -> None:
    place %= len(rows)
    other = [{**row, "class_key": "C" if number == place else row["class_key"]} for number, row in enumerate(rows)]
    due = [{(item.unit_id, item.service, item.due_on) for item in year_of(each, policy_with()).contacts}
           for each in (rows, other)]  # fmt: skip
    assert {unit for unit, _, _ in due[0] ^ due[1]} <= {f"{place:04}"}


@pytest.mark.parametrize("closed", [True, False])
def test_bad_years_are_said_and_never_a_crash(closed: bool) -> None:
    rows = [{"class_key": "A", "since": date(2020, 6, 1), "duty_owner_seconds": 10**8}]
    more = "opening: {closures: [{first: 2026-01-01, last: 2028-12-31}]}\n" if closed else ""
    policy = changed(("resources:", f"{more}resources:"))
    year = year_of(rows, policy)
    codes = {item.reason.code for item in year.findings}
    assert codes == ({"capacity_closed"} if closed else set()) | {"capacity_floor_alone"}
    assert (year.worst().permille is None) == closed


def test_a_book_without_anybody_owes_what_the_firm_owes_itself() -> None:
    year = year_of([], policy_with())
    assert {row.source for row in year.owed} <= {"internal"}
    assert year.contacts == ()
