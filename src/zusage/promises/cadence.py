"""A promise of so many deliveries a year comes in, with the day it counts from; the days it is due go out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

from zusage.ground.money import half_up
from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy, Promise, Service

DAYS_OF_FOUR_YEARS = 1461
EACH = ("guaranteed",)
"""Modes of deliveries that are planned one by one, from each customer's day."""


def due_days(
    policy: Policy, calendar: Calendar, promise: Promise, start: date, first: date, last: date
) -> Iterator[date]:
    """The working days from `first` to `last` on which deliveries are due, counted from `start` (which is not one)."""
    return (day for _, day in planned_days(policy, calendar, promise, start, first, last))


def planned_days(
    policy: Policy, calendar: Calendar, promise: Promise, start: date, first: date, last: date
) -> Iterator[tuple[date, date]]:
    """The same, each with the day it was planned for before seasons and closed days moved it: planned, due."""
    service = policy.service(promise.service)
    if promise.per_year_milli <= 0:
        return
    # seasons move a day by less than a year, so it is enough to begin one year early
    begin = max(
        1, (first - start).days * promise.per_year_milli * 4 // (DAYS_OF_FOUR_YEARS * 1000) - _of_a_year(promise)
    )
    for number in count(begin):
        planned = step(start, promise.per_year_milli, number)
        if planned > last:
            return
        day = in_season(service, calendar, planned)
        if first <= day <= last:
            yield planned, day


def next_of_unit(
    policy: Policy, calendar: Calendar, promise: Promise, *, since: date | None, today: date
) -> date | None:
    """The next day a delivery of one unit is due, as `touchpoints.falling_due` plans it; None for what has no days."""
    if promise.mode not in EACH or promise.per_year_milli <= 0:
        return None
    start = since or policy.valid_from or date(today.year, 1, 1)
    last = date(today.year + 2 + 1000 // promise.per_year_milli, 12, 31)
    return next(due_days(policy, calendar, promise, start, today, last), None)


def _of_a_year(promise: Promise) -> int:
    return promise.per_year_milli // 1000 + 2


def step(start: date, per_year_milli: int, number: int) -> date:
    """The day `number` intervals after a start: in whole months where they fit, else in days of a mean year.

    >>> step(date(2026, 1, 31), 4000, 1), step(date(2026, 1, 31), 500, 1)
    (datetime.date(2026, 4, 30), datetime.date(2028, 1, 31))
    """
    if 12_000 % per_year_milli:
        return start + timedelta(half_up(number * DAYS_OF_FOUR_YEARS * 250, per_year_milli))
    months = start.year * 12 + start.month - 1 + number * 12_000 // per_year_milli
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def in_season(service: Service, calendar: Calendar, day: date) -> date:
    """The day moved on into the months the service prefers and out of those it avoids, then to a working day."""
    for _ in range(12):
        if wanted_month(service, day.month):
            break
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return calendar.nth_day(day, 1)


def wanted_month(service: Service, month: int) -> bool:
    """Whether a delivery may be planned in a month: one of those the service prefers, else none of those it avoids."""
    return month in service.prefer_months if service.prefer_months else month not in service.avoid_months
