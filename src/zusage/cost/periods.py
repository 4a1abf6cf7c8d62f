"""Which days count: a policy, a day and what the book covers come in, the windows of money and work go out."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw

from zusage import engine
from zusage.engine import Frame
from zusage.policy.document import Policy


@dataclass(frozen=True)
class Periods:
    """Windows of days, both ends included. What lies outside was not observed; it is not taken as nothing."""

    as_of: date
    money_from: date
    money_to: date
    covered_months: int  # of the money window: months with statements, from the first one on
    statements_from: date | None  # first day any money was booked
    log_days: Mapping[str, int]  # days each log covers within the work window
    work_from: date
    year_days_milli: int  # days of a year of the work window, so that a log that covers it counts as whole years
    customers: int  # present ones
    later_rows: int  # of money and work, after the day of the run: not counted
    first_hour: bool  # neither logs nor expected contacts: only the first-hour estimate is possible


def shift_months(day: date, months: int) -> date:
    """The same day so many months later (earlier if negative), or the last of a shorter month.

    >>> shift_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the last whole month up to a day: the day itself if it closes its month."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day if day.day == last else day.replace(day=1) - timedelta(days=1)


def months_between(first: date, last: date) -> int:
    """Calendar months that have at least a day from first to last, both included."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def find_periods(
    tables: Mapping[str, Frame], policy: Policy, as_of: date | None, not_after: date | None = None
) -> Periods:
    """The windows for a book on a day. Without a day: the last one on which the book holds money or work.

    `not_after` keeps a mistyped year from becoming that day: rows beyond it are not looked at for it. It is the day
    of a book that holds neither.
    """
    latest = as_of or not_after or date.max
    money, work, logs, customers = engine.collect_all(
        [
            _span(tables["yields"], "booked_on", latest),
            _span(tables["work"], "done_on", latest),
            tables["logs"],
            tables["customers"].filter(~nw.col("former").fill_null(value=False)).select(nw.len().alias("rows")),
        ]
    )
    spans = {row["log"]: (row["first_on"], row["last_on"]) for row in engine.rows(logs)}
    first_work, last_work = work["first"].item(), work["last"].item()
    if not spans and first_work is not None:
        spans = {"times": (first_work, last_work)}
    first_booked = money["first"].item()
    day = as_of or max(
        (item for item in (money["last"].item(), last_work) if item), default=not_after or date(2000, 1, 1)
    )
    money_to = month_end(shift_months(day, -policy.yields.buffer_months))
    money_from = shift_months(money_to + timedelta(days=1), -policy.yields.look_back_months)
    covered = 0
    if first_booked is not None and first_booked <= money_to:
        covered = months_between(max(first_booked, money_from), money_to)
    work_from = shift_months(day + timedelta(days=1), -policy.yields.look_back_months)
    expected = any(item.expected_milli or item.expected_per_contract_milli for item in policy.activities)
    return Periods(
        as_of=day,
        money_from=money_from,
        money_to=money_to,
        covered_months=covered,
        statements_from=first_booked,
        log_days={log: _overlap(span, work_from, day) for log, span in sorted(spans.items())},
        work_from=work_from,
        year_days_milli=((day - work_from).days + 1) * 12_000 // policy.yields.look_back_months,
        customers=customers["rows"].item(),
        first_hour=not expected and not work["rows"].item(),
        later_rows=money["later"].item() + work["later"].item(),
    )


def _span(table: Frame, day: str, latest: date) -> Frame:
    """First and last day up to the latest, how many rows there are, and how many of them are later."""
    within = nw.col(day) <= latest
    inside = nw.when(within).then(nw.col(day))
    return table.select(
        inside.min().alias("first"),
        inside.max().alias("last"),
        nw.len().cast(nw.Int64).alias("rows"),
        (~within).cast(nw.Int64).sum().alias("later"),
    )


def _overlap(span: tuple[date, date], first: date, last: date) -> int:
    return max(0, (min(span[1], last) - max(span[0], first)).days + 1)
