"""Logged work of whole years comes in, how much more or less customers ask in each month goes out.

A season is believed as far as it was seen: to the contacts of the log so many are added that know no season. Each role
has its own: when appointments fill the calendar says nothing of when the telephone rings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw

from zusage import engine
from zusage.cost.periods import Periods
from zusage.cost.work import recognised_work
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of

YEAR = timedelta(days=365)
BELIEVED = 100
"""Contacts without a season that are added to those of the log, in the proportion of working days. An assumption: of
a hundred contacts a year a month has eight or nine, and differs by three from chance alone."""


@dataclass(frozen=True)
class Season:
    """Contacts of a working day in each month, January first, in permille of the year's mean: by cause and role."""

    asked: Mapping[str, tuple[int, ...]]
    duty: Mapping[str, tuple[int, ...]]

    def weights(self, role: str, source: str, weeks: Sequence[Sequence[date]]) -> list[int]:
        """What each week weighs for a role's work of a source; work nobody could be found for comes as asked work
        does."""
        months = (self.duty if source == "duty" else self.asked)[role]
        return [sum(months[day.month - 1] for day in days) for days in weeks]


def season_of(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Season | None:
    """The season of a book's log; None where no log covers a whole year up to the day of the run."""
    spans = {row["log"]: (row["first_on"], min(row["last_on"], periods.as_of)) for row in engine.rows(tables["logs"])}
    whole = {log: span for log, span in spans.items() if _years(*span, periods)}
    if not whole:
        return None
    years = min(_years(*span, periods) for span in whole.values())
    end = min(last for _, last in whole.values())
    first = end - YEAR * years + timedelta(days=1)
    seen = _contacts(tables, policy, periods, first, end, list(whole))
    open_in = _working_days(policy, first, end)
    keys = [role.key for role in policy.roles]
    asked, duty = (
        {role: _months(seen.get((role, cause), {}), open_in) for role in keys} for cause in ("asked", "duty")
    )
    return Season(asked, duty)


def _years(first: date, last: date, periods: Periods) -> int:
    return max(0, (last - max(first, periods.work_from)).days + 1) // YEAR.days


def _contacts(
    tables: Mapping[str, Frame], policy: Policy, periods: Periods, first: date, last: date, logs: list[str]
) -> dict[tuple[str, str], dict[int, int]]:
    """Logged contacts by role, cause and month."""
    kinds = {item.key: (item.role, str(item.cause)) for item in policy.activities}
    inside = (nw.col("done_on") >= first) & (nw.col("done_on") <= last) & nw.col("log").is_in(logs)
    counted = (
        recognised_work(tables["work"].filter(inside), policy, periods)
        .with_columns(nw.col("done_on").dt.month().cast(nw.Int64).alias("month"))
        .group_by("activity", "month")
        .agg(nw.len().cast(nw.Int64).alias("rows"))
    )
    found: dict[tuple[str, str], dict[int, int]] = {}
    for row in engine.rows(counted):
        months = found.setdefault(kinds.get(row["activity"], ("", "")), {})
        months[row["month"]] = months.get(row["month"], 0) + row["rows"]
    return found


def _working_days(policy: Policy, first: date, last: date) -> dict[int, int]:
    calendar = calendar_of(policy)
    found = dict.fromkeys(range(1, 13), 0)
    for step in range((last - first).days + 1):
        day = first + timedelta(days=step)
        found[day.month] += bool(calendar.day_periods(day))
    return found


def _months(seen: Mapping[int, int], open_in: Mapping[int, int]) -> tuple[int, ...]:
    contacts, days = sum(seen.values()) + BELIEVED, sum(open_in.values()) or 1
    return tuple(
        half_up(1000 * (seen.get(month, 0) * days + BELIEVED * open_in[month]), contacts * open_in[month])
        if open_in[month]
        else 1000
        for month in range(1, 13)
    )
