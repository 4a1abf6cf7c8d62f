"""Roles, the firm's calendar and known absences come in, the hours that are there for customers go out, week by week.

The practical capacity of a role (people × weekly hours × practical share × weeks at work) is a year's; a year here is
52 whole weeks, as in the weeks at work. It is placed by working days. Leave that nobody has dated yet is spread evenly.
A known absence, or a closure of the firm, lies where it lies and is taken from that leave: the sum over the year stays
the capacity of the role until more is absent than there is leave, which is then said.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from zusage.capacity.load import shared
from zusage.ground.money import half_up
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Place, Refused, mistake, warning
from zusage.policy import values
from zusage.policy.document import Policy, Role
from zusage.promises.clock import calendar_of

WEEKS = 52
WEEK = timedelta(days=7)
OFFICE_DAYS = 5
"""Working days in a week of one person, and of a firm whose usual week names no day."""
COLUMNS = ("role", "first_on", "last_on", "people")


@dataclass(frozen=True)
class Absence:
    """People of a role who are not there from a day to another, both included; 1000 is one person."""

    role: str
    first: date
    last: date
    people_milli: int = 1000


@dataclass(frozen=True)
class WeekThere:
    """A role in a week: working days, people at work on them in the mean, and their hours for customers."""

    role: str
    monday: date
    workdays: int
    people_milli: int
    seconds: int
    limit_seconds: int  # the part of them that may be owed: times the policy's utilisation


def weeks_ahead(day: date) -> tuple[date, ...]:
    """The Mondays of the 52 whole weeks from a day on; a week that has begun is left to the past.

    >>> weeks_ahead(date(2026, 10, 31))[0], weeks_ahead(date(2026, 11, 2))[0]
    (datetime.date(2026, 11, 2), datetime.date(2026, 11, 2))
    """
    first = day + timedelta(days=-day.weekday() % 7)
    return tuple(first + WEEK * step for step in range(WEEKS))


def open_days(policy: Policy, mondays: Sequence[date]) -> list[tuple[date, ...]]:
    """The working days of each week: days with any opening, without public holidays and closures."""
    calendar = calendar_of(policy)
    return [tuple(day for day in _week(monday) if calendar.day_periods(day)) for monday in mondays]


def hours_there(
    policy: Policy, mondays: Sequence[date], absences: Iterable[Absence] = ()
) -> tuple[tuple[WeekThere, ...], tuple[Finding, ...]]:
    """The hours of each role in each week, and what has to be said of them: absences or closures beyond all leave.

    Raises Refused where an absence names a role the policy does not have, or ends before it begins.
    """
    known = list(absences)
    _check(known, policy)
    weeks = open_days(policy, mondays)
    without_closures = replace(policy, opening=replace(policy.opening, closures=()))
    usual = sum(len(days) for days in open_days(without_closures, mondays))
    found: list[WeekThere] = []
    said: list[Finding] = []
    if not any(weeks):
        said.append(warning("capacity_closed", first_on=mondays[0], last_on=mondays[-1] + WEEK - timedelta(days=1)))
    for role in policy.roles:
        own = [item for item in known if item.role == role.key]
        there, lacking = _of_role(role, policy, mondays, weeks, usual, own)
        found += there
        if lacking and any(weeks):
            said.append(warning("capacity_more_absent", text=role.key, lacking_seconds=lacking))
    return tuple(found), tuple(said)


def _of_role(
    role: Role,
    policy: Policy,
    mondays: Sequence[date],
    weeks: Sequence[Sequence[date]],
    usual: int,
    absences: Sequence[Absence],
) -> tuple[list[WeekThere], int]:
    """The weeks of a role, and the seconds of its capacity that absences beyond all leave take away."""
    present = [sum(_present(role, day, absences) for day in days) for days in weeks]  # person-days, thousandths
    at_work = min(days_at_work(role, policy), role.people_milli * usual)
    most = min(at_work, sum(present))
    full = role.capacity_seconds()
    seconds = full * most // at_work if at_work else 0
    limit = half_up(seconds * policy.utilisation_permille, 1000)
    all_present = sum(present) or 1
    rows = zip(mondays, weeks, present, shared(seconds, present), shared(limit, present), strict=True)
    return [
        WeekThere(role.key, monday, len(days), half_up(people * most, all_present * max(1, len(days))), here, part)
        for monday, days, people, here, part in rows
    ], full - seconds


def days_at_work(role: Role, policy: Policy) -> int:
    """Person-days of a role at work in a year, in thousandths: its people, its weeks, the firm's days of a week."""
    return role.people_milli * role.weeks_milli * usual_days(policy) // 1000


def usual_days(policy: Policy) -> int:
    """Days of the firm's usual week."""
    return sum(1 for _, blocks in policy.opening.weekly if blocks) or OFFICE_DAYS


def _present(role: Role, day: date, absences: Sequence[Absence]) -> int:
    away = sum(item.people_milli for item in absences if item.first <= day <= item.last)
    return max(0, role.people_milli - away)


def _week(monday: date) -> list[date]:
    return [monday + timedelta(days=step) for step in range(7)]


def _check(absences: Sequence[Absence], policy: Policy) -> None:
    known = {role.key for role in policy.roles}
    mistakes = [
        mistake("capacity_absence_role", **not_among(item.role, sorted(known)))
        for item in absences
        if item.role not in known
    ]
    mistakes += [
        mistake("capacity_absence_reversed", first_on=item.first, last_on=item.last)
        for item in absences
        if item.last < item.first
    ]
    if mistakes:
        raise Refused(mistakes)


def read_absences(lines: Sequence[str], policy: Policy, file: str) -> tuple[Absence, ...]:
    """A list of known absences as CSV: role;first_on;last_on;people (1 where it is left empty).

    Raises Refused with every line that cannot be used.
    """
    mark = ";" if lines and ";" in lines[0] else ","
    rows = csv.DictReader(lines, delimiter=mark)
    if any(name not in (rows.fieldnames or ()) for name in COLUMNS[:3]):
        raise Refused([mistake("capacity_absence_columns", Place(file=file, line=1), known=mark.join(COLUMNS))])
    mistakes: list[Finding] = []
    found: list[Absence] = []
    for row in rows:
        try:
            item = _absence(row)
            _check([item], policy)
            found.append(item)
        except Refused as refused:
            mistakes += [replace(each, where=Place(file=file, line=rows.line_num)) for each in refused.findings]
    if mistakes:
        raise Refused(mistakes)
    return tuple(found)


def _absence(row: dict[str, str | None]) -> Absence:
    role, first, last, people = (str(row.get(name) or "").strip() for name in COLUMNS)
    try:
        return Absence(role, _day(first), _day(last), values.milli(people or 1))
    except ValueError as error:
        raise Refused([mistake("capacity_absence_people", text=people)]) from error


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Refused([mistake("worktime_bad_date", day=written)]) from error
