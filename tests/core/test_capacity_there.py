"""Hours there by weeks: the capacity of a role placed by the firm's calendar, known absences and closures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import changed

from zusage.capacity.there import Absence, hours_there, read_absences, weeks_ahead
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy

MONDAYS = weeks_ahead(date(2026, 10, 31))
ROLE = "owner: {owner: true, imputed_wage: 96000, weekly_hours: 40, weeks: 50, practical_share: 40 %}"


def with_role(more: str) -> Policy:
    return changed((ROLE, f"owner: {{owner: true, imputed_wage: 96000, practical_share: 40 %, {more}}}"))


def closed(first: str, last: str) -> Policy:
    closures = f"opening: {{closures: [{{first: {first}, last: {last}}}]}}\nresources:"
    return changed(("resources:", closures))


def days(first: date, last: date) -> st.SearchStrategy[date]:
    return st.integers(0, (last - first).days).map(lambda step: first + timedelta(days=step))


absences = st.lists(
    st.tuples(days(MONDAYS[0], MONDAYS[-1]), st.integers(0, 30), st.integers(0, 1500)).map(
        lambda it: Absence("owner", it[0], it[0] + timedelta(days=it[1]), it[2])
    ),
    max_size=6,
)


@given(absences, st.integers(1, 52), st.integers(1, 40), st.integers(1, 5))
def test_the_weeks_add_up_to_the_capacity_unless_more_is_absent_than_there_is_leave(
    known: list[Absence], weeks: int, weekly: int, people: int
) -> None:
    policy = with_role(f"weeks: {weeks}, weekly_hours: {weekly}, people: {people}")
    there, said = hours_there(policy, MONDAYS, known)
    lacking = policy.role("owner").capacity_seconds() - sum(week.seconds for week in there)
    assert [finding.reason.values["lacking_seconds"] for finding in said] == ([lacking] if lacking else [])
    away = sum(item.people_milli * ((item.last - item.first).days + 1) for item in known)
    if weeks <= 49 and away <= people * (49 - weeks) * 5 * 1000:  # 249 working days, less ten holidays
        assert lacking == 0


def test_leave_without_dates_is_spread_over_the_working_days() -> None:
    there, _ = hours_there(with_role("weeks: 44, weekly_hours: 40"), MONDAYS)
    by_monday = {week.monday: week for week in there}
    usual, christmas = by_monday[date(2026, 11, 9)], by_monday[date(2026, 12, 21)]
    assert (usual.workdays, christmas.workdays) == (5, 4)  # 25 December is a Friday
    assert abs(usual.seconds * 4 - christmas.seconds * 5) <= 9
    assert usual.people_milli == christmas.people_milli < 1000


def test_a_known_absence_lies_where_it_lies_and_is_taken_from_the_leave() -> None:
    policy = with_role("weeks: 44, weekly_hours: 40")
    away = Absence("owner", date(2027, 7, 5), date(2027, 7, 16))
    there, said = hours_there(policy, MONDAYS, [away])
    before, _ = hours_there(policy, MONDAYS)
    by_monday = {week.monday: week.seconds for week in there}
    assert (by_monday[date(2027, 7, 5)], by_monday[date(2027, 7, 12)], said) == (0, 0, ())
    assert sum(by_monday.values()) == sum(week.seconds for week in before)
    assert by_monday[date(2027, 3, 8)] > {week.monday: week.seconds for week in before}[date(2027, 3, 8)]


def test_a_closure_of_the_firm_is_an_absence_of_everybody() -> None:
    there, said = hours_there(closed("2026-12-21", "2027-01-03"), MONDAYS)
    by_monday = {week.monday: week for week in there}
    assert (by_monday[date(2026, 12, 28)].workdays, by_monday[date(2026, 12, 28)].seconds) == (0, 0)
    # 50 weeks at work leave no leave beside the holidays: two weeks closed are then two weeks less
    assert [finding.reason.code for finding in said] == ["capacity_more_absent"]


def test_a_firm_that_is_closed_all_year_has_no_hours_and_is_told_so() -> None:
    there, said = hours_there(closed("2026-01-01", "2028-12-31"), MONDAYS)
    assert {week.seconds for week in there} == {0}
    assert [finding.reason.code for finding in said] == ["capacity_closed"]


def test_part_time_is_fewer_hours_and_the_limit_is_a_share_of_them() -> None:
    half, _ = hours_there(with_role("weeks: 44, weekly_hours: 20"), MONDAYS)
    full, _ = hours_there(with_role("weeks: 44, weekly_hours: 40"), MONDAYS)
    assert sum(week.seconds for week in half) * 2 == sum(week.seconds for week in full)
    used = changed().utilisation_permille
    assert sum(week.limit_seconds for week in full) == sum(week.seconds for week in full) * used // 1000


def test_a_list_of_absences_is_read_with_people_or_without() -> None:
    lines = ["role;first_on;last_on;people", "owner;2026-12-21;2026-12-31;0,5", "owner;2027-01-04;2027-01-05;"]
    assert read_absences(lines, changed(), "absences.csv") == (
        Absence("owner", date(2026, 12, 21), date(2026, 12, 31), 500),
        Absence("owner", date(2027, 1, 4), date(2027, 1, 5)),
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("boss,2026-12-21,2026-12-31,1", "capacity_absence_role"),
        ("owner,2026-12-31,2026-12-21,1", "capacity_absence_reversed"),
        ("owner,soon,2026-12-21,1", "worktime_bad_date"),
        ("owner,2026-12-21,2026-12-31,many", "capacity_absence_people"),
    ],
)
def test_each_line_that_cannot_be_used_is_named(line: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_absences(["role,first_on,last_on,people", line], changed(), "absences.csv")
    assert [(item.reason.code, item.where.line) for item in refused.value.findings] == [(code, 2)]


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_absences(["wer;wann"], changed(), "absences.csv")
    assert refused.value.findings[0].reason.code == "capacity_absence_columns"
