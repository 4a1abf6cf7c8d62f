"""The tables of a book and a plan come in, measured times and contacts of its activities go out; and the time sample's
own reckoning, for the room that asks and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw

from zusage import engine
from zusage.capacity.sampling import (
    Seen,
    Share,
    Spent,
    each,
    longest_day,
    moments,
    needed,
    share_of,
    spent,
    working_seconds,
)
from zusage.cost.work import recognised_work
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.web.bridge.reckoning import Plan, Tables

__all__ = [
    "Contacts",
    "Measured",
    "Seen",
    "Share",
    "Spent",
    "contacts_between",
    "each",
    "longest_day",
    "measured_times",
    "moments",
    "needed",
    "share_of",
    "spent",
    "working_seconds",
]


@dataclass(frozen=True)
class Measured:
    """What the logs measured of an activity: rows with a time, the median, the mean, and nine tenths of them lie
    between `low` and `high`; seconds. A row of no seconds (a call nobody took) measures nothing."""

    rows: int
    median: int
    mean: int
    low: int
    high: int


@dataclass(frozen=True)
class Contacts:
    """Contacts by activity, and the logs they stand in."""

    logs: frozenset[str]
    by_activity: Mapping[str, int]


def measured_times(tables: Tables, plan: Plan) -> dict[str, Measured]:
    """What the logs of the plan's window measured, by activity; activities without a measured row are missing."""
    work = recognised_work(tables["work"], plan.policy, plan.periods)
    timed = work.filter(~nw.col("activity").is_null() & (nw.col("seconds").fill_null(0) > 0))
    found: dict[str, list[tuple[int, int]]] = {}
    for row in engine.rows(timed.group_by("activity", "seconds").agg(nw.len().cast(nw.Int64).alias("rows"))):
        found.setdefault(row["activity"], []).append((row["seconds"], row["rows"]))
    return {activity: _measured(sorted(times)) for activity, times in found.items()}


def _measured(times: list[tuple[int, int]]) -> Measured:
    rows = sum(count for _, count in times)

    def at(permille: int) -> int:
        """The least time that so many of the rows do not exceed."""
        passed = 0
        for seconds, count in times:
            passed += count
            if passed * 1000 >= rows * permille:
                return seconds
        return times[-1][0]

    mean = half_up(sum(seconds * count for seconds, count in times), rows)
    return Measured(rows, at(500), mean, at(50), at(950))


def contacts_between(tables: Tables, plan: Plan, first_on: date, last_on: date) -> Contacts:
    """Logged contacts with customers on some days, both included; of logs that cover all of these days only."""
    logs = _covering(tables["logs"], first_on, last_on)
    days = replace(plan.periods, work_from=first_on, as_of=last_on)
    rows = recognised_work(tables["work"].filter(nw.col("log").is_in(sorted(logs))), plan.policy, days)
    known = rows.filter(~nw.col("activity").is_null())
    counts = known.group_by("activity").agg(nw.len().cast(nw.Int64).alias("rows"))
    return Contacts(logs, {row["activity"]: row["rows"] for row in engine.rows(counts)})


def _covering(logs: Frame, first_on: date, last_on: date) -> frozenset[str]:
    """The logs that were kept on each of the days, by one file or several together."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for row in engine.rows(logs):
        spans.setdefault(row["log"], []).append((row["first_on"], row["last_on"]))
    return frozenset(log for log, covered in spans.items() if _covers(covered, first_on, last_on))


def _covers(spans: Iterable[tuple[date, date]], first_on: date, last_on: date) -> bool:
    reached = first_on
    for begin, end in sorted(spans):
        if begin <= reached <= end:
            reached = end + timedelta(1)
    return reached > last_on
